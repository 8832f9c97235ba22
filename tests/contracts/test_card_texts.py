"""What every architecture's card says of itself, and which tasks it refuses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.contracts.pairs import PAIRS, REFUSED, TASKS, small_config
from workbench.cards import catalog


def test_the_cards_are_found_without_torch() -> None:
    """Listing the architectures does not import torch."""
    code = "import sys; from workbench.cards import catalog; catalog.architectures(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("name", "task"), REFUSED)
def test_a_refusal_says_why_and_what_to_choose(name: str, task: str) -> None:
    """A pair that is not possible is refused in sentences, of which the last says what to do."""
    reason = catalog.refusal(catalog.architectures()[name], small_config(catalog.architectures()[name]), TASKS[task])
    assert reason is not None
    assert reason.endswith(".")
    assert any(word in reason.lower() for word in ("choose", "set ", "architectures for", "use "))


@pytest.mark.parametrize("task", TASKS)
def test_some_architecture_takes_every_task(task: str) -> None:
    """No kind of task is left without an architecture."""
    assert any(pair[1] == task for pair in PAIRS)
