"""The columns of the table of runs: what each says of a run, and of a group that is folded into one row."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.cards.catalog import lower_is_better
from workbench.runs.groups import RunGroup
from workbench.runs.summary import RunSummary
from workbench.saying import age, clock, exact

__all__ = ["COLUMNS", "Column", "Row", "row_id"]

_GROUP = "group/"
"""Before the key of a group, where rows are known by ids; no folder has such a name."""

Row: TypeAlias = RunSummary | RunGroup
"""A run, or a group of which the runs are folded into one row."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: its name in code and for sorting.
        title: its heading.
        text: what the cell of a run says.
        sort: what runs are ordered by.
        group: what the cell of a group says.
        group_sort: what groups are ordered by, among runs.
        rank: how long it is kept where there is little room.
        right: whether numbers end at the right edge.
    """

    key: str
    title: str
    text: Callable[[RunSummary], str]
    sort: Callable[[RunSummary], Any]
    group: Callable[[RunGroup], str]
    group_sort: Callable[[RunGroup], Any]
    rank: int
    right: bool = False

    def says(self, row: Row) -> str:
        """What a cell says."""
        return self.group(row) if isinstance(row, RunGroup) else self.text(row)

    def place(self, row: Row) -> Any:
        """What rows are ordered by."""
        return self.group_sort(row) if isinstance(row, RunGroup) else self.sort(row)


def _steps(step: int, total: int) -> str:
    return f"{step:,}" + (f" {100 * step // max(1, total)}%" if total else "")


def _metric(run: RunSummary) -> str:
    """Tag and value; of a test score which weights it is of (`both` where these score the same), of others which value it is."""
    if run.value is None:
        return ""
    split, _, metric = run.metric.partition("/")
    which = {"test": "last", "test_best": "best", "validation": "lowest" if lower_is_better(metric) else "highest"}.get(split, "")
    if split == "test" and run.values.get(f"test_best/{metric}") == run.value:
        which = "both"
    return " ".join(filter(None, (run.metric, exact(run.value), which)))


def _spread(group: RunGroup) -> str:
    """Tag, median and range, and of how many runs where some have no value."""
    spread = group.headline
    if not spread.count:
        return ""
    words = f"{group.metric} {exact(spread.median)} [{exact(spread.low)} .. {exact(spread.high)}]"
    return f"{words} {spread.count} of {len(group.runs)}" if spread.missing else words


def _median(group: RunGroup) -> tuple[bool, str, float]:
    spread = group.headline
    return not spread.count, group.metric, spread.median if spread.count else 0.0


def _same(group: RunGroup, value: Callable[[RunSummary], str]) -> str:
    """What all runs of a group have; "" where they do not agree."""
    values = {value(run) for run in group.runs}
    return values.pop() if len(values) == 1 else ""


def _share(group: RunGroup) -> float:
    return sum(run.step for run in group.runs) / max(1, sum(run.total for run in group.runs))


def _newest(group: RunGroup) -> float:
    return max(run.created for run in group.runs)


def _tags(group: RunGroup) -> tuple[str, ...]:
    """Those that all runs of it have."""
    return tuple(tag for tag in group.runs[0].tags if all(tag in run.tags for run in group.runs))


def _by_text(text: Callable[[RunSummary], str]) -> tuple[Any, Any, Any, Any]:
    """The functions of a column of words: what all runs of a group agree on."""
    return text, text, lambda group: _same(group, text), lambda group: _same(group, text)


COLUMNS: tuple[Column, ...] = (
    Column(
        "state",
        "state",
        lambda run: run.standing,
        lambda run: (run.state, run.place),
        lambda group: group.state_words,
        lambda group: (next(iter(group.states)), 0),
        10,
    ),
    Column(
        "name",
        "name",
        lambda run: run.label,
        lambda run: run.label.lower(),
        lambda group: f"{group.name} ({len(group.runs)} runs)",
        lambda group: group.name.lower(),
        11,
    ),
    Column(
        "differs",
        "differs in",
        lambda run: run.differs,
        lambda run: run.differs,
        lambda group: group.differs,
        lambda group: group.differs,
        7,
    ),
    Column("architecture", "architecture", *_by_text(lambda run: run.architecture), 5),
    Column("dataset", "dataset", *_by_text(lambda run: run.dataset), 4),
    Column(
        "steps",
        "steps",
        lambda run: _steps(run.step, run.total),
        lambda run: run.step / max(1, run.total),
        lambda group: f"{_share(group):.0%}",
        _share,
        8,
        right=True,
    ),
    Column(
        "metric",
        "main metric",
        _metric,
        lambda run: (run.value is None, run.metric, run.value or 0.0),
        _spread,
        _median,
        9,
    ),
    Column(
        "age",
        "age",
        lambda run: age(time.time() - run.created),
        lambda run: -run.created,
        lambda group: age(time.time() - _newest(group)),
        lambda group: -_newest(group),
        6,
        right=True,
    ),
    Column(
        "time",
        "time",
        lambda run: clock(run.seconds),
        lambda run: run.seconds,
        lambda group: clock(sum(run.seconds for run in group.runs)),
        lambda group: sum(run.seconds for run in group.runs),
        1,
        right=True,
    ),
    Column(
        "from",
        "from",
        lambda run: run.origin,
        lambda run: -run.created,
        lambda group: _same(group, lambda run: run.origin),
        lambda group: -_newest(group),
        3,
    ),
    Column("tags", "tags", lambda run: " ".join(run.tags), lambda run: run.tags, lambda group: " ".join(_tags(group)), _tags, 2),
)
"""All columns, in the order in which they stand and are sorted by. By `from`, runs stand as a tree, each below its parent."""


def row_id(row: Row) -> str:
    """By what a row is known: a run's id, or a group's key, which no run has as its id."""
    return f"{_GROUP}{row.key}" if isinstance(row, RunGroup) else row.id
