"""Small pictures, or small series, beside and below each other, with words under each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.figure import Mark, Palette, Series, draw_figure
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
from workbench.plotting.pictures.heatmap import Heatmap, Names
from workbench.plotting.pictures.scale import Scale
from workbench.plotting.svg import FIGURE_THEMES

__all__ = ["Gallery", "Tile"]

_GAP = 2
_LOWEST = {"colour": 6, "plain": 8, "ascii": 8}
"""Lines that a picture takes at least where there are more of them than have room."""
_FEWEST = 3
"""Lines of a picture that its words leave to it."""
_SERIES_WIDE, _SERIES_TALL = 26, 6
_COLUMNS, _NARROWEST = 26, 12
"""Columns of text that all of it wants beside another picture, and that the words below a picture want."""
_ROLES = ("train", "validation", "other", "mark")
_ASCII = str.maketrans("…→", ".>")
_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")
_SVG_SIDE, _SVG_WIDE, _SVG_ACROSS = 96, 150, 4
"""Pixels of a picture's side and of a series' width, and how many of either stand in a row."""


@dataclass(frozen=True, eq=False)
class Tile:
    """One of the pictures.

    Attributes:
        caption: the lines below it, short ones.
        said: what it is, in full.
        values: (height, width) of a picture, (steps, lines) of a series.
        mark: the step of a series that is marked, from 1; 0 for none.
    """

    caption: Sequence[str]
    said: str
    values: NDArray[np.float64]
    mark: int = 0


@dataclass(frozen=True)
class _Layout:
    """How pictures stand in cells.

    Attributes:
        rows, across: rows of pictures, and pictures in a row.
        tall, wide: lines and columns of one, its words included.
        below: lines of words.
    """

    rows: int
    across: int
    tall: int
    wide: int
    below: int

    @property
    def count(self) -> int:
        """Pictures that are seen at once."""
        return self.rows * self.across


@final
@dataclass(frozen=True, eq=False)
class Gallery(Picture):
    """Pictures in the order of reading, as many as are still clear; a cursor turns to the others.

    Attributes:
        title: what is shown.
        tiles: the pictures, all of one size.
        scale: what shades are shown between.
        is_series: they are lines over the steps of a series instead.
        every: steps from one value of a series to the next.
    """

    title: str
    tiles: Sequence[Tile]
    scale: Scale
    is_series: bool = False
    every: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """One row, a column for each picture."""
        return 1, len(self.tiles)

    def _words_below(self) -> int:
        return max((len(tile.caption) for tile in self.tiles), default=0)

    def _width_at(self, lines: int, mode: Mode) -> int:
        """Columns of a picture that is so many lines high, its words included."""
        words = max((cell_len(clean(line)) for tile in self.tiles for line in tile.caption), default=0)
        wanted = min(max(words, 1), _NARROWEST)
        if self.is_series or not self.tiles:
            return max(_SERIES_WIDE, wanted)
        height, width = (int(side) for side in self.tiles[0].values.shape)
        wide = min(width, 2 * lines * width / height) if mode == "colour" else 2 * min(width, lines * width / height)
        return max(math.ceil(wide), wanted)

    def _layout(self, width: int, height: int, mode: Mode) -> _Layout:
        """As many pictures as are still clear, no more than there are, and these as large as there is room for."""
        below = min(self._words_below(), max(0, height - _FEWEST))
        lowest = min(height - below, _SERIES_TALL if self.is_series else _LOWEST[mode]) + below
        best, most = _Layout(1, 1, height, width, below), 0
        for rows in range(1, height // lowest + 1):
            for tall in range(height // rows, lowest - 1, -1):
                wide = min(width, self._width_at(tall - below, mode))
                layout = _Layout(rows, max(1, (width + _GAP) // (wide + _GAP)), tall, wide, below)
                if (count := min(layout.count, len(self.tiles))) > most:
                    best, most = layout, count
        return best

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title, and the pictures from `start` on with their words."""
        canvas, owned, above = Canvas(width, height), owners(width, height), int(height >= HEAD_FROM)
        if not self.tiles or width < 1 or height <= above:
            return Drawn(canvas, owned, (0, 0))
        layout = self._layout(width, height - above, mode)
        first = min(max(start[1], 0), len(self.tiles) - 1)
        shown = self.tiles[first : first + layout.count]
        for place, tile in enumerate(shown):
            top, left = above + place // layout.across * layout.tall, place % layout.across * (layout.wide + _GAP)
            used = self._draw_tile(tile, canvas, top, left, layout, mode)
            for line, words in enumerate(tile.caption[: layout.below]):
                canvas.put(top + used + line, left, _cut(words, layout.wide, mode), "value" if line == 0 else "label")
            owned[top : top + layout.tall, left : left + layout.wide] = (0, first + place)
        if above:
            which = f"{first + 1} to {first + len(shown)}" if len(shown) > 1 else f"{first + 1}"
            more = f" ({which} of {len(self.tiles)})" if len(shown) < len(self.tiles) else ""
            head(canvas, _plain(f"{self.title}{more}", mode), None, mode)
        return Drawn(canvas, owned, (1, len(shown)))

    def _draw_tile(self, tile: Tile, canvas: Canvas, top: int, left: int, layout: _Layout, mode: Mode) -> int:  # noqa: PLR0913, PLR0917 - one place
        """A picture without its words; returns the lines that it takes."""
        wide, tall = layout.wide, layout.tall - layout.below
        if self.is_series:
            steps = 1 + self.every * np.arange(len(tile.values), dtype=np.float64)
            lines = [Series("", steps, line, _ROLES[place % len(_ROLES)]) for place, line in enumerate(tile.values.T)]
            marks = [Mark(float(tile.mark), "▲", "mark")] if tile.mark else []
            drawing = draw_figure(lines, wide, tall, marks=marks, palette=_PALETTE, ascii_only=mode == "ascii")
            canvas.lay(drawing.canvas, top, left)
            return tall
        height, width = tile.values.shape
        rows, columns = Names.counted("row", height), Names.counted("column", width)
        part, used = Heatmap("", tile.values, rows, columns, self.scale, square=True).shades(wide, tall, mode)
        canvas.lay(part, top, left)
        return used

    def columns_wanted(self) -> int:
        """Room for two pictures that are still clear."""
        return _COLUMNS

    def words(self, row: int, column: int) -> str:
        """What a picture is."""
        del row
        return self.tiles[column].said

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(what it is, step or row and column, value)."""
        for tile in self.tiles:
            for (row, column), value in np.ndenumerate(tile.values):
                if np.isfinite(value):
                    yield tile.said, f"{1 + self.every * row} {column + 1}", float(value)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Pictures as rectangles, series as lines."""
        look, below = FIGURE_THEMES[theme], 16 * self._words_below() + 12
        rows = -(-len(self.tiles) // _SVG_ACROSS)
        height = 60 + rows * (_SVG_SIDE + below) + 12
        parts = svg_head(self.title, subtitle, height, theme)
        across = (SVG_WIDTH - SVG_LEFT - 24) / _SVG_ACROSS
        for place, tile in enumerate(self.tiles):
            left, top = SVG_LEFT + place % _SVG_ACROSS * across, 60.0 + place // _SVG_ACROSS * (_SVG_SIDE + below)
            parts += self._svg_series(tile, left, top, theme) if self.is_series else self._svg_shades(tile, left, top)
            for line, words in enumerate(tile.caption):
                colour = look.ink if line == 0 else look.quiet
                parts.append(svg_text(left, top + _SVG_SIDE + 16 + 16 * line, fit(words, int(across / 7)), colour))
        return height, "\n".join([*parts, "</svg>"]) + "\n"

    def _svg_shades(self, tile: Tile, left: float, top: float) -> Iterator[str]:
        """Rectangles, neighbours of one shade in one."""
        side = _SVG_SIDE / max(tile.values.shape)
        for row, levels in enumerate(self.scale.levels(tile.values)):
            for first, last in pairwise([0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), len(levels)]):
                if levels[first] >= 0:
                    place = f'x="{left + first * side:.2f}" y="{top + row * side:.2f}"'
                    size = f'width="{(last - first) * side + 0.2:.2f}" height="{side + 0.2:.2f}"'
                    yield f'<rect {place} {size} fill="{self.scale.colour(int(levels[first]))}"/>'

    def _svg_series(self, tile: Tile, left: float, top: float, theme: str) -> Iterator[str]:
        """Lines between the lowest and the highest value, and a line at the step that is marked."""
        look, known = FIGURE_THEMES[theme], tile.values[np.isfinite(tile.values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        across = _SVG_WIDE / max(1, len(tile.values) - 1)
        yield f'<rect x="{left:.1f}" y="{top:.1f}" width="{_SVG_WIDE}" height="{_SVG_SIDE}" fill="none" stroke="{look.grid}"/>'
        if tile.mark:
            x = left + (tile.mark - 1) / self.every * across
            yield f'<path d="M{x:.1f} {top:.1f}v{_SVG_SIDE}" stroke="{look.colour("level", 0)}" stroke-dasharray="3 2"/>'
        for place, line in enumerate(tile.values.T):
            at = np.flatnonzero(np.isfinite(line))
            heights = top + _SVG_SIDE * (1 - (line[at] - low) / ((high - low) or 1.0))
            dots = " ".join(f"{left + x * across:.1f},{y:.1f}" for x, y in zip(at.tolist(), heights.tolist(), strict=True))
            yield f'<polyline fill="none" stroke="{look.colour(_ROLES[place % len(_ROLES)], place)}" points="{dots}"/>'


def _cut(words: str, width: int, mode: Mode) -> str:
    return _plain(fit(words, width), mode)


def _plain(words: str, mode: Mode) -> str:
    return words.translate(_ASCII) if mode == "ascii" else words
