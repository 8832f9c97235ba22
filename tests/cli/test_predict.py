"""`predict`: how the words of a command line become inputs. What is answered is tested with `training.opened`."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import catalog
from workbench.cli.predict import one_sequence


@pytest.mark.parametrize(
    ("data", "words", "inputs"),
    [
        ("echo", "0 1 1 0", ["0 1 1 0"]),
        ("echo", "0110 1001", ["0110", "1001"]),
        ("echo", "1", ["1"]),
        ("echo", "test:1 test:2", ["test:1", "test:2"]),
        ("mackey_glass", "0.1 -.2 3e-1", ["0.1 -.2 3e-1"]),
        ("adding", "0.3 0.8* 0.1 0.5*", ["0.3 0.8* 0.1 0.5*"]),
        ("reversal", "cat dog", ["cat", "dog"]),
    ],
)
def test_bare_numbers_are_the_steps_of_one_sequence(data: str, words: str, inputs: list[str]) -> None:
    """A sequence that was typed without quotes stays one; several inputs stay several."""
    card: Any = catalog.datasets()[data]
    assert one_sequence(card.open(card.Config()), words.split()) == inputs
