"""How a table stands in cells of text: which of its rows and columns are drawn, how large, and means of what shares a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import clean

if TYPE_CHECKING:
    from workbench.plotting.pictures._picture import Mode
    from workbench.plotting.pictures.heatmap import Heatmap

__all__ = ["Grid", "pooled"]

_WIDEST_CELL = 14
_TALLEST_CELL = 2


@dataclass(frozen=True)
class Grid:
    """How a table stands in cells.

    Attributes:
        rows, columns: the first row and column that each drawn one shows, ascending, with the end of the last one left out.
        tall, wide: lines and columns of text that a drawn one takes.
        halves: two drawn rows stand in one line.
        seen: rows and columns of the table that are drawn.
        counts: rows and columns from `start` on that are meant to be in each drawn one.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    tall: int
    wide: int
    halves: bool
    seen: tuple[int, int]

    @classmethod
    def of(cls, heatmap: Heatmap, width: int, height: int, start: tuple[int, int], mode: Mode) -> Grid:
        rows, columns = heatmap.shape
        nothing = np.zeros(0, np.int64)
        if width < 1 or height < 1 or not rows or not columns:
            return cls(nothing, nothing, 1, 1, halves=False, seen=(0, 0))
        if heatmap.whole:
            first_row, first_column = min(max(start[0], 0), rows - 1), min(max(start[1], 0), columns - 1)
            tall = max(1, min(_TALLEST_CELL, height // rows))
            longest = max([*map(cell_len, map(clean, heatmap.columns.labels)), heatmap.longest_number()])
            wide = min(
                width,
                max(heatmap.least_width(), min(width // columns, longest + 1 if heatmap.columns.words else 6, _WIDEST_CELL)),
            )
            shown = np.arange(first_row, min(rows, first_row + height // tall))
            across = np.arange(first_column, min(columns, first_column + max(1, width // wide)))
            return cls(shown, across, tall, wide, halves=False, seen=(len(shown), len(across)))
        if heatmap.square:
            return cls._square(rows, columns, width, height, mode)
        halves = mode == "colour" and rows > height
        lines = min(rows, height * 2 if halves else height)
        tall = 1 if halves else max(1, min(_TALLEST_CELL, height // lines))
        drawn = min(columns, width)
        wide = max(1, min(_WIDEST_CELL, width // drawn))
        return cls(_starts(rows, lines), _starts(columns, drawn), tall, wide, halves=halves, seen=(rows, columns))

    @classmethod
    def _square(cls, rows: int, columns: int, width: int, height: int, mode: Mode) -> Grid:
        """Places of one line by two columns, or of half a line by one; larger tables are averaged alike in both directions."""
        halves = mode == "colour" and (rows > height or 2 * columns > width)
        lines, across = (2 * height, width) if halves else (height, max(1, width // 2))
        factor = max(1.0, rows / lines, columns / across)
        down, beside = max(1, int(rows / factor)), max(1, int(columns / factor))
        wide = 1 if halves else min(2, width)
        return cls(_starts(rows, down), _starts(columns, beside), 1, wide, halves=halves, seen=(rows, columns))

    def owners(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The row of the table that each line of text shows, and the column of each column of text."""
        lines = self.rows[::2] if self.halves else self.rows.repeat(self.tall)
        return lines, self.columns.repeat(self.wide)

    def cells_of(self, first: int, last: int) -> NDArray[np.int64]:
        """The columns of text, from that of the first value on, in which a range of the table's columns is drawn."""
        ends = np.append(self.columns[1:], self.columns[0] + self.seen[1])
        return np.flatnonzero(((self.columns <= last) & (ends > first)).repeat(self.wide))

    def note(self, heatmap: Heatmap) -> str:
        """How much of the table a cell or a page holds, where that is not all."""
        rows, columns = heatmap.shape
        if heatmap.whole:
            parts = [
                f"{names.name} {first + 1} to {first + seen} of {count}"
                for names, first, seen, count in (
                    (heatmap.rows, int(self.rows[0]), self.seen[0], rows),
                    (heatmap.columns, int(self.columns[0]), self.seen[1], columns),
                )
                if seen < count
            ]
        else:
            parts = [
                f"{count / drawn:.3g} {names.name}s"
                for names, drawn, count in ((heatmap.rows, len(self.rows), rows), (heatmap.columns, len(self.columns), columns))
                if drawn < count
            ]
            parts = [f"a cell: mean of {' x '.join(parts)}"] if parts else []
        return f" ({', '.join(parts)})" if parts else ""


def _starts(count: int, drawn: int) -> NDArray[np.int64]:
    """The first of each of `drawn` about equal parts of `count`."""
    return (np.arange(drawn) * count) // drawn


def pooled(
    values: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.int64], *, gaps: bool
) -> NDArray[np.float64]:
    """Means of the parts that begin at these rows and columns, NaN where nothing of one (with `gaps`: not all) is finite."""
    last_row, last_column = len(values), values.shape[1]
    if np.array_equal(np.diff(rows), np.ones(len(rows) - 1)) and np.array_equal(np.diff(columns), np.ones(len(columns) - 1)):
        return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    known = np.isfinite(values)
    sums = np.where(known, values, 0.0)[rows[0] : last_row, columns[0] : last_column]
    counts = known[rows[0] : last_row, columns[0] : last_column].astype(np.float64)
    parts = [
        np.add.reduceat(np.add.reduceat(table, rows - rows[0], axis=0), columns - columns[0], axis=1) for table in (sums, counts)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        means: NDArray[np.float64] = parts[0] / parts[1]
    if not gaps:
        return means
    sizes = np.outer(np.diff(np.append(rows, last_row)), np.diff(np.append(columns, last_column)))
    return np.where(parts[1] == sizes, means, np.nan)
