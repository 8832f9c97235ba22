"""Named shares of a whole, as bars from the left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
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
from workbench.saying import exact

__all__ = ["Shares"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NAME = 14
"""Columns that a name has at most."""
_NUMBER = 6
"""Columns of a share and the blank before it."""
_SHORTEST_BAR = 4
"""Columns of bars below which the numbers alone are shown."""
_SVG_LINE = 18


@final
@dataclass(frozen=True, eq=False)
class Shares(Picture):
    """One bar for each name, in their order.

    Attributes:
        title: of what these are shares.
        names: what they are of.
        shares: shape (names,), from 0 to 1.
        chosen: the place of the one that stands out, or None.
    """

    title: str
    names: Sequence[str]
    shares: NDArray[np.float64]
    chosen: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """A row for each name."""
        return len(self.names), 1

    def _known(self) -> NDArray[np.float64]:
        return np.nan_to_num(self.shares, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0, 1.0)

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Names, bars in eighths of a cell and numbers, as many rows from `start` on as have room."""
        canvas, owned = Canvas(width, height), owners(width, height)
        above = int(height >= HEAD_FROM)
        first = min(max(0, start[0]), max(0, len(self.names) - 1))
        seen = max(0, min(height - above, len(self.names) - first))
        if width < 1 or seen < 1:
            return Drawn(canvas, owned, (0, 0))
        gutter = min(_NAME, max(cell_len(clean(name)) for name in self.names), max(1, width - _NUMBER - 1))
        bar = width - gutter - 1 - _NUMBER
        for line, place in enumerate(range(first, first + seen)):
            share, role = float(self._known()[place]), "mark" if place == self.chosen else "train"
            name = fit(clean(self.names[place]), gutter)
            canvas.put(
                above + line,
                0,
                name.replace("…", ".") if mode == "ascii" else name,
                "value" if place == self.chosen else "label",
            )
            if bar >= _SHORTEST_BAR:
                canvas.put(above + line, gutter + 1, _bar(share, bar, mode), role)
            canvas.put(above + line, max(gutter + 1, width - _NUMBER + 1), f"{share:.3f}", "value")
            owned[above + line, :, 0], owned[above + line, :, 1] = place, 0
        if above:
            left = len(self.names) - seen
            head(
                canvas,
                self.title if not left else f"{self.title} ({first + 1} to {first + seen} of {len(self.names)})",
                None,
                mode,
            )
        return Drawn(canvas, owned, (seen, 1))

    def words(self, row: int, column: int) -> str:
        """A name with its share."""
        del column
        return f"{clean(self.names[row])}: {exact(float(self.shares[row]), 4)}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(name, "share", share) of each."""
        for name, share in zip(self.names, self.shares.tolist(), strict=True):
            yield name, "share", float(share)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Bars as rectangles, with names at the left."""
        look, top = FIGURE_THEMES[theme], 56
        height = top + _SVG_LINE * len(self.names) + 16
        room = SVG_WIDTH - SVG_LEFT - 80
        parts = svg_head(self.title, subtitle, height, theme)
        for place, (name, share) in enumerate(zip(self.names, self._known().tolist(), strict=True)):
            y, colour = top + place * _SVG_LINE, look.colour("mark" if place == self.chosen else "train", 0)
            parts += [
                svg_text(SVG_LEFT - 8, y + 12, fit(clean(name), _NAME), look.quiet, 'text-anchor="end"'),
                f'<rect x="{SVG_LEFT}" y="{y + 2}" width="{share * room:.2f}" height="{_SVG_LINE - 5}" fill="{colour}"/>',
                svg_text(SVG_LEFT + share * room + 6, y + 12, f"{share:.3f}", look.quiet),
            ]
        return height, "\n".join([*parts, "</svg>"]) + "\n"


def _bar(share: float, width: int, mode: Mode) -> str:
    """A bar of a share of so many columns; what is more than nothing is seen."""
    if mode == "ascii":
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
