"""Which runs the table shows, in which order, and which of them are marked. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.runs.groups import RunGroup
    from workbench.runs.summary import RunSummary

__all__ = ["RunsView"]


@dataclass
class RunsView:
    """What is shown of the runs folder.

    Attributes:
        runs: the runs that match the filter.
        query: the filter, or "".
        marked: ids of runs that are marked, for what is done to several.
        sort: the column that rows are sorted by.
        reverse: the other way round.
        is_folded: whether runs that differ in nothing but the seed are one row.
        groups: the runs in groups, where they are folded.
        opened: keys of groups whose members are shown below them.
    """

    runs: list[RunSummary] = field(default_factory=list)
    query: str = ""
    marked: set[str] = field(default_factory=set)
    sort: str = "age"
    reverse: bool = False
    is_folded: bool = False
    groups: list[RunGroup] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def take(self, runs: list[RunSummary], groups: Sequence[RunGroup] | None = None) -> None:
        """The runs folder has been read; marks of runs that are gone, or no longer match, go.

        Args:
            runs: those that match the filter.
            groups: they in groups, where they are folded; None where they are not.
        """
        self.runs, self.groups, self.is_folded = runs, list(groups or ()), groups is not None
        self.marked &= {run.id for run in runs}

    def run(self, run_id: str | None) -> RunSummary | None:
        """The run with this id, if it is shown."""
        return next((run for run in self.runs if run.id == run_id), None)

    def group(self, key: str | None) -> RunGroup | None:
        """The group with this key, if it is shown."""
        return next((group for group in self.groups if group.key == key), None)

    def home(self, run: RunSummary) -> RunGroup | None:
        """The group that a run is folded into; None for one that stands alone."""
        return next((group for group in self.groups if len(group.runs) > 1 and run in group.runs), None)

    def turn_marks(self, runs: Sequence[RunSummary]) -> None:
        """Mark the runs; where all of them are marked, take the marks away."""
        ids = {run.id for run in runs}
        self.marked = self.marked - ids if ids <= self.marked else self.marked | ids

    def chosen(self, current: Sequence[RunSummary]) -> list[RunSummary]:
        """The marked runs, or what is under the cursor: a run, or the runs of a group."""
        if self.marked:
            return [run for run in self.runs if run.id in self.marked]
        return list(current)

    def together(self, current: Sequence[RunSummary]) -> list[RunSummary]:
        """What is opened: several marked runs, with what is under the cursor first if it is among them, else that alone."""
        marked = self.chosen(())
        if len(marked) < 2:  # noqa: PLR2004 - a single mark opens nothing else than what one points at
            return list(current)
        return sorted(marked, key=lambda run: run not in current)

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the one in use, the other way round."""
        if column == self.sort:
            self.reverse = not self.reverse
        else:
            self.sort, self.reverse = column, False

    def sort_by_next(self, columns: Sequence[str]) -> None:
        """Sort by the column after the one in use."""
        after = columns.index(self.sort) + 1 if self.sort in columns else 0
        self.sort, self.reverse = columns[after % len(columns)], False
