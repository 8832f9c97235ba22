"""What a chart shows of its data, and how: window, crosshair, smoothing, axes, hidden lines. Nothing of Textual here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.plotting import Drawing, Level, Mark, Series, draw_figure, ema
from workbench.plotting.axis import Axis
from workbench.plotting.figure import Palette, View
from workbench.plotting.signs import EVENT_SIGNS
from workbench.plotting.svg import Figure
from workbench.saying import exact
from workbench.tui.charts.data import ChartData, ChartLine
from workbench.tui.charts.options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.charts.window import ALL, Window, share_of

__all__ = ["ChartView"]

_PAN = 0.25
_X_NAMES = {XAxis.STEP: "step", XAxis.EPOCH: "epoch", XAxis.SECONDS: "seconds of training", XAxis.SAMPLES: "samples"}
_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")


class ChartView:
    """The state of a chart, and what keys and mouse do to it. Styles in its drawings are names (`train`, `axis` ...).

    Attributes:
        data: what there is to show.
        options: how it is drawn.
        window: the part of the x axis that is shown.
        hidden: names of lines that are not shown.
        crosshair: the step under the crosshair, or None.
        size: columns and rows of the drawing, labels included.
        ascii_only: whether to draw without characters outside ASCII.
    """

    def __init__(self, options: ChartOptions, size: tuple[int, int] = (0, 0)) -> None:
        self.data = ChartData()
        self.options = options
        self.window: Window = ALL
        self.hidden: frozenset[str] = frozenset()
        self.crosshair: float | None = None
        self.size = size
        self.ascii_only = False
        self._smoothed: dict[str, tuple[NDArray[np.float64], float, NDArray[np.float64]]] = {}
        self._drawn: tuple[tuple[object, ...], Drawing] | None = None
        self._weight = options.smoothing or ChartOptions.smoothing

    def show(self, data: ChartData) -> None:
        """Show other data; the way of drawing and the window stay, but for an x axis that these data have not."""
        self.data = data
        if self.options.axis not in data.clock.choices():
            self.options = replace(self.options, axis=XAxis.STEP)

    def clear(self) -> None:
        """Show nothing yet: what was pointed at in the last data means nothing in others."""
        self.crosshair, self.window = None, ALL
        self.show(ChartData())

    def set_options(self, options: ChartOptions) -> None:
        """Draw in another way."""
        if options.axis is not self.options.axis or options.log_x != self.options.log_x:
            self.window = ALL  # its ends are counted in the old units
        self._weight = options.smoothing or self._weight
        self.options = options

    # The picture -------------------------------------------------------------------------------------------------------

    @property
    def drawing(self) -> Drawing:
        """The chart without its crosshair, drawn anew only when something of it has changed."""
        key = (self.size, id(self.data), self.data, self.options, self.window, self.hidden, self.ascii_only)
        if self._drawn is None or self._drawn[0] != key:
            drawing = draw_figure(
                self.series(self.hidden),
                *self.size,
                log_x=self.options.log_x,
                log_y=self.options.log_y,
                view=self._limits(),
                clip_outliers=self.options.clip_outliers,
                marks=self._marks(),
                levels=self._levels(),
                palette=_PALETTE,
                ascii_only=self.ascii_only,
            )
            self._drawn = (key, drawing)
        return self._drawn[1]

    def figure(self, title: str, subtitle: str) -> Figure:
        """The chart as a figure for a report."""
        return Figure(
            title,
            self.series(self.hidden),
            subtitle,
            x_name=_X_NAMES[self.options.axis],
            log_x=self.options.log_x,
            log_y=self.options.log_y,
            view=self._limits(),
            clip_outliers=self.options.clip_outliers,
            marks=self._marks(),
            levels=self._levels(),
        )

    def series(self, hidden: Collection[str] = ()) -> list[Series]:
        """The lines but for hidden ones, with all their points: of a smoothed one the raw line behind it as well."""
        to_x = self.data.clock.of(self.options.axis)
        lines = []
        for line in self.data.lines:
            if line.name in hidden or len(line.steps) == 0:
                continue
            x = to_x(line.steps)
            if line.smooth and self.options.smoothing > 0:
                lines.append(Series(f"{line.name} (raw)", x, line.values, f"{line.role}-raw", faint=True))
                lines.append(Series(line.name, x, self._average(line), line.role, line.marker, is_average=True))
            else:
                lines.append(Series(line.name, x, line.values, line.role, line.marker))
        return lines

    def words(self, *, short: bool = False) -> list[str]:
        """Where the crosshair is, and how the chart is drawn, in words for its border.

        Args:
            short: as few letters as can be told apart, for a narrow chart.
        """
        at = [] if self.crosshair is None else [f"{'' if short else 'step '}{exact(round(self.crosshair))}"]
        zoom = [] if self.window.low is None else ["following" if self.window.follows else "zoomed"]
        options = self.options.words(smoothed=any(line.smooth for line in self.data.lines), short=short)
        return at + options + [word[:4] if short else word for word in zoom]

    def x_of(self, step: float) -> float:
        """Where a step, or a part of one, stands on the x axis."""
        return float(self.data.clock.of(self.options.axis)(np.array([step]))[0])

    def _average(self, line: ChartLine) -> NDArray[np.float64]:
        """The line's moving average, computed once while its values are the same array."""
        weight = self.options.smoothing
        known = self._smoothed.get(line.name)
        if known is None or known[0] is not line.values or known[1] != weight:
            known = (line.values, weight, ema(line.values, weight))
            self._smoothed[line.name] = known
        return known[2]

    def _whole(self) -> Axis:
        """The x axis over all steps of the run, also those where this metric was not measured: charts stand side by side."""
        log, to_x = self.options.log_x, self.data.clock.of(self.options.axis)
        all_steps = [self.data.clock.steps, *(line.steps for line in self.data.lines)]
        drawn = [steps for each in all_steps if len(steps := each[each > 0] if log else each)]
        ends = [to_x(steps)[[0, -1]] for steps in drawn]
        if ends and not log and self.data.clock.step_at(self.options.axis, min(end[0] for end in ends)) <= 1:
            ends.append(np.zeros(1))  # a run begins at step 0, though its first value stands at 1
        return Axis.fit(ends, log=log)

    def _limits(self) -> View:
        whole = self._whole()
        low, high = self.window.ends(whole.high)
        if low is None and not self.data.empty:
            low, high = whole.low, whole.high
        return low, high, None, None

    def _levels(self) -> Sequence[Level]:
        return [Level(value, name, "level") for value, name in self.data.levels]

    def _marks(self) -> list[Mark]:
        """What happened, as signs on the x axis; a change lies on top of a checkpoint."""
        steps = np.array([mark.step for mark in self.data.marks], dtype=np.int64)
        marks = [
            Mark(float(x), EVENT_SIGNS[mark.kind].unicode, f"mark-{mark.kind}", frequent=mark.kind == "checkpoint")
            for mark, x in zip(self.data.marks, self.data.clock.of(self.options.axis)(steps).tolist(), strict=True)
        ]
        return sorted(marks, key=lambda mark: mark.sign == EVENT_SIGNS["changed"].unicode)

    # What keys and mouse do --------------------------------------------------------------------------------------------

    def move_crosshair(self, columns: int) -> None:
        """Move the crosshair by columns; it starts at the newest step."""
        if self.data.empty:
            return
        drawing = self.drawing
        last = drawing.left + drawing.width - 1
        column = last
        if self.crosshair is not None:
            column = (drawing.column_of(self.x_of(self.crosshair)) or drawing.left) + columns
        self.point_at(min(max(column, drawing.left), last))

    def point_at(self, column: int) -> None:
        """Put the crosshair into a column of the drawing."""
        self.crosshair = self.data.clock.step_at(self.options.axis, self.drawing.x_at(column))

    def clear_crosshair(self) -> None:
        """Take the crosshair away."""
        self.crosshair = None

    def zoom(self, factor: float, share: float | None = None) -> None:
        """Show `factor` times as much of the x axis.

        Args:
            factor: below 1 to see less.
            share: the place that stays where it is, 0 the plot's left end and 1 its right; None for the crosshair, or the end.
        """
        if self.data.empty:
            return
        shown = self.drawing.x_axis
        if share is None:
            share = 1.0 if self.crosshair is None else share_of(shown, self.x_of(self.crosshair))
        self.window = self.window.zoomed(shown, self._whole(), factor, min(max(share, 0.0), 1.0))

    def pan(self, direction: int) -> None:
        """Move the window by a quarter of its width."""
        self.drag(self.window, direction * _PAN)

    def drag(self, window: Window, share: float) -> None:
        """Move the window from where it was by a share of its width."""
        self.window = window
        self.window = window.panned(self.drawing.x_axis, self._whole(), share)

    def follow(self) -> None:
        """Follow the newest steps in a window, or show all."""
        if not self.data.empty:
            self.window = self.window.following(self._whole())

    def show_all(self) -> None:
        """Show all steps."""
        self.window = ALL

    def turn_log_y(self) -> None:
        """Turn the logarithmic y axis on or off."""
        self.set_options(replace(self.options, log_y=not self.options.log_y))

    def turn_log_x(self) -> None:
        """Turn the logarithmic x axis on or off."""
        self.set_options(replace(self.options, log_x=not self.options.log_x))

    def turn_outliers(self) -> None:
        """Fit the y axis to 98 % of the values, or to all."""
        self.set_options(replace(self.options, clip_outliers=not self.options.clip_outliers))

    def next_axis(self) -> None:
        """Count x in the next way that makes sense for these data."""
        choices = self.data.clock.choices()
        self.set_options(replace(self.options, axis=choices[(choices.index(self.options.axis) + 1) % len(choices)]))

    def smooth(self, direction: int) -> None:
        """Smooth more or less."""
        nearest = min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - self.options.smoothing))
        self.set_options(replace(self.options, smoothing=SMOOTHING[min(max(nearest + direction, 0), len(SMOOTHING) - 1)]))

    def turn_smoothing(self) -> None:
        """Turn smoothing off, or on again as strong as it was."""
        self.set_options(replace(self.options, smoothing=0.0 if self.options.smoothing > 0 else self._weight))

    def next_series(self) -> None:
        """All lines, then each alone, then all again."""
        names = [line.name for line in self.data.lines]
        alone = [frozenset(names) - {name} for name in names]
        choices = [frozenset[str](), *alone] if len(names) > 1 else [frozenset[str]()]
        index = choices.index(self.hidden) if self.hidden in choices else -1
        self.hidden = choices[(index + 1) % len(choices)]

    def toggle(self, name: str) -> None:
        """Hide a line, or show it again."""
        self.hidden = self.hidden ^ {name}
