"""A text whose words are shaded by a value each, with a sign below each word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.pictures._picture import (
    SVG_LEFT,
    SVG_WIDTH,
    Drawn,
    Mode,
    Picture,
    head,
    marked_columns,
    owners,
    svg_head,
    svg_text,
)
from workbench.plotting.pictures.scale import Scale
from workbench.plotting.svg import FIGURE_THEMES
from workbench.saying import exact

__all__ = ["Passage"]

_HEAD_FROM = 3
"""Rows from which there is a title above one line of words and one of signs."""
_LETTER = 7.2
"""Pixels of a letter in a figure."""


@final
@dataclass(frozen=True, eq=False)
class Passage(Picture):
    """Words in reading order.

    Attributes:
        title: what shades them.
        symbols: the words; those of one letter stand without blanks between them.
        values: shape (words,).
        scale: what the values are shown between.
        steps: the step of a sequence that each word is at, or nothing.
        mark: first and last place of words that are marked, or None.
    """

    title: str
    symbols: Sequence[str]
    values: NDArray[np.float64]
    scale: Scale
    steps: Sequence[int] = ()
    mark: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """One row, a column for each word."""
        return 1, min(len(self.symbols), len(self.values))

    def _lines(self, width: int) -> list[list[tuple[int, int, str]]]:
        """Lines of (word, column, text)."""
        names = [clean(symbol) or "_" for symbol in self.symbols[: self.shape[1]]]
        gap = 0 if all(cell_len(name) == 1 for name in names) else 1
        lines: list[list[tuple[int, int, str]]] = [[]]
        column = 0
        for place, name in enumerate(names):
            text = fit(name, max(1, width))
            if column + cell_len(text) > width and lines[-1]:
                lines.append([])
                column = 0
            lines[-1].append((place, column, text))
            column += cell_len(text) + gap
        return lines

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title and legend, then the words, each line with the signs of its values below."""
        canvas, owned, above = Canvas(width, height), owners(width, height), int(height >= _HEAD_FROM)
        if above:
            head(canvas, self.title, self.scale, mode)
        lines = self._lines(width)
        first = next((at for at, line in enumerate(lines) if line and line[-1][0] >= start[1]), 0)
        levels, row, seen = self.scale.levels(self.values), above, 0
        for line in lines[first:]:
            if row + 2 > height and row > above:
                break
            for place, column, text in line:
                level = int(levels[place])
                shade = f"{self.scale.ink(level)} on {self.scale.colour(level)}" if mode == "colour" and level >= 0 else "value"
                canvas.put(row, column, text.replace("…", ".") if mode == "ascii" else text, shade)
                within = self.mark is not None and self.mark[0] <= place <= self.mark[1]
                sign = "^" if within else self.scale.sign(level, ascii_only=mode == "ascii")
                canvas.put(row + 1, column, sign * cell_len(text), "mark" if within else "label")
                if row < height:
                    owned[row, column : column + cell_len(text)] = (0, place)
                seen += 1
            row += 2
        return Drawn(canvas, owned, (1, seen))

    def words(self, row: int, column: int) -> str:
        """A word with its value."""
        del row
        return f"{column + 1} {self.symbols[column]}: {exact(float(self.values[column]))}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(place, word, value)."""
        for place, (symbol, value) in enumerate(zip(self.symbols, self.values.tolist(), strict=False)):
            yield place + 1, symbol, float(value)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Words on their shades."""
        look, lines = FIGURE_THEMES[theme], self._lines(int((SVG_WIDTH - SVG_LEFT - 24) / _LETTER))
        height, levels = 76 + 24 * len(lines), self.scale.levels(self.values)
        parts = svg_head(self.title, subtitle, height, theme, self.scale)
        for row, line in enumerate(lines):
            for place, column, text in line:
                level = int(levels[place])
                x, y, wide = SVG_LEFT + column * _LETTER, 60 + 24 * row, max(1, cell_len(text)) * _LETTER
                if level >= 0:
                    parts.append(f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="18" fill="{self.scale.colour(level)}"/>')
                ink = self.scale.ink(level) if level >= 0 else look.ink
                size = f'font-family="monospace" textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"'
                parts.append(svg_text(x, y + 13, text, ink, size))
                if self.mark is not None and self.mark[0] <= place <= self.mark[1]:
                    parts.append(f'<rect x="{x:.1f}" y="{y + 19}" width="{wide:.1f}" height="2" fill="{look.ink}"/>')
        return height, "\n".join([*parts, "</svg>"]) + "\n"

    def step_at(self, column: int) -> int | None:
        """The step of a word."""
        return self.steps[column] if column < len(self.steps) else None

    def marked(self, first: int, last: int) -> Passage:
        """With the words at these steps marked."""
        return replace(self, mark=marked_columns([self.step_at(column) for column in range(self.shape[1])], first, last))

    def lines_wanted(self, width: int) -> int | None:
        """Two lines for each line of words, and the title."""
        return 1 + 2 * len(self._lines(width))
