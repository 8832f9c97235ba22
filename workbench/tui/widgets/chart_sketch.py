"""From a chart's data and options to a drawing. Keeps what is costly; nothing of Textual here."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from workbench.plotting import Drawing, Level, Mark, Series, draw_figure, ema
from workbench.plotting.axis import Axis
from workbench.plotting.figure import Palette, View
from workbench.plotting.svg import Figure
from workbench.tui.widgets.chart_data import ChartData, ChartLine
from workbench.tui.widgets.chart_options import ChartOptions, XAxis
from workbench.tui.widgets.chart_window import Window

__all__ = ["MARK_SIGNS", "Sketch"]

MARK_SIGNS = {"changed": "▲", "checkpoint": "◆"}
"""Signs on the x axis, told apart without colour."""

_X_NAMES = {XAxis.STEP: "step", XAxis.EPOCH: "epoch", XAxis.SECONDS: "seconds of training"}
_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")


class Sketch:
    """Draws one chart. Styles in its drawings are names (`train`, `raw`, `axis` ...) that the widget maps to the theme."""

    def __init__(self) -> None:
        self._smoothed: dict[str, tuple[ChartLine, float, NDArray[np.float64]]] = {}

    def series(self, data: ChartData, options: ChartOptions, hidden: Collection[str] = ()) -> list[Series]:
        """The lines to draw: of a smoothed one the raw line behind it as well."""
        to_x = data.clock.of(options.axis)
        found = []
        for line in data.lines:
            if line.name in hidden or len(line.steps) == 0:
                continue
            x = to_x(line.steps)
            if line.smooth and options.smoothing > 0:
                found.append(Series(f"{line.name} (raw)", x, line.values, f"{line.role}-raw", faint=True))
                found.append(Series(line.name, x, self.smoothed(line, options.smoothing), line.role, line.marker))
            else:
                found.append(Series(line.name, x, line.values, line.role, line.marker))
        return found

    def smoothed(self, line: ChartLine, weight: float) -> NDArray[np.float64]:
        """The line's moving average, computed once for each line and weight."""
        known = self._smoothed.get(line.name)
        if known is None or known[0] is not line or known[1] != weight:
            known = (line, weight, ema(line.values, weight))
            self._smoothed[line.name] = known
        return known[2]

    def whole(self, data: ChartData, options: ChartOptions) -> Axis:
        """The x axis over everything there is, hidden lines included."""
        to_x = data.clock.of(options.axis)
        ends = [
            to_x(line.steps[line.steps > 0] if options.log_x else line.steps)[[0, -1]]
            for line in data.lines
            if _any(line, options)
        ]
        if ends and not options.log_x and data.clock.step_at(options.axis, min(end[0] for end in ends)) <= 1:
            ends.append(np.zeros(1))  # a run begins at step 0, though its first value stands at 1
        return Axis.fit(ends, log=options.log_x)

    def draw(  # noqa: PLR0913 - what a drawing depends on; the widget's cache has the same key
        self,
        data: ChartData,
        options: ChartOptions,
        window: Window,
        hidden: Collection[str],
        size: tuple[int, int],
        *,
        ascii_only: bool,
    ) -> Drawing:
        """The chart at a size (columns, rows), labels included."""
        return draw_figure(
            self.series(data, options, hidden),
            *size,
            log_x=options.log_x,
            log_y=options.log_y,
            view=self._view(data, options, window),
            clip_outliers=options.clip_outliers,
            marks=_marks(data, options),
            levels=[Level(value, name, "level") for value, name in data.levels],
            palette=_PALETTE,
            ascii_only=ascii_only,
        )

    def figure(
        self, data: ChartData, options: ChartOptions, window: Window, hidden: Collection[str], titles: tuple[str, str]
    ) -> Figure:
        """The chart as a figure for a report, under a title and a subtitle."""
        return Figure(
            *(titles[0], self.series(data, options, hidden), titles[1]),
            x_name=_X_NAMES[options.axis],
            log_x=options.log_x,
            log_y=options.log_y,
            view=self._view(data, options, window),
            clip_outliers=options.clip_outliers,
            marks=_marks(data, options),
            levels=[Level(value, name, "level") for value, name in data.levels],
        )

    def _view(self, data: ChartData, options: ChartOptions, window: Window) -> View:
        whole = self.whole(data, options)
        low, high = window.ends(whole.high)
        if low is None and not data.empty:
            low, high = whole.low, whole.high
        return low, high, None, None


def _marks(data: ChartData, options: ChartOptions) -> list[Mark]:
    """What happened, as signs on the x axis; a change lies on top of a checkpoint."""
    steps = np.array([mark.step for mark in data.marks], dtype=np.int64)
    marks = [
        Mark(float(x), MARK_SIGNS.get(mark.kind, "▲"), f"mark-{mark.kind}", frequent=mark.kind == "checkpoint")
        for mark, x in zip(data.marks, data.clock.of(options.axis)(steps).tolist(), strict=True)
    ]
    return sorted(marks, key=lambda mark: mark.sign == MARK_SIGNS["changed"])


def _any(line: ChartLine, options: ChartOptions) -> bool:
    return len(line.steps) > 0 and (not options.log_x or bool(line.steps[-1] > 0))
