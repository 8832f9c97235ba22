"""A table of numbers as shades: half blocks where there are colours, characters where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.pictures._grid import Grid, pooled
from workbench.plotting.pictures._picture import (
    HEAD_FROM,
    SVG_LEFT,
    SVG_WIDTH,
    Drawn,
    Mode,
    Picture,
    head,
    marked_columns,
    owners,
    put_mark,
    svg_head,
    svg_text,
)
from workbench.plotting.pictures.scale import Scale
from workbench.plotting.svg import FIGURE_THEMES
from workbench.saying import exact

__all__ = ["Heatmap", "Names"]

_FOOT_FROM = 4
"""Rows from which the columns are named below."""
_GUTTER_FROM = 16
"""Columns from which the rows are named at the left."""
_LONGEST_NAME = 14
_NARROWEST_WORD = 6
"""Columns that a word needs to be known again when it is cut."""
_WIDEST_WHOLE = 76
_SVG_ROWS = 380
"""Pixels that the rows of a figure take together, about."""
_FOOT = 64
_SVG_NUMBER = 32
"""Pixels that a rectangle needs for a number."""


@dataclass(frozen=True)
class Names:
    """What the rows or the columns of a table are.

    Attributes:
        name: one of them ("unit", "step").
        labels: what each one is called.
        words: whether the labels are words, which want to be read each; of numbers some are enough.
    """

    name: str
    labels: Sequence[str]
    words: bool = False

    @classmethod
    def counted(cls, name: str, count: int, first: int = 0) -> Names:
        """So many, called by their numbers."""
        return cls(name, [str(first + place) for place in range(count)])


@final
@dataclass(frozen=True, eq=False)
class Heatmap(Picture):
    """Shades of a table, row by row from above.

    Attributes:
        title: what is shown.
        values: shape (rows, columns); what is not finite is left blank.
        rows, columns: what they are.
        scale: what the values are shown between.
        whole: each value has cells of its own, and what has no room stands on another page; otherwise a cell is the mean of
            as many values as have no room beside each other.
        square: places are as high as they are wide (images).
        written: numbers are written into their cells where these are wide enough.
        said: what is said of a place instead of the names of its row and column.
        mark: first and last column of a range that is marked, or None.
    """

    title: str
    values: NDArray[np.float64]
    rows: Names
    columns: Names
    scale: Scale
    whole: bool = False
    written: bool = False
    square: bool = False
    said: Callable[[int, int], str] | None = None
    mark: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the table."""
        return self.values.shape[0], self.values.shape[1]

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title and legend, rows with names, and the columns' names below."""
        canvas, owned = Canvas(width, height), owners(width, height)
        above, below = int(height >= HEAD_FROM), int(height >= _FOOT_FROM)
        gutter = self._gutter(width)
        grid = Grid.of(self, width - gutter, height - above - below, start, mode)
        if not grid.rows.size or not grid.columns.size:
            return Drawn(canvas, owned, (0, 0))
        levels = self.scale.levels(pooled(self.values, grid.rows, grid.columns, gaps=self.square))
        self._paint(canvas, levels, grid, above, gutter, mode)
        lines, wide = grid.owners()
        owned[above : above + len(lines), gutter : gutter + len(wide), 0] = lines[:, None]
        owned[above : above + len(lines), gutter : gutter + len(wide), 1] = wide
        if gutter:
            self._name_rows(canvas, lines, above, gutter, mode)
        if below:
            self._name_columns(canvas, wide, above + len(lines), gutter, grid.wide, mode)
            if self.mark is not None:
                put_mark(canvas, above + len(lines), gutter + grid.cells_of(*self.mark))
        if above:
            head(canvas, f"{self.title}{grid.note(self)}", self.scale, mode)
        return Drawn(canvas, owned, grid.seen)

    def shades(self, width: int, height: int, mode: Mode) -> tuple[Canvas, int]:
        """The table alone, without title and names, in at most so many cells; and the lines that it takes."""
        canvas, grid = Canvas(width, height), Grid.of(self, width, height, (0, 0), mode)
        if not grid.rows.size or not grid.columns.size:
            return canvas, 0
        self._paint(canvas, self.scale.levels(pooled(self.values, grid.rows, grid.columns, gaps=self.square)), grid, 0, 0, mode)
        return canvas, len(grid.owners()[0])

    def longest_number(self) -> int:
        """Letters of the largest value, where values are written into their cells and are whole numbers; else 0."""
        known = self.values[np.isfinite(self.values)]
        whole = self.written and known.size and bool((known == np.round(known)).all())
        return len(exact(float(known.max()))) if whole else 0

    def _gutter(self, width: int) -> int:
        if width < _GUTTER_FROM:
            return 0
        return min(max(map(cell_len, map(clean, self.rows.labels)), default=0), _LONGEST_NAME, width // 4) + 1

    def _paint(self, canvas: Canvas, levels: NDArray[np.int64], grid: Grid, top: int, left: int, mode: Mode) -> None:  # noqa: PLR0913, PLR0917 - one place
        shades = levels.tolist()
        if grid.halves:
            for line in range(-(-len(shades) // 2)):
                upper = shades[2 * line]
                lower = shades[2 * line + 1] if 2 * line + 1 < len(shades) else [-1] * len(upper)
                for place, pair in enumerate(zip(upper, lower, strict=True)):
                    for column in range(left + place * grid.wide, left + (place + 1) * grid.wide):
                        canvas.put_cell(top + line, column, *self._half(*pair))
            return
        for place, row in enumerate(shades):
            for at, level in enumerate(row):
                sign, style = self._whole(level, mode)
                line, column = top + place * grid.tall, left + at * grid.wide
                for below in range(grid.tall):
                    canvas.put(line + below, column, sign * grid.wide, style)
                if self.written and level >= 0:
                    number = exact(float(self.values[grid.rows[place], grid.columns[at]]), 2)
                    if len(number) < grid.wide:
                        alone = mode == "colour" or grid.tall > 1  # signs of the shade stand below it
                        canvas.put(line, column, number.ljust(grid.wide) if alone else number, style)

    def _whole(self, level: int, mode: Mode) -> tuple[str, str]:
        """Character and style of the cells of one value."""
        if level < 0:
            return " ", ""
        if mode == "colour":
            return " ", f"{self.scale.ink(level)} on {self.scale.colour(level)}"
        return self.scale.sign(level, ascii_only=mode == "ascii"), "value"

    def _half(self, upper: int, lower: int) -> tuple[str, str]:
        """Character and style of a cell that shows two values."""
        if upper < 0:
            return ("▄", self.scale.colour(lower)) if lower >= 0 else (" ", "")
        return "▀", f"{self.scale.colour(upper)} on {self.scale.colour(lower)}" if lower >= 0 else self.scale.colour(upper)

    def _name_rows(self, canvas: Canvas, lines: NDArray[np.int64], top: int, gutter: int, mode: Mode) -> None:
        every = 1 if self.rows.words or len(lines) <= 8 else 3  # noqa: PLR2004 - numbers that stand in every line are noise
        before = -1
        for line, row in enumerate(lines.tolist()):
            if row == before or line % every:
                continue
            before = row
            name = _cut(self.rows.labels[row], gutter - 1, mode)
            canvas.put(top + line, gutter - 1 - cell_len(name), name, "label")

    def _name_columns(self, canvas: Canvas, wide: NDArray[np.int64], row: int, gutter: int, cell: int, mode: Mode) -> None:  # noqa: PLR0913, PLR0917 - one place
        end = 0
        for place in range(0, len(wide), cell):
            label = self.columns.labels[int(wide[place])]
            name = _cut(label, max(cell - 1, 1), mode) if self.columns.words else clean(label)
            column = gutter + place
            if column >= end and column + cell_len(name) <= canvas.width:
                canvas.put(row, column, name, "label")
                end = column + cell_len(name) + (1 if self.columns.words else 3)

    def words(self, row: int, column: int) -> str:
        """Row, column and value."""
        value = exact(float(self.values[row, column]))
        if self.said is not None:
            return f"{self.said(row, column)}: {value}"
        return f"{self.rows.name} {self.rows.labels[row]}, {self.columns.name} {self.columns.labels[column]}: {value}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(row's name, column's name, value)."""
        for row, line in zip(self.rows.labels, self.values.tolist(), strict=True):
            for column, value in zip(self.columns.labels, line, strict=True):
                yield row, column, float(value)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Rectangles, neighbours of one shade in one."""
        look, (rows, columns) = FIGURE_THEMES[theme], self.shape
        left = SVG_LEFT + (40 if self.rows.words else 0)
        across, down = (SVG_WIDTH - left - 24) / max(1, columns), min(24.0, max(1.5, _SVG_ROWS / max(1, rows)))
        across, down = (min(across, down), min(across, down)) if self.square else (across, down)
        top, bottom = 56, 56 + down * rows
        height = int(bottom) + _FOOT
        parts = svg_head(self.title, subtitle, height, theme, self.scale)
        for row, line in enumerate(self.scale.levels(self.values)):
            turns = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), columns] if columns else [0]
            for first, last in pairwise(turns):
                if line[first] >= 0:
                    place = f'x="{left + first * across:.2f}" y="{top + row * down:.2f}"'
                    size = f'width="{(last - first) * across + 0.2:.2f}" height="{down + 0.2:.2f}"'
                    parts.append(f'<rect {place} {size} fill="{self.scale.colour(int(line[first]))}"/>')
        if self.mark is not None:
            first, last = self.mark
            place = (
                f'x="{left + first * across:.2f}" y="{top}" width="{(last - first + 1) * across:.2f}" height="{down * rows:.2f}"'
            )
            parts.append(f'<rect {place} fill="none" stroke="{look.ink}" stroke-width="2"/>')
        if self.written and across >= _SVG_NUMBER <= down * 2:
            parts += self._svg_numbers(left, top, across, down)
        for row in range(0, rows, max(1, round(12 / down))):
            name = fit(self.rows.labels[row], _LONGEST_NAME)
            parts.append(svg_text(left - 6, top + (row + 0.5) * down + 4, name, look.quiet, 'text-anchor="end"'))
        for column in range(0, columns, max(1, round((40 if self.columns.words else 30) / across))):
            name = fit(self.columns.labels[column], max(3, int(across / 7)) if self.columns.words else 8)
            parts.append(svg_text(left + (column + 0.5) * across, bottom + 16, name, look.quiet, 'text-anchor="middle"'))
        parts.append(svg_text(left, bottom + 40, f"{self.columns.name} (across), {self.rows.name} (down)", look.ink))
        return height, "\n".join([*parts, "</svg>"]) + "\n"

    def _svg_numbers(self, left: float, top: float, across: float, down: float) -> Iterable[str]:
        """The values in their rectangles."""
        for row, levels in enumerate(self.scale.levels(self.values).tolist()):
            for column, level in enumerate(levels):
                if level >= 0:
                    x, y = left + (column + 0.5) * across, top + (row + 0.5) * down + 4
                    number = exact(float(self.values[row, column]), 2)
                    yield svg_text(x, y, number, self.scale.ink(level), 'text-anchor="middle" font-size="10"')

    def unit_at(self, row: int, column: int) -> int | None:
        """The unit of a row or a column, where these are units."""
        for names, place in ((self.rows, row), (self.columns, column)):
            if names.name == "unit" and names.labels[place].isdecimal():
                return int(names.labels[place])
        return None

    def step_at(self, column: int) -> int | None:
        """The step of a column, where columns are steps."""
        label = self.columns.labels[column]
        return int(label) if self.columns.name == "step" and label.isdecimal() else None

    def marked(self, first: int, last: int) -> Heatmap:
        """With the columns of these steps marked; of thinned ones those that are there."""
        return replace(self, mark=marked_columns([self.step_at(column) for column in range(self.shape[1])], first, last))

    def columns_wanted(self) -> int:
        """Room for all columns of a table whose values have cells of their own."""
        if not self.whole:
            return super().columns_wanted()
        return max(super().columns_wanted(), min(_WIDEST_WHOLE, self._gutter(_WIDEST_WHOLE) + self.shape[1] * self.least_width()))

    def least_width(self) -> int:
        """Columns of text that a cell of its own takes at least."""
        longest = max([*map(cell_len, map(clean, self.columns.labels)), self.longest_number()])
        return max(2, min(longest + 1, _NARROWEST_WORD))

    def lines_wanted(self, width: int) -> int | None:
        """A few rows need no more than two lines each; many fill any room."""
        del width
        return 2 + 2 * self.shape[0] if self.whole else None


def _cut(label: str, width: int, mode: Mode) -> str:
    name = fit(label, width)
    return name.replace("…", ".") if mode == "ascii" else name
