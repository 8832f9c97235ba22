"""`predict`: how the words of a command line become inputs. What is answered is tested with `training.inference`."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.cards import catalog
from workbench.cli.commands.predict import asked_decoding, one_sequence
from workbench.errors import UsageError
from workbench.training.decodings import Decoding


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


def test_options_say_how_symbols_are_chosen() -> None:
    """None of them leaves it to the model."""
    assert asked_decoding(None, None, greedy=False) is None
    assert asked_decoding(0.5, None, greedy=False) == Decoding(temperature=0.5)
    assert asked_decoding(None, 4, greedy=False) == Decoding(beam=4)
    assert asked_decoding(None, None, greedy=True) == Decoding()
    assert asked_decoding(0.5, None, 3, greedy=False) == Decoding(temperature=0.5, top_k=3)


@pytest.mark.parametrize(
    ("top_k", "greedy", "expected"),
    [
        (3, False, "--top-k: got 3 and no temperature; expected both"),
        (3, True, "predict: got --greedy and --top-k 3; expected one of them"),
    ],
)
def test_the_likeliest_alone_are_drawn_at_a_temperature(*, top_k: int, greedy: bool, expected: str) -> None:
    """The line names the option as it is typed."""
    with pytest.raises(UsageError) as caught:
        asked_decoding(None, None, top_k, greedy=greedy)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("temperature", "beam", "greedy", "expected"),
    [
        (0.0, None, False, "--temperature: got 0; expected a finite number of at least 0.001"),
        (None, 0, False, "--beam: got 0; expected at least 1"),
        (0.5, 3, False, "--beam: got 3 with temperature 0.5; expected one of the two"),
        (0.5, None, True, "predict: got --greedy and --temperature 0.5; expected one of them"),
        (None, 3, True, "predict: got --greedy and --beam 3; expected one of them"),
    ],
)
def test_options_that_exclude_each_other_are_wrong_usage(
    *, temperature: float | None, beam: int | None, greedy: bool, expected: str
) -> None:
    """The line names the option."""
    with pytest.raises(UsageError) as caught:
        asked_decoding(temperature, beam, greedy=greedy)
    assert str(caught.value).startswith(expected)
