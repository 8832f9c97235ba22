"""The list of live changes: ordered by step, one rule for what is replaced."""

from __future__ import annotations

from workbench.runs.changes import LiveChanges
from workbench.runs.records import Event


def changed(number: int, step: int, **values: object) -> Event:
    """An event as run.db has it."""
    return Event(number, step, 0.0, "changed", "", {key.replace("__", "."): value for key, value in values.items()})


def test_changes_are_ordered_by_step_and_then_by_event() -> None:
    """A change made later at an earlier step comes first; two of one step keep their order."""
    found = LiveChanges.of([changed(3, 5, a=3), changed(1, 9, b=1), changed(2, 5, c=2), Event(4, 1, 0.0, "notice", "")])
    assert [(change.step, change.id) for change in found.all()] == [(5, 2), (5, 3), (9, 1)]


def test_a_change_made_at_an_earlier_step_replaces_those_of_its_settings() -> None:
    """After going back, the same setting changed anew at an earlier or the same step counts; other settings keep theirs."""
    found = LiveChanges.of([changed(1, 4, a=1), changed(2, 8, a=2, b=2), changed(3, 6, a=3), changed(4, 9, a=4)])
    assert [(change.step, change.in_force) for change in found.all()] == [
        (4, {"a": 1}),
        (6, {"a": 3}),
        (8, {"b": 2}),
        (9, {"a": 4}),
    ]
    assert [sorted(change.superseded) for change in found.all()] == [[], [], ["a"], []]
    assert found.until(8) == {"a": 3, "b": 2}


def test_each_takes_force_once_and_again_after_going_back() -> None:
    """What was made by hand is not taken again, until the run goes back to its step or before."""
    found = LiveChanges([(2, {"a": 1}), (4, {"a": 2})])
    assert [found.take(step) for step in range(6)] == [{}, {}, {"a": 1}, {}, {"a": 2}, {}]
    found.note(5, {"b": 3})
    assert found.take(5) == {}
    found.go_to(4)
    assert [found.take(step) for step in (4, 5)] == [{"a": 2}, {"b": 3}]
