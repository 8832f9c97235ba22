"""Curves as PNG or PDF, drawn by matplotlib: the same lines, axes, levels and colours as in the SVG figure."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from workbench.errors import UsageError
from workbench.plotting.canvas import clean
from workbench.plotting.svg import FIGURE_THEMES, Figure

__all__ = ["painted_figure"]

_SIZE, _DPI = (7.6, 4.7), 150
"""Inches of a figure, and dots of an inch."""


def painted_figure(figure: Figure, kind: str) -> bytes:
    """A figure as the bytes of a file.

    Args:
        figure: what is drawn.
        kind: `png` or `pdf`.
    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Page
    except ImportError as error:
        raise UsageError(
            f"report: got --{kind}; expected matplotlib to draw it, which is not installed. pip install 'nn-workbench[report]'"
        ) from error
    theme = FIGURE_THEMES["white"]
    page = Page(figsize=_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(page)
    axes: Any = page.add_subplot()
    solid = [line for line in figure.series if not line.faint]
    for line in (*(one for one in figure.series if one.faint), *solid):
        colour = theme.colour(line.colour, solid.index(line) if line in solid else 0)
        marker = {"●": "o", "■": "s", "□": "s", "○": "o", "◇": "D"}.get(line.marker, "")
        look = {"linewidth": 0.7, "alpha": 0.35} if line.faint else {"linewidth": 1.5, "label": _literal(line.name)}
        axes.plot(line.x, line.y, color=colour, marker=marker, markersize=3.5, **look)
    for level in figure.levels:
        axes.axhline(level.value, linestyle="--", linewidth=1, color=theme.roles["level"], label=_literal(level.name))
    if figure.log_x:
        axes.set_xscale("log")
    if figure.log_y:
        axes.set_yscale("log", nonpositive="mask")
    if figure.view is not None:
        x0, x1, y0, y1 = figure.view
        axes.set_xlim(left=x0, right=x1)
        axes.set_ylim(bottom=y0, top=y1)
    axes.set_xlabel(_literal(figure.x_name))
    axes.set_ylabel(_literal(figure.title))
    axes.grid(visible=True, color=theme.grid, linewidth=0.7)
    axes.set_title(_literal(figure.subtitle), fontsize=9, color=theme.quiet, loc="left")
    if solid or figure.levels:
        axes.legend(fontsize=8, frameon=False)
    buffer = BytesIO()
    page.savefig(buffer, format=kind)
    return buffer.getvalue()


def _literal(text: str) -> str:
    """A text in which no sign begins a formula, and no name is kept from the legend."""
    return clean(text).replace("$", r"\$").removeprefix("_")
