"""The live changes of a run: which were made, in which order they take force, and which no longer count.

A run that went back (after a kill, or after a value that was not finite) takes the same steps again, and the changes that were
made on the way take force again at their steps. A change that is made later, but at an earlier or the same step, replaces those
of the same setting: they belong to a way that the run has left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.runs.differences import same
from workbench.runs.records import Event

__all__ = ["Change", "LiveChanges"]


@dataclass(frozen=True)
class Change:
    """Settings changed while a run went on.

    Attributes:
        step: steps done when it was made; it holds from the next step on.
        values: "table.key" -> value, all that was changed.
        superseded: those keys of it that a later change has replaced.
        id: the event that tells of it, 0 when it is known from elsewhere.
    """

    step: int
    values: Mapping[str, Any]
    superseded: frozenset[str] = field(default=frozenset())
    id: int = 0

    @property
    def in_force(self) -> dict[str, Any]:
        """What of it still counts at its step."""
        return {key: value for key, value in self.values.items() if key not in self.superseded}


class LiveChanges:
    """The one list of a run's live changes, with a place in it: what lies before the place has taken force.

    Args:
        changes: (steps done, "table.key" -> value), in the order in which they were made.
    """

    def __init__(self, changes: Iterable[tuple[int, Mapping[str, Any]]] = ()) -> None:
        self._made: list[Change] = []
        self._taken = 0
        for step, values in changes:
            self._add(Change(step, dict(values)))

    @classmethod
    def of(cls, events: Iterable[Event]) -> LiveChanges:
        """The list as a run's events tell it."""
        changes = cls()
        for event in sorted(events, key=lambda event: event.id):
            if event.kind == "changed":
                changes._add(Change(event.step, dict(event.data), id=event.id))
        return changes

    def all(self) -> list[Change]:
        """Every change, by step; of one step in the order in which they were made. Superseded ones say so."""
        return list(self._made)

    def until(self, step: int) -> dict[str, Any]:
        """What differs from the settings of the start once `step` steps are done."""
        values: dict[str, Any] = {}
        for change in self._made:
            if change.step <= step:
                values.update(change.in_force)
        return values

    def effective(self, settings: Mapping[str, Any], step: int) -> list[dict[str, Any]]:
        """Changes up to `step` that left a setting with another value than it had: {"step": steps done, "values": what is new}.

        Args:
            settings: those of the start, "table.key" -> value.
            step: steps done.
        """
        now, told = dict(settings), []
        for change in self._made:
            new = {name: value for name, value in change.in_force.items() if name not in now or same(now[name]) != same(value)}
            if new and change.step <= step:
                told.append({"step": change.step, "values": new})
                now.update(new)
        return told

    def note(self, step: int, values: Mapping[str, Any]) -> None:
        """A change has been made and is in force."""
        self._add(Change(step, dict(values)))
        self._taken = sum(change.step <= step for change in self._made)

    def go_to(self, step: int) -> None:
        """The run stands after `step` steps: those made there or later are to take force again."""
        self._taken = sum(change.step < step for change in self._made)

    def renew(self, other: LiveChanges, step: int) -> None:
        """Take over another list, for a run that stands after `step` steps."""
        self._made = other.all()
        self.go_to(step)

    def take(self, step: int) -> dict[str, Any]:
        """What takes force now that `step` steps are done, each change once."""
        values: dict[str, Any] = {}
        while self._taken < len(self._made) and self._made[self._taken].step <= step:
            values.update(self._made[self._taken].in_force)
            self._taken += 1
        return values

    def _add(self, new: Change) -> None:
        """Put it where it belongs; what it replaces is marked."""
        marked = [
            Change(old.step, old.values, old.superseded | (old.values.keys() & new.values.keys()), old.id)
            if old.step >= new.step
            else old
            for old in self._made
        ]
        place = sum(old.step <= new.step for old in marked)
        self._made = [*marked[:place], new, *marked[place:]]
