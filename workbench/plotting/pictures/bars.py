"""Histograms: bars over bins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas
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
from workbench.saying import exact, short

__all__ = ["Bars"]

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_FOOT_FROM = 4
_WIDEST = 4
_SVG_HEIGHT = 180


@final
@dataclass(frozen=True, eq=False)
class Bars(Picture):
    """Shares of values by bins of equal width.

    Attributes:
        title: what is counted.
        shares: shape (bins,).
        low, high: ends of the first and the last bin.
        role: the role whose colour the bars have.
    """

    title: str
    shares: NDArray[np.float64]
    low: float
    high: float
    role: str = "train"

    @property
    def shape(self) -> tuple[int, int]:
        """One row, a column for each bin."""
        return 1, len(self.shares)

    def _edges(self) -> NDArray[np.float64]:
        return np.linspace(self.low, self.high, len(self.shares) + 1)

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Bars in eighths of a line, the ends of the axis below; bins without room are taken together."""
        del start  # all of it is seen
        canvas, owned = Canvas(width, height), owners(width, height)
        above, below = int(height >= HEAD_FROM), int(height >= _FOOT_FROM)
        lines, bins = height - above - below, len(self.shares)
        if lines < 1 or width < 1 or not bins:
            return Drawn(canvas, owned, self.shape)
        drawn = min(bins, width)
        starts = np.arange(drawn) * bins // drawn
        sums = np.add.reduceat(np.nan_to_num(self.shares, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0), starts)
        wide = max(1, min(_WIDEST, width // drawn))
        eighths = np.rint(sums / (sums.max() or 1.0) * lines * 8).astype(int)
        eighths[(eighths == 0) & (sums > 0)] = 1
        for place, filled in enumerate(eighths.tolist()):
            for line in range(lines):
                part = min(8, max(0, filled - 8 * line))
                sign = ("#" if part >= 4 else "." if part else " ") if mode == "ascii" else _EIGHTHS[part]  # noqa: PLR2004 - half a line
                canvas.put(above + lines - 1 - line, place * wide, sign * wide, self.role)
        owned[above : above + lines, : drawn * wide, 0] = 0
        owned[above : above + lines, : drawn * wide, 1] = starts.repeat(wide)
        if below:
            low, high = short(self.low), short(self.high)
            canvas.put(height - 1, 0, low, "label")
            if cell_len(low) + cell_len(high) < drawn * wide:
                canvas.put(height - 1, drawn * wide - cell_len(high), high, "label")
        if above:
            head(canvas, self.title, None, mode)
        return Drawn(canvas, owned, self.shape)

    def words(self, row: int, column: int) -> str:
        """The ends of a bin and its share."""
        del row
        edges = self._edges()
        return f"{exact(float(edges[column]), 3)} to {exact(float(edges[column + 1]), 3)}: {float(self.shares[column]):.2%}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(low end, high end, share) of each bin."""
        edges = self._edges().tolist()
        for low, high, share in zip(edges[:-1], edges[1:], self.shares.tolist(), strict=True):
            yield float(low), float(high), float(share)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Bars as rectangles."""
        look, top = FIGURE_THEMES[theme], 56
        bottom, across = top + _SVG_HEIGHT, (SVG_WIDTH - SVG_LEFT - 24) / max(1, len(self.shares))
        shares = np.nan_to_num(self.shares, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)
        highest = float(shares.max(initial=0.0)) or 1.0
        parts = svg_head(self.title, subtitle, bottom + 32, theme)
        for place, share in enumerate(shares.tolist()):
            tall = share / highest * _SVG_HEIGHT
            where = f'x="{SVG_LEFT + place * across:.2f}" y="{bottom - tall:.2f}" width="{across * 0.92:.2f}" height="{tall:.2f}"'
            parts.append(f'<rect {where} fill="{look.colour(self.role, 0)}"/>')
        parts += [
            f'<path d="M{SVG_LEFT} {bottom}H{SVG_WIDTH - 24}" stroke="{look.quiet}"/>',
            svg_text(SVG_LEFT, bottom + 18, short(self.low), look.quiet),
            svg_text(SVG_WIDTH - 24, bottom + 18, short(self.high), look.quiet, 'text-anchor="end"'),
            svg_text(SVG_LEFT - 8, top + 10, f"{highest:.1%}", look.quiet, 'text-anchor="end"'),
        ]
        return bottom + 32, "\n".join([*parts, "</svg>"]) + "\n"
