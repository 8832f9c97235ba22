"""What a chart shows of its data, and how: window, crosshair, smoothing, axes, hidden lines. Nothing of Textual here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.plotting import Drawing, Level, Mark, Series, draw_figure, ema
from workbench.plotting.axis import Axis
from workbench.plotting.band import Band
from workbench.plotting.clock import X_NAMES
from workbench.plotting.figure import Palette, View
from workbench.plotting.race import TRACE
from workbench.plotting.signs import EVENT_SIGNS
from workbench.plotting.svg import Figure
from workbench.saying import exact
from workbench.tui.charts.band_lines import BandCache, band_words, median_series, named_lines
from workbench.tui.charts.data import ChartData, ChartLine, nearest_value
from workbench.tui.charts.options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.charts.window import ALL, Window, share_of

__all__ = ["ChartView"]

_PAN = 0.25
_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")


class ChartView:
    """The state of a chart, and what keys and mouse do to it. Styles in its drawings are names (`train`, `axis` ...).

    Attributes:
        data: what there is to show.
        options: how it is drawn.
        window: the part of the x axis that is shown.
        hidden: names of lines that are not shown.
        crosshair: the step under the crosshair, or None; where several runs are drawn, one of the run in front.
        size: columns and rows of the drawing, labels included.
        ascii_only: whether to draw without characters outside ASCII.
    """

    def __init__(self, options: ChartOptions, size: tuple[int, int] = (0, 0)) -> None:
        self.data = ChartData()
        self.options = options
        self.window: Window = ALL
        self.hidden: frozenset[str] = frozenset()
        self._group = ""
        self.crosshair: float | None = None
        self.size = size
        self.ascii_only = False
        self._smoothed: dict[str, tuple[NDArray[np.float64], float, NDArray[np.float64]]] = {}
        self._bands = BandCache()
        self._drawn: tuple[tuple[object, ...], Drawing] | None = None
        self._weight = options.smoothing or ChartOptions.smoothing

    def show(self, data: ChartData) -> None:
        """Show other data; the way of drawing and the window stay, but for an x axis that these data have not."""
        self.data = data
        if self.options.axis not in data.axes():
            self.options = replace(self.options, axis=XAxis.STEP)

    def clear(self) -> None:
        """Show nothing yet: what was pointed at in the last data means nothing in others. How x is counted is left to them."""
        self.crosshair, self.window, self.data = None, ALL, ChartData()

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
        key = (self.size, id(self.data), self.data, self.options, self.window, self.hidden, self.group, self.ascii_only)
        if self._drawn is None or self._drawn[0] != key:
            drawing = draw_figure(
                self.series(self.hidden, raw=False),
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
            self.series(self.hidden, raw=False),
            subtitle,
            x_name=X_NAMES[self.options.axis],
            log_x=self.options.log_x,
            log_y=self.options.log_y,
            view=self._limits(),
            clip_outliers=self.options.clip_outliers,
            marks=self._marks(),
            levels=self._levels(),
        )

    @property
    def group(self) -> str:
        """The group of lines that is drawn, "" where all are."""
        groups = self.data.groups
        return self._group if self._group in groups else groups[0] if groups else ""

    @property
    def lines(self) -> Sequence[ChartLine]:
        """The lines of the group that is drawn, hidden ones included; of a band its median and ends, as a legend names them."""
        return self._members if self.band is None else named_lines(self.band)

    @property
    def _members(self) -> Sequence[ChartLine]:
        group = self.group
        return [line for line in self.data.lines if line.group == group] if group else self.data.lines

    @property
    def band(self) -> Band | None:
        """The band over the runs' lines, smoothed as they are; None where each is drawn by itself."""
        if not (self.data.is_group and self.options.band):
            return None
        lines = [(line.steps, self._values(line)) for line in self._members if len(line.steps)]
        return self._bands.of(lines) if lines else None

    def series(self, hidden: Collection[str] = (), *, raw: bool = True) -> list[Series]:
        """The lines but for hidden ones, with all their points: of a smoothed one the raw line behind it as well.

        Args:
            hidden: names of lines that are left out.
            raw: also behind the lines of several runs, which is more than can be read in a picture.
        """
        if self.band is not None:
            return self._band_series(self.band, hidden, named=raw)
        lines = []
        for line in self._members:
            if line.name in hidden or len(line.steps) == 0:
                continue
            x = self.data.clock_of(line).of(self.options.axis)(line.steps)
            if line.smooth and self.options.smoothing > 0:
                behind = raw or not line.label
                if behind:
                    lines.append(Series(f"{line.name} (raw)", x, line.values, f"{line.role}-raw", faint=True))
                lines.append(
                    Series(line.name, x, self._values(line), line.role, line.marker, is_average=behind, label=line.label)
                )
            else:
                lines.append(Series(line.name, x, line.values, line.role, line.marker, label=line.label))
        return lines

    def _band_series(self, band: Band, hidden: Collection[str], *, named: bool) -> list[Series]:
        """Each run thin, and the median with its range, all by the clock of the run in front."""
        to_x = self.data.clock.of(self.options.axis)
        behind = [
            Series(line.name if named else "", to_x(line.steps), self._values(line), TRACE, faint=True)
            for line in self._members
            if len(line.steps)
        ]
        return [*behind, median_series(band, to_x(band.steps.astype(np.int64)), hidden)]

    def _values(self, line: ChartLine) -> NDArray[np.float64]:
        return self._average(line) if line.smooth and self.options.smoothing > 0 else line.values

    def words(self, *, short: bool = False) -> list[str]:
        """Where the crosshair is, and how the chart is drawn, in words for its border.

        Args:
            short: as few letters as can be told apart, for a narrow chart.
        """
        at = [self.group] if self.group else []
        if (band := self.band) is not None:
            at.append(band_words(band))
        at += [] if self.crosshair is None else [self._where(self.crosshair, short=short)]
        zoom = [] if self.window.low is None else ["following" if self.window.follows else "zoomed"]
        options = self.options.words(smoothed=any(line.smooth for line in self._members), short=short)
        return at + options + [word[:4] if short else word for word in zoom]

    def _where(self, step: float, *, short: bool) -> str:
        """The place of the crosshair: a step, of several runs the x that they have in common."""
        if self.options.axis is XAxis.STEP or not any(line.label for line in self._members):
            return f"{'' if short else 'step '}{exact(round(step))}"
        return f"{'' if short else f'{self.options.axis} '}{exact(self.x_of(step), 3)}"

    def x_of(self, step: float) -> float:
        """Where a step, or a part of one, stands on the x axis."""
        return float(self.data.clock.of(self.options.axis)(np.array([step]))[0])

    def value(self, line: ChartLine) -> tuple[int, float] | None:
        """Step and value of a line at the crosshair, else its newest; None where it has none, and past its run's newest step."""
        if self.crosshair is None:
            return nearest_value(line, float("inf"))
        if line.clock is None:
            return nearest_value(line, self.crosshair)
        step = line.clock.step_at(self.options.axis, self.x_of(self.crosshair))
        newest = int(line.clock.steps[-1]) if len(line.clock.steps) else 0
        return nearest_value(line, step) if step < newest + 1 else None

    def _average(self, line: ChartLine) -> NDArray[np.float64]:
        """The line's moving average, computed once while its values are the same array."""
        weight, name = self.options.smoothing, f"{line.group}/{line.name}"
        known = self._smoothed.get(name)
        if known is None or known[0] is not line.values or known[1] != weight:
            known = (line.values, weight, ema(line.values, weight))
            self._smoothed[name] = known
        return known[2]

    def _whole(self) -> Axis:
        """The x axis over all steps of the run, also those where this metric was not measured: charts stand side by side."""
        log, axis = self.options.log_x, self.options.axis
        clocks = [self.data.clock, *(line.clock for line in self.data.lines if line.clock is not None)]
        measured = [(self.data.clock_of(line), line.steps) for line in self.data.lines]
        every = [*((clock, clock.steps) for clock in clocks if axis in clock.choices()), *measured]
        drawn = [(clock, steps) for clock, each in every if len(steps := each[each > 0] if log else each)]
        ends = [clock.of(axis)(steps)[[0, -1]] for clock, steps in drawn]
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

    def turn_band(self) -> None:
        """Draw runs that differ in the seed alone as a band, or each by its number."""
        self.set_options(replace(self.options, band=not self.options.band))

    def next_axis(self) -> None:
        """Count x in the next way that makes sense for these data."""
        choices = self.data.axes()
        self.set_options(replace(self.options, axis=choices[(choices.index(self.options.axis) + 1) % len(choices)]))

    def smooth(self, direction: int) -> None:
        """Smooth more or less."""
        nearest = min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - self.options.smoothing))
        self.set_options(replace(self.options, smoothing=SMOOTHING[min(max(nearest + direction, 0), len(SMOOTHING) - 1)]))

    def turn_smoothing(self) -> None:
        """Turn smoothing off, or on again as strong as it was."""
        self.set_options(replace(self.options, smoothing=0.0 if self.options.smoothing > 0 else self._weight))

    def next_series(self) -> None:
        """All lines, then each alone, then all again; where there are groups of lines, the next group."""
        if len(groups := self.data.groups) > 1:
            self._group = groups[(groups.index(self.group) + 1) % len(groups)]
            return
        names = [line.name for line in self.lines]
        alone = [frozenset(names) - {name} for name in names]
        choices = [frozenset[str](), *alone] if len(names) > 1 else [frozenset[str]()]
        index = choices.index(self.hidden) if self.hidden in choices else -1
        self.hidden = choices[(index + 1) % len(choices)]

    def toggle(self, name: str) -> None:
        """Hide a line, or show it again."""
        self.hidden = self.hidden ^ {name}
