"""Lines over an axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, fit
from workbench.plotting.figure import Level, Mark, Palette, Series, draw_figure
from workbench.plotting.pictures._picture import HEAD_FROM, Drawn, Mode, Picture, owners
from workbench.plotting.svg import FIGURE_HEIGHT, Figure, figure_svg
from workbench.saying import exact, short

__all__ = ["Plot"]

_APART_FROM = 9
"""Rows from which the legend may have one of its own."""
_SHORTEST = 6
"""Columns to which names in a legend are cut where there is no room."""
_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")


@final
@dataclass(frozen=True, eq=False)
class Plot(Picture):
    """One figure of lines.

    Attributes:
        title: what over what ("error over ridge").
        series: the lines; their colours are roles (`train`, `validation`, `other`).
        log_x, log_y: logarithmic axes.
        marks: signs on the x axis.
        x_name: what x is.
        levels: dashed lines with a name.
    """

    title: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    marks: tuple[Mark, ...] = ()
    x_name: str = "x"
    levels: tuple[Level, ...] = ()

    @classmethod
    def of(cls, figure: Figure) -> Plot:
        """The lines of a figure, with its axes and levels."""
        return cls(
            figure.title,
            tuple(figure.series),
            log_x=figure.log_x,
            log_y=figure.log_y,
            x_name=figure.x_name,
            levels=tuple(figure.levels),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """One row, a column for each point of the longest line."""
        return 1, len(self._longest())

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title with legend, and the lines below; where there are few rows, the lines alone."""
        del start  # all of it is seen
        ascii_only = mode == "ascii"
        above = self._legend_rows(width, height) if height >= HEAD_FROM else 0
        canvas = Canvas(width, height)
        if above:
            self._legend(canvas, rows=above, ascii_only=ascii_only)
        drawing = draw_figure(
            self.series,
            width,
            height - above,
            log_x=self.log_x,
            log_y=self.log_y,
            marks=self.marks,
            levels=self.levels,
            palette=_PALETTE,
            ascii_only=ascii_only,
        )
        canvas.lay(drawing.canvas, above, 0)
        owned, x = owners(width, height), self._longest()
        if len(x) and drawing.width > 0 and drawing.height > 0:
            places = np.array([drawing.x_at(column) for column in range(drawing.left, drawing.left + drawing.width)])
            right = np.clip(np.searchsorted(x, places), 0, len(x) - 1)
            left = np.maximum(right - 1, 0)
            nearest = np.where(np.abs(x[left] - places) <= np.abs(x[right] - places), left, right)
            owned[above : above + drawing.height, drawing.left : drawing.left + drawing.width] = np.stack(
                (np.zeros_like(nearest), nearest), axis=1
            )
        return Drawn(canvas, owned, self.shape)

    def words(self, row: int, column: int) -> str:
        """The values of all lines at a point."""
        del row
        x = float(self._longest()[column])
        values = [
            f"{line.name} {exact(float(line.y[at]))}"
            for line in self.series
            if not line.faint and len(line.x) and line.x[at := int(np.abs(line.x - x).argmin())] == x
        ]
        return f"{self.x_name} {short(x) if x % 1 else f'{x:.0f}'}: {', '.join(values)}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(line, x, y) of every point."""
        for line in self.series:
            for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True):
                yield line.name, float(x), float(y)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """The lines as vectors; faint ones are not in the legend."""
        lines = [replace(line, name="") if line.faint else line for line in self.series]
        figure = Figure(self.title, lines, subtitle, self.x_name, self.log_x, self.log_y)
        figure = replace(figure, marks=self.marks, levels=self.levels)
        return FIGURE_HEIGHT, figure_svg(figure, theme)

    def _longest(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The positions of the line that has most of them."""
        lines = [np.unique(line.x[np.isfinite(line.x)]) for line in self.series]
        return max(lines, key=len, default=np.zeros(0))

    def _legend(self, canvas: Canvas, *, rows: int, ascii_only: bool) -> None:
        """The title, and each line's sign and name (not those of faint ones): behind it, or in a row of their own.

        What has no room there is counted; closer together and with shorter names more have.
        """
        title = fit(self.title, canvas.width)
        canvas.put(0, 0, title.replace("…", ".") if ascii_only else title, "title")
        lines = [line for line in self.series if not line.faint]
        start = cell_len(title) + 2 if rows == 1 else 0
        room = canvas.width - start
        names = [line.name for line in lines]
        gap, longest = 2, max(map(cell_len, names), default=0)
        while names and _width(names, gap) > room and longest > _SHORTEST:
            gap, longest = 1, longest - 1
            names = [fit(line.name, longest) for line in lines]
        while names and _width(names, gap) > room - (len(str(len(lines) - len(names))) + 2 if len(names) < len(lines) else 0):
            names.pop()
        column, row = start, rows - 1
        for line, name in zip(lines, names, strict=False):
            canvas.put(row, column, ("o" if line.marker else "-") if ascii_only else (line.marker or "━"), line.colour)
            canvas.put(row, column + 2, name.replace("…", ".") if ascii_only else name, "label")
            column += cell_len(name) + 2 + gap
        if names and len(names) < len(lines):
            canvas.put(row, column, f"+{len(lines) - len(names)}", "label")

    def _legend_rows(self, width: int, height: int) -> int:
        """Rows of title and names: two where they do not stand in one, and there is room for the lines below them."""
        names = [line.name for line in self.series if not line.faint]
        apart = bool(names) and cell_len(self.title) + 2 + _width(names, 1) > width and height >= _APART_FROM
        return 2 if apart else 1


def _width(names: list[str], gap: int) -> int:
    """Columns of a legend's entries beside each other."""
    return sum(2 + cell_len(name) for name in names) + gap * (len(names) - 1)
