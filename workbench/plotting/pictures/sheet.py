"""A table of texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.pictures._picture import (
    HEAD_FROM,
    SVG_LEFT,
    SVG_WIDTH,
    Drawn,
    Mode,
    Picture,
    head,
    owners,
    svg_head,
    svg_text,
)
from workbench.plotting.svg import FIGURE_THEMES

__all__ = ["Sheet"]

_GAP = 2
_FIRST, _SHORTEST = 20, 6
"""Columns to which the first column, and any other one, is cut where there is no room."""
_WIDEST = 72
_ASCII = str.maketrans("…│├└─", ".||`-")
"""Signs of tables and trees in ASCII."""
_SVG_LINE = 18


@final
@dataclass(frozen=True, eq=False)
class Sheet(Picture):
    """Rows of texts below the names of their columns.

    Attributes:
        title: what it lists.
        columns: their names.
        rows: a text for each column.
        paths: what stands in the first column ends in what tells it apart: it is cut at its beginning.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    paths: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Its rows; a cursor stands at a whole row."""
        return len(self.rows), 1

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title, names of columns, and as many rows from `start` on as have room."""
        canvas, owned = Canvas(width, height), owners(width, height)
        above = int(height >= HEAD_FROM)
        lines = max(0, height - above - 1)
        first = min(max(start[0], 0), max(0, len(self.rows) - 1))
        shown = self.rows[first : first + lines]
        if above:
            more = f" ({first + 1} to {first + len(shown)} of {len(self.rows)})" if len(shown) < len(self.rows) else ""
            head(canvas, f"{self.title}{more}", None, mode)
        widths = self._widths(width)
        for line, (texts, style) in enumerate([(self.columns, "label"), *((row, "value") for row in shown)], above):
            column = 0
            for text, room in zip(texts, widths, strict=False):
                if room < 1 or column >= width:
                    break
                cut = _fit(text, min(room, width - column), keeps_end=self.paths and column == 0)
                canvas.put(line, column, cut.translate(_ASCII) if mode == "ascii" else cut, style)
                column += room + _GAP
            if line > above and line < height:
                owned[line, :, 0], owned[line, :, 1] = first + line - above - 1, 0
        return Drawn(canvas, owned, (len(shown), 1))

    def _needed(self) -> list[int]:
        """Columns of text that each column needs."""
        return [
            max(cell_len(clean(text)) for text in (name, *(row[place] for row in self.rows)))
            for place, name in enumerate(self.columns)
        ]

    def _widths(self, width: int) -> list[int]:
        """Columns of text for each column: what it needs; where all have no room the first one less, then the widest."""
        widths = self._needed()
        while widths and sum(widths) + _GAP * (len(widths) - 1) > width and max(widths) > _SHORTEST:
            widths[0 if widths[0] > _FIRST else widths.index(max(widths))] -= 1
        return widths

    def columns_wanted(self) -> int:
        """What it needs to cut nothing, within bounds."""
        return min(_WIDEST, sum(self._needed()) + _GAP * (len(self.columns) - 1))

    def words(self, row: int, column: int) -> str:
        """A row with the names of its columns."""
        del column
        return ", ".join(f"{name} {text}".strip() for name, text in zip(self.columns, self.rows[row], strict=True) if text)

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(first text of the row, name of the column, text)."""
        for row in self.rows:
            for name, text in zip(self.columns[1:], row[1:], strict=True):
                yield row[0], name, text

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """The texts in columns."""
        look, widths = FIGURE_THEMES[theme], self._widths(96)
        unit = (SVG_WIDTH - SVG_LEFT) / max(1, sum(widths) + _GAP * len(widths))
        height = 80 + _SVG_LINE * (len(self.rows) + 1)
        parts = svg_head(self.title, subtitle, height, theme)
        for line, (texts, colour) in enumerate([(self.columns, look.quiet), *((row, look.ink) for row in self.rows)]):
            x = float(SVG_LEFT)
            for text, room in zip(texts, widths, strict=True):
                parts.append(svg_text(x, 70 + _SVG_LINE * line, fit(text, room), colour, 'xml:space="preserve"'))
                x += (room + _GAP) * unit
        return height, "\n".join([*parts, "</svg>"]) + "\n"

    def lines_wanted(self, width: int) -> int | None:
        """Title, names and all rows."""
        del width
        return 2 + len(self.rows)


def _fit(text: str, width: int, *, keeps_end: bool) -> str:
    """A text in at most so many columns."""
    if not keeps_end or cell_len(text) <= width or width < 1:
        return fit(text, width)
    return "…" + clean(text)[-(width - 1) :] if width > 1 else "…"
