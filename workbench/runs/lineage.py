"""Where a run comes from: the run and step that it was forked from, what was changed then, and the rows up to there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.schema import connect_writable, transaction, translate
from workbench.runs.summary import RunSummary

__all__ = ["Parent", "copy_rows", "family_tree"]


@dataclass(frozen=True)
class Parent:
    """What a run begins with.

    Attributes:
        run: id of the run.
        step: steps that it had done.
        changes: "table.key" -> value, what is different from there on.
        weights_only: whether the weights alone were taken over, and everything else begins anew at step 0.
    """

    run: str
    step: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    weights_only: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As it stands in meta `parent`."""
        return {"run": self.run, "step": self.step, "changes": dict(self.changes), "weights_only": self.weights_only}


def copy_rows(parent: RunFolder, child: RunFolder, step: int) -> None:
    """Give a new run the series of its parent up to a step, and its place there: the curve goes on where it was left.

    Args:
        parent: where the rows come from; it may go on meanwhile.
        child: a new run in which nothing was written yet.
        step: the last step that is taken over.
    Raises:
        StoreError: one of them cannot be read or written.
    """
    with RunReader(parent) as reader:
        series = {tag: reader.scalars(tag) for tag in reader.tags() if not tag.startswith(("test/", "test_best/"))}
        steps, seconds, samples = reader.timing()
    connection = connect_writable(child.database_path)
    try:
        with translate(child.database_path), transaction(connection):
            for number, (tag, (at, values)) in enumerate(series.items(), 1):
                rows = [
                    (number, int(one), None if math.isnan(value) else float(value))
                    for one, value in zip(at, values, strict=True)
                    if one <= step
                ]
                if rows:
                    connection.execute("INSERT INTO tags VALUES (?, ?)", (number, tag))
                    connection.executemany("INSERT INTO scalars VALUES (?, ?, ?)", rows)
            timing = [row for row in zip(steps.tolist(), seconds.tolist(), samples.tolist(), strict=True) if row[0] <= step]
            connection.executemany("INSERT INTO steps VALUES (?, ?, ?)", timing)
            connection.execute("UPDATE status SET step = ?", (step,))
    finally:
        connection.close()


def family_tree(runs: Sequence[RunSummary]) -> list[tuple[RunSummary, int]]:
    """Runs with each below the one that it comes from, and how many of its ancestors are among them.

    Siblings keep the order of `runs`. A run whose parent is not among them stands at the edge, and so does the first of those
    that name each other in a circle, which only a damaged database can say.
    """
    known = {run.id for run in runs}
    children: dict[str, list[RunSummary]] = {}
    for run in runs:
        children.setdefault(run.parent.get("run", ""), []).append(run)
    edge = [run for run in runs if run.parent.get("run", "") not in known]
    told: dict[str, tuple[RunSummary, int]] = {}
    for start in (*edge, *runs):
        waiting = [(start, 0)]
        while waiting:
            run, depth = waiting.pop()
            if run.id not in told:
                told[run.id] = run, depth
                waiting += [(child, depth + 1) for child in reversed(children.get(run.id, ()))]
    return list(told.values())
