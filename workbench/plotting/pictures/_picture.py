"""What every picture of a probe can do, and how several become one text, one SVG document, one CSV table."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.pictures.scale import LEVELS, Scale
from workbench.plotting.svg import FIGURE_THEMES, stacked_svg

__all__ = [
    "HEAD_FROM",
    "SVG_LEFT",
    "SVG_WIDTH",
    "Drawn",
    "Mode",
    "Picture",
    "csv_text",
    "head",
    "marked_columns",
    "owners",
    "put_mark",
    "svg_document",
    "svg_head",
]

Mode = Literal["colour", "plain", "ascii"]
"""Shades by colour; by characters; by characters of ASCII alone, which nothing else leaves either."""

HEAD_FROM = 5
"""Rows from which a picture has its title above it."""
_TITLE = 50
"""Letters of a title beside a legend."""
SVG_WIDTH, SVG_LEFT = 760, 76
"""Pixels of a figure, and of what stands at the left of its data."""
_LEGENDS = (10, 5, 3)
"""Cells of the legend's shades: as many as leave the title whole."""
_NARROWEST = 36
_FONTS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"

Owners = NDArray[np.int64]


def owners(width: int, height: int) -> Owners:
    """For each cell of a canvas the row and column of the picture that is drawn there, -1 for none; shape (height, width, 2)."""
    return np.full((max(0, height), max(0, width), 2), -1, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture as text.

    Attributes:
        canvas: the cells. Styles are names of roles (`train`, `label`), or Rich's own where they begin with `#`.
        owners: what each cell shows, see `owners`.
        seen: how many rows and columns of the picture are drawn, from `start` on.
    """

    canvas: Canvas
    owners: Owners
    seen: tuple[int, int]

    def at(self, row: int, column: int) -> tuple[int, int] | None:
        """Row and column of the picture in a cell of the canvas, or None."""
        if not (0 <= row < self.owners.shape[0] and 0 <= column < self.owners.shape[1]) or self.owners[row, column, 0] < 0:
            return None
        return int(self.owners[row, column, 0]), int(self.owners[row, column, 1])

    def nearest(self, row: int, column: int) -> tuple[int, int] | None:
        """Row and column of the picture in the cell nearest to one that shows nothing, or to one outside."""
        known = np.argwhere(self.owners[:, :, 0] >= 0)
        return self.at(*known[np.abs(known - (row, column)).sum(axis=1).argmin()].tolist()) if len(known) else None

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """Row and column of the canvas where a place of the picture, or the one nearest to it, is drawn."""
        known = np.argwhere(self.owners[:, :, 0] >= 0)
        if not len(known):
            return None
        distance = np.abs(self.owners[known[:, 0], known[:, 1]] - (row, column)).sum(axis=1)
        nearest = known[distance == distance.min()]
        return int(nearest[0, 0]), int(nearest[len(nearest) // 2, 1]) if len(nearest) < self.owners.shape[1] else int(
            nearest[0, 1]
        )


class Picture(ABC):
    """Something that is drawn. Nothing of it raises for its data: what cannot be drawn is left out.

    Attributes:
        title: what over what ("error over ridge").
    """

    title: str

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows and columns that a cursor can stand at."""

    @abstractmethod
    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """The picture as exactly `height` lines of `width` columns.

        Args:
            width, height: size in cells; any will do.
            mode: how shades are shown.
            start: the first row and column to be seen, of a picture that is not drawn smaller than it is.
        """

    @abstractmethod
    def words(self, row: int, column: int) -> str:
        """What stands at a place, with its value."""

    @abstractmethod
    def records(self) -> Iterable[tuple[object, object, object]]:
        """Its data as (row, column, value)."""

    @abstractmethod
    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Height in pixels and the whole `<svg>` element, `SVG_WIDTH` wide. `theme` is a key of `FIGURE_THEMES`."""

    def lines_wanted(self, width: int) -> int | None:
        """Lines that it needs to be seen whole, where more would stay empty; None where it fills any room."""
        del width
        return None

    def columns_wanted(self) -> int:
        """Columns that it needs beside other pictures."""
        return _NARROWEST

    def unit_at(self, row: int, column: int) -> int | None:
        """The unit of the model that a place is about, or None."""
        del row, column
        return None

    def step_at(self, column: int) -> int | None:
        """The step of a sequence that a column is about, or None."""
        del column
        return None

    def marked(self, first: int, last: int) -> Picture:
        """The same with a range of steps marked, where its columns are steps."""
        del first, last
        return self


def head(canvas: Canvas, title: str, scale: Scale | None, mode: Mode) -> None:
    """The title into the first line, and at its right the shades with the values of both ends."""
    width = canvas.width
    if scale is not None:
        low, high = scale.ends()
        ends, needed = cell_len(low) + cell_len(high) + 2, cell_len(title) + 2
        cells = next((some for some in _LEGENDS if needed + ends + some <= width), _LEGENDS[-1])
        room = ends + cells
        if room + 8 <= width:
            column = width - room
            canvas.put(0, column, low, "label")
            column += cell_len(low) + 1
            for cell in range(cells):
                level = cell * (LEVELS - 1) // (cells - 1)
                sign, style = (
                    (" ", f"#000000 on {scale.colour(level)}")
                    if mode == "colour"
                    else (
                        scale.sign(level, ascii_only=mode == "ascii"),
                        "value",
                    )
                )
                canvas.put(0, column + cell, sign, style)
            canvas.put(0, column + cells + 1, high, "label")
            width -= room + 2
    written = fit(title, width)
    canvas.put(0, 0, written.replace("…", ".") if mode == "ascii" else written, "title")


def marked_columns(steps: Sequence[int | None], first: int, last: int) -> tuple[int, int] | None:
    """The first and the last column whose steps lie in a range, or None."""
    within = [column for column, step in enumerate(steps) if step is not None and first <= step <= last]
    return (within[0], within[-1]) if within else None


def put_mark(canvas: Canvas, row: int, columns: NDArray[np.int64]) -> None:
    """Show by signs that neighbouring columns of a canvas are marked: `[===]`, or `^` for a single one."""
    if len(columns):
        signs = "^" if len(columns) == 1 else f"[{'=' * (len(columns) - 2)}]"
        canvas.put(row, int(columns[0]), signs, "mark")


def text_of(drawn: Drawn) -> str:
    """A drawing as plain text without blanks at the ends of its lines."""
    return "\n".join(line.rstrip() for line in drawn.canvas.text().plain.split("\n"))


def csv_text(pictures: Sequence[Picture]) -> str:
    """All data of some pictures as one CSV table: one row a value."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("picture", "row", "column", "value"))
    for picture in pictures:
        for row, column, value in picture.records():
            writer.writerow((clean(picture.title), _cell(row), _cell(column), _cell(value)))
    return buffer.getvalue()


def _cell(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else clean(str(value))


def svg_document(pictures: Sequence[Picture], subtitle: str, theme: str = "white") -> str:
    """Pictures below each other as one SVG document.

    Args:
        pictures: what is shown.
        subtitle: whose it is: run, step, sample.
        theme: a key of `FIGURE_THEMES`.
    """
    return stacked_svg([picture.svg(theme, subtitle) for picture in pictures])


def svg_text(x: float, y: float, text: str, colour: str, more: str = "") -> str:
    """Words in a figure."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{" " * bool(more)}{more}>{escape(clean(text))}</text>' if text else ""


def svg_head(title: str, subtitle: str, height: int, theme: str, scale: Scale | None = None) -> list[str]:
    """The beginning of a figure: its paper, title and, with a scale, the shades with the values of both ends."""
    look = FIGURE_THEMES[theme]
    size = f'width="{SVG_WIDTH}" height="{height}"'
    box = f'viewBox="0 0 {SVG_WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} font-family="{_FONTS}" font-size="12">',
        f"<title>{escape(clean(' - '.join(part for part in (title, subtitle) if part)))}</title>",
        f'<rect {size} fill="{look.paper}"/>',
        svg_text(SVG_LEFT, 24, title if scale is None else fit(title, _TITLE), look.ink, 'font-size="16" font-weight="bold"'),
        svg_text(SVG_LEFT, 42, fit(subtitle, 100), look.quiet),
    ]
    if scale is not None:
        low, high = scale.ends()
        left = SVG_WIDTH - 64 - 4 * LEVELS
        parts.append(svg_text(left - 6, 24, low, look.quiet, 'text-anchor="end"'))
        parts += [
            f'<rect x="{left + 4 * level}" y="14" width="4" height="12" fill="{scale.colour(level)}"/>' for level in range(LEVELS)
        ]
        parts.append(svg_text(left + 4 * LEVELS + 6, 24, high, look.quiet))
    return parts
