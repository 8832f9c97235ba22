"""Which runs the table shows, in which order, and which of them are marked. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """

    runs: list[RunSummary] = field(default_factory=list)
    query: str = ""
    marked: set[str] = field(default_factory=set)
    sort: str = "age"
    reverse: bool = False

    def take(self, runs: list[RunSummary]) -> None:
        """The runs folder has been read; marks of runs that are gone, or no longer match, go."""
        self.runs = runs
        self.marked &= {run.id for run in runs}

    def run(self, run_id: str | None) -> RunSummary | None:
        """The run with this id, if it is shown."""
        return next((run for run in self.runs if run.id == run_id), None)

    def chosen(self, current: RunSummary | None) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        if self.marked:
            return [run for run in self.runs if run.id in self.marked]
        return [current] if current else []

    def together(self, current: RunSummary | None) -> list[RunSummary]:
        """What is opened: several marked runs, with the one under the cursor first if it is one of them, else that one."""
        marked = self.chosen(None)
        if len(marked) < 2:  # noqa: PLR2004 - a single mark opens nothing else than what one points at
            return [current] if current else []
        return sorted(marked, key=lambda run: run is not current)

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
