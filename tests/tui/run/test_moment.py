"""The moment that panels and charts show: apart from widgets."""

from __future__ import annotations

import pytest

from workbench.runs.records import ProbeKind
from workbench.tui.run.moment import Moment, moments_of

STEPS = (10, 20, 40)


@pytest.mark.parametrize(
    ("step", "by", "then"),
    [
        (None, -1, 20),  # live shows 40 already
        (None, 1, None),
        (20, -1, 10),
        (10, -1, 10),
        (20, 1, 40),
        (40, 1, None),
        (25, -1, 20),  # between two: the nearest one in that direction
        (25, 1, 40),
        (5, -1, 10),
        (99, -1, 40),
        (99, 1, None),
    ],
)
def test_it_moves_along_the_snapshots(step: int | None, by: int, then: int | None) -> None:
    """From one to the next; behind the last one it is live, before the first one it stays."""
    assert Moment(step, sample=3).moved(STEPS, by) == Moment(then, sample=3)


def test_without_snapshots_it_stays() -> None:
    """There is nowhere to go."""
    assert Moment().moved((), -1) == Moment()
    assert Moment().step_of(()) is None


def test_a_kind_shows_what_was_taken_last_until_then() -> None:
    """A kind that is taken more rarely shows its last one up to the moment, or its first one."""
    assert [Moment(step).step_of(STEPS) for step in (None, 5, 10, 39, 40, 999)] == [40, 10, 10, 20, 40, 40]


def test_all_kinds_have_one_list_of_moments() -> None:
    """Each step once, in order."""
    kinds = [ProbeKind((10, 40), {}), ProbeKind((20, 40), {})]
    assert moments_of(kinds) == STEPS
    assert moments_of([]) == ()
