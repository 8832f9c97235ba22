"""Points in the plane, with the unit circle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

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
from workbench.plotting.raster import clip_to_square, raster
from workbench.plotting.svg import FIGURE_THEMES
from workbench.saying import exact, short

__all__ = ["Points", "Scatter"]

_CIRCLE = np.exp(1j * np.linspace(0, 2 * np.pi, 181))
_TALL = 2.0
"""Height of a cell of text, in its widths."""
_SIDE = 380


@dataclass(frozen=True, eq=False)
class Points:
    """Points of one sign.

    Attributes:
        name: what they are.
        places: (n, 2), across and up.
        role: the role whose colour they have.
        sign: the character that they are drawn with.
    """

    name: str
    places: NDArray[np.float64]
    role: str = "train"
    sign: str = "●"


@final
@dataclass(frozen=True, eq=False)
class Scatter(Picture):
    """Points about the origin, as wide as they are high.

    Attributes:
        title: what is shown.
        points: the points, one group on top of the other.
    """

    title: str
    points: tuple[Points, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """A row for each group, a column for each point."""
        return len(self.points), max((len(group.places) for group in self.points), default=0)

    def _reach(self) -> float:
        """How far the picture reaches from the origin on each side."""
        ends = [float(np.abs(group.places[np.isfinite(group.places)]).max(initial=0.0)) for group in self.points]
        return min(max([1.0, *ends]), 1e6) * 1.06

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Axes, the unit circle in dots, and a sign for each point."""
        del start  # all of it is seen
        canvas, owned, above = Canvas(width, height), owners(width, height), int(height >= HEAD_FROM)
        if above:
            head(canvas, self.title, None, mode)
        lines = height - above
        wide = int(min(width, lines * _TALL))
        lines = int(min(lines, max(1, wide / _TALL)))
        if wide < 1 or lines < 1:
            return Drawn(canvas, owned, self.shape)
        left, reach = (width - wide) // 2, self._reach()
        for row in range(lines):
            canvas.put(above + row, left + wide // 2, "|" if mode == "ascii" else "│", "axis")
        canvas.put(above + lines // 2, left, ("-" if mode == "ascii" else "─") * wide, "axis")
        circle = clip_to_square((_CIRCLE.real / reach + 1) / 2, (_CIRCLE.imag / reach + 1) / 2)
        for row, column, char, _ in raster([circle], ["." if mode == "ascii" else "braille"], wide, lines):
            canvas.put_cell(above + row, left + column, char, "other")
        label = short(reach / 1.06)
        canvas.put(min(above + lines // 2 + 1, height - 1), left + wide - len(label), label, "label")
        for place, group in enumerate(self.points):
            for at, (across, up) in enumerate(group.places.tolist()):
                if not (np.isfinite(across) and np.isfinite(up) and max(abs(across), abs(up)) <= reach):
                    continue
                column = left + min(int((across / reach + 1) / 2 * wide), wide - 1)
                row = above + min(int((1 - up / reach) / 2 * lines), lines - 1)
                canvas.put(row, column, ("o", "x", "+")[place % 3] if mode == "ascii" else group.sign, group.role)
                owned[row, column] = (place, at)
        return Drawn(canvas, owned, self.shape)

    def words(self, row: int, column: int) -> str:
        """Both parts of a point, and its distance from the origin."""
        group = self.points[row]
        across, up = group.places[min(column, len(group.places) - 1)].tolist()
        number = f"{exact(across)} {'+' if up >= 0 else '-'} {exact(abs(up))}i"
        return f"{group.name} {column + 1}: {number}, modulus {exact(float(np.hypot(across, up)))}"

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(group, across, up)."""
        for group in self.points:
            for across, up in group.places.tolist():
                yield group.name, float(across), float(up)

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """Axes, circle and points as vectors."""
        look, reach, top = FIGURE_THEMES[theme], self._reach(), 56
        x0, y0, half = SVG_LEFT + _SIDE / 2, top + _SIDE / 2, _SIDE / 2
        parts = svg_head(self.title, subtitle, top + _SIDE + 24, theme)
        parts += [
            f'<path d="M{x0 - half} {y0}H{x0 + half}M{x0} {y0 - half}V{y0 + half}" stroke="{look.grid}"/>',
            f'<circle cx="{x0}" cy="{y0}" r="{half / reach:.1f}" fill="none" stroke="{look.quiet}" stroke-dasharray="4 3"/>',
            svg_text(x0 + half + 6, y0 + 4, short(reach / 1.06), look.quiet),
        ]
        for place, group in enumerate(self.points):
            colour = look.colour(group.role, place)
            known = group.places[np.isfinite(group.places).all(axis=1)]
            radius = 3 if place == 0 else 5
            parts += [
                f'<circle cx="{x0 + across / reach * half:.1f}" cy="{y0 - up / reach * half:.1f}" r="{radius}" '
                f'fill="{colour if place == 0 else "none"}" stroke="{colour}"/>'
                for across, up in known.tolist()
            ]
            parts.append(svg_text(SVG_WIDTH - 200, top + 20 + 20 * place, group.name, colour))
        return top + _SIDE + 24, "\n".join([*parts, "</svg>"]) + "\n"
