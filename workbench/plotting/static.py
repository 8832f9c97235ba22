"""Figures that are drawn once, by plotext: what a command prints. The live charts and the figures of probes are in `figure`.

plotext gets points of the unit square and the ticks of our own axes: its limits of a logarithmic axis are wrong in 5.3.2, and its
ticks are 0.1053 where ours are 1e-1. What it draws less well is not given to it:

- Figures of probes stand in panes of any size, down to one cell, and in ASCII. The two histograms of `lengths` are an outline and
  stems, which can be told apart without colour; two kinds of bars of plotext cannot, and they melt together at two columns each.
- The range of several runs is a shaded area behind their lines, which stay apart from it by their colour.
- Images are half blocks of two pixels a cell (`tui/widgets/halfblock.py`); plotext's have one pixel a cell, and no grey in ASCII.
- Live charts are drawn anew at every reading of a run. plotext takes thirty times as long for one, as `bench_tui` measures, and
  has a single figure for all threads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from workbench.plotting.figure import ASCII_MARKERS, Series, View, axis_of_x, axis_of_y, has_markers, shown_points
from workbench.plotting.labelled import label_places
from workbench.plotting.raster import clip_to_square

__all__ = ["static_figure"]

_FRAME, _ASCII_FRAME = str.maketrans("└┬", "╰┴"), str.maketrans("│┤└┬─", "|+++-")
"""plotext's axes as those of the live charts."""
_ROWS_OF_X_AXIS = 2


def static_figure(  # noqa: PLR0913 - as `draw_figure`
    series: Sequence[Series], width: int, height: int, *, log_y: bool = False, view: View | None = None, ascii_only: bool = False
) -> Text:
    """Lines with axes as text of `height` lines, in plain terminal colours. Not safe from threads: plotext has one figure.

    Args:
        series: the lines; those with a marker have it on each point. Their colours are names of plain terminal colours.
        width, height: size in cells, labels included.
        log_y: logarithmic y axis; values <= 0 are then gaps.
        view: what to show of the data; ends that are None fit the data.
        ascii_only: use no character outside ASCII.
    """
    import plotext  # here: costs 30 ms

    x_axis = axis_of_x(series, view, log=False)
    shown = [shown_points(line, x_axis, 2 * width, log_y=log_y) for line in series]
    y_axis = axis_of_y(shown, (), view, log=log_y, clip=False)
    plotext.clear_figure()
    plotext.limit_size(False, False)  # the size is the caller's, whatever the terminal's
    plotext.plot_size(width, height)
    plotext.theme("clear")
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.xlim(0, 1)
    plotext.ylim(0, 1)
    for set_ticks, axis, count in (
        (plotext.xticks, x_axis, max(1, width // 10)),
        (plotext.yticks, y_axis, max(2, min(6, (height - _ROWS_OF_X_AXIS) // 3))),
    ):
        ticks = axis.ticks(count)
        set_ticks(axis.unit(np.array([value for value, _ in ticks])).tolist(), [label for _, label in ticks])
    for index, (line, (x, y)) in enumerate(zip(series, shown, strict=True)):
        sign = (line.label or ASCII_MARKERS[index % len(ASCII_MARKERS)]) if ascii_only else "braille"
        for piece in _pieces(*clip_to_square(x_axis.unit(x), y_axis.unit(y))):
            plotext.plot(*piece, marker=sign, color=line.colour)
            if has_markers(line, len(x), width):
                plotext.scatter(*piece, marker="o" if ascii_only else line.marker, color=line.colour)
    for index, across, up in label_places(series, shown, x_axis, y_axis, width):
        plotext.scatter([across], [up], marker=series[index].label, color=series[index].colour)
    drawn = plotext.build().rstrip("\n").translate(_ASCII_FRAME if ascii_only else _FRAME)
    return Text.from_ansi(drawn, no_wrap=True, end="")


def _pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[list[float], list[float]]]:
    """The parts of a line between its gaps."""
    finite = np.isfinite(x) & np.isfinite(y)
    parts = np.split(np.arange(len(x)), np.flatnonzero(np.diff(finite)) + 1)
    return [(x[part].tolist(), y[part].tolist()) for part in parts if len(part) and finite[part[0]]]
