"""How long a run will still take."""

from __future__ import annotations

import time
from typing import Any

import pytest

from workbench.runs.time_left import Ending

META: dict[str, Any] = {"finish_seconds": 5.0, "evaluation_seconds": 2.0, "experiment": {"training": {"eval_every": 10}}}


def test_what_is_measured_during_and_after_the_steps_counts() -> None:
    """Ten steps at two a second, an evaluation at step 20 where the rate leaves evaluations out, and the end."""
    assert Ending().left(15, 25, 2.0, META, evaluations=True) == 5 + 2 + 5
    assert Ending().left(15, 25, 2.0, META, evaluations=False) == 5 + 5
    assert Ending().left(15, 25, None, META, evaluations=True) is None
    assert Ending().left(15, 25, 2.0, {}, evaluations=True) == 5


def test_after_the_last_step_the_time_runs_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anew where an evaluation says better; unknown, and not 0, once it takes longer than was expected."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ending = Ending()
    assert ending.left(25, 25, 2.0, META, evaluations=True) == 5
    now[0] += 3
    assert ending.left(25, 25, 2.0, META, evaluations=True) == 2
    assert ending.left(25, 25, 2.0, {**META, "finish_seconds": 4.0}, evaluations=True) == 4
    now[0] += 4
    assert ending.left(25, 25, 2.0, {**META, "finish_seconds": 4.0}, evaluations=True) is None
    assert Ending().left(25, 25, 2.0, {}, evaluations=True) is None


@pytest.mark.parametrize(
    "meta",
    [{"finish_seconds": "x", "experiment": 3}, {"finish_seconds": float("nan"), "experiment": {"training": {"eval_every": "x"}}}],
)
def test_a_damaged_note_is_no_note(meta: dict[str, Any]) -> None:
    """Whatever stands there."""
    assert Ending().left(15, 25, 2.0, meta, evaluations=True) == 5
