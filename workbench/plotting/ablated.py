"""Scores of a model with parts switched off, beside those of the intact one: the change, and whether it is for the worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.canvas import clean
from workbench.plotting.charted import direction
from workbench.plotting.compared import PredictionSigns
from workbench.plotting.marked import beside, padded
from workbench.plotting.pictures import Sheet
from workbench.saying import exact

__all__ = ["Change", "ending", "prediction_sheet", "score_lines", "score_sheet"]

Scores = Mapping[str, float]
"""Metric -> value."""
_GAP = 2
_SHORTEST = 12
"""Columns that the name of a part always has."""


@dataclass(frozen=True)
class Change:
    """How a metric changed.

    Attributes:
        value: what it is now.
        by: by how much it is more.
        verdict: `worse`, `better` or `same`; "" where nobody can say what of the metric is better.
    """

    value: float
    by: float
    verdict: str

    @classmethod
    def of(cls, metric: str, before: float, after: float) -> Change:
        """From the value before to the one after; a value that is no number any more is worse."""
        by, better = after - before, direction(metric)
        if after == before or (math.isnan(after) and math.isnan(before)):
            return cls(after, 0.0, "same")
        if not better:
            return cls(after, by, "")
        if math.isnan(by):
            return cls(after, by, "worse" if math.isnan(after) else "better")
        return cls(after, by, "worse" if (by > 0) is better.startswith("lower") else "better")

    @property
    def harm(self) -> float:
        """By how much it is worse, less than 0 where it is better; the plain difference where that cannot be said."""
        if math.isnan(self.by):
            return math.inf if self.verdict == "worse" else -math.inf
        return -abs(self.by) if self.verdict == "better" else abs(self.by)

    @property
    def words(self) -> str:
        """The change with its sign: +0.031."""
        return "same" if self.verdict == "same" else _signed(self.by)


def score_lines(intact: Scores, off: Sequence[tuple[str, Scores]], width: int, signs: PredictionSigns) -> list[Text]:
    """A line for each metric: the intact model's value, then for each part what it is without it, the change, and the verdict.

    Args:
        intact: of the intact model.
        off: of each part that is switched off, with its name; the first one always stands there, others where there is room.
        width: columns that there are.
        signs: of the verdicts, where there is no room for words.
    """
    values = [Text(exact(value)) for value in intact.values()]
    first = [_column("metric", [Text(name) for name in intact]), _column("intact", values, right=True)]
    blocks = [_block(name, intact, scores, {}) for name, scores in off]
    if off and _needed([*first, blocks[0]]) > width:
        short = {"worse": signs.wrong, "better": signs.right}
        blocks = [_block(off[0][0], intact, off[0][1], short)]
    columns = [*first, *blocks[:1]]
    for block in blocks[1:]:
        if _needed([*columns, block]) > width:
            break
        columns.append(block)
    return beside(columns, list(map(_width, columns)), _GAP)


def _column(name: str, texts: Sequence[Text], *, right: bool = False) -> list[Text]:
    """Texts below a name, all of one width."""
    column = [Text(name, "bold"), *texts]
    wide = _width(column)
    return [padded(text, wide, right=right) for text in column]


def _block(name: str, intact: Scores, scores: Scores, verdicts: Mapping[str, str]) -> list[Text]:
    """Value, change and verdict of each metric, each below its fellow, below the name of what is off."""
    changes = [Change.of(metric, value, scores.get(metric, math.nan)) for metric, value in intact.items()]
    parts = [(exact(change.value), change.words, verdicts.get(change.verdict, change.verdict)) for change in changes]
    first, second = (max(cell_len(part[place]) for part in parts) for place in (0, 1))
    lines = [
        f"{value:>{first}} {words:>{second}} {'' if words == verdict else verdict}".rstrip() for value, words, verdict in parts
    ]
    return _column(ending(name, max(_SHORTEST, *map(cell_len, lines))), list(map(Text, lines)))


def score_sheet(title: str, intact: Scores, off: Iterable[tuple[str, Scores]]) -> Sheet:
    """All scores as a table for files: a row for each part, with value, change and verdict of each metric."""
    columns = ["switched off", *(part for metric in intact for part in (metric, f"{metric} change", f"{metric} is"))]
    rows = [["nothing", *(part for value in intact.values() for part in (exact(value), "", ""))]]
    for name, scores in off:
        changes = [Change.of(metric, value, scores.get(metric, math.nan)) for metric, value in intact.items()]
        rows.append([name, *(part for change in changes for part in (exact(change.value), _signed(change.by), change.verdict))])
    return Sheet(title, columns, rows, paths=True)


def prediction_sheet(
    title: str, intact: Sequence[Mapping[str, Any]], off: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]
) -> Sheet:
    """Predictions on the first samples as a table for files: input, target, then a column for each model."""
    columns = ["sample", "input", "target", "intact", *(f"without {name}" for name, _ in off)]
    rows = [
        [str(place + 1), *(str(item.get(key, "")) for key in ("input", "target", "predicted"))]
        + [str(items[place].get("predicted", "")) for _, items in off]
        for place, item in enumerate(intact)
    ]
    return Sheet(title, columns, rows)


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{exact(value, 3)}"


def ending(name: str, width: int) -> str:
    """A clean name in at most `width` columns: of a longer one the end, which tells it apart, behind an ellipsis."""
    text = clean(name)
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return f"…{text}" if width > 0 else ""


def _width(column: Sequence[Text]) -> int:
    return max(cell.cell_len for cell in column)


def _needed(columns: Sequence[Sequence[Text]]) -> int:
    """Columns of text that columns side by side take."""
    return sum(map(_width, columns)) + _GAP * (len(columns) - 1)
