"""What a chart shows: lines over steps, marks and levels. Nothing here draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.tui.charts.options import XAxis

__all__ = ["ChartData", "ChartLine", "Clock", "StepMark", "nearest_value"]


@dataclass(frozen=True, eq=False)
class ChartLine:
    """One series over steps.

    Attributes:
        name: what the legend calls it (`train`).
        role: names its colour: `train`, `validation` or `other`.
        steps: ascending, shape (n,).
        values: shape (n,).
        marker: sign put on its points while these are few.
        smooth: whether smoothing applies to it (a line of few points is left as it is).
        label: of one of several runs, the sign that stands on its line; raw values are not drawn behind such a line.
        group: lines of several groups are drawn a group at a time; "" where all are drawn.
        clock: that of its run, where it is another one than the chart's.
    """

    name: str
    role: str
    steps: NDArray[np.int64]
    values: NDArray[np.float64]
    marker: str = ""
    smooth: bool = False
    label: str = ""
    group: str = ""
    clock: Clock | None = None


@dataclass(frozen=True)
class StepMark:
    """Something that happened at a step and is shown on the x axis.

    Attributes:
        step: when.
        kind: `changed` or `checkpoint`.
        note: what, for the line below the chart.
    """

    step: int
    kind: str
    note: str


@dataclass(frozen=True, eq=False)
class Clock:
    """Seconds of training and samples at steps, and steps in an epoch, for other ways to count x.

    Past the newest step it goes on at its mean pace: beside a longer run one points at places where this one has not been.

    Attributes:
        steps, seconds, samples: ascending, shape (n,); samples may be missing, shape (0,).
        steps_per_epoch: None where data are generated without end.
    """

    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    seconds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    steps_per_epoch: float | None = None
    samples: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def choices(self) -> tuple[XAxis, ...]:
        """The ways to count x that make sense for this run."""
        choices = [XAxis.STEP]
        if self.steps_per_epoch:
            choices.append(XAxis.EPOCH)
        choices += [axis for axis in (XAxis.SECONDS, XAxis.SAMPLES) if self._counted(axis) is not None]
        return tuple(choices)

    def of(self, axis: XAxis) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
        """The function from steps to x."""
        if axis is XAxis.EPOCH and self.steps_per_epoch:
            per_epoch = self.steps_per_epoch
            return lambda steps: steps / per_epoch
        counted = self._counted(axis)
        if counted is not None:
            at, values = self.steps, counted
            return lambda steps: np.interp(steps, at, values) + np.maximum(steps - at[-1], 0) * _pace(at, values)
        return lambda steps: steps.astype(np.float64)

    def step_at(self, axis: XAxis, x: float) -> float:
        """The step of an x; the inverse of `of`."""
        if axis is XAxis.EPOCH and self.steps_per_epoch:
            return x * self.steps_per_epoch
        counted = self._counted(axis)
        if counted is None:
            return x
        pace = _pace(self.steps, counted)
        beyond = max(0.0, x - float(counted[-1])) / pace if pace > 0 else 0.0
        return float(np.interp(x, counted, self.steps)) + beyond

    def _counted(self, axis: XAxis) -> NDArray[np.float64] | None:
        """What is read off the clock at its steps; None where it has not two values of it."""
        values = {XAxis.SECONDS: self.seconds, XAxis.SAMPLES: self.samples}.get(axis)
        return values if values is not None and len(values) > 1 else None


def _pace(steps: NDArray[np.int64], counted: NDArray[np.float64]) -> float:
    """What a step adds on the average."""
    return float(counted[-1]) / float(steps[-1]) if steps[-1] > 0 else 0.0


@dataclass(frozen=True, eq=False)
class ChartData:
    """Everything that one chart shows.

    Attributes:
        lines: the series.
        marks: signs on the x axis.
        levels: dashed lines as (value, name).
        clock: other ways to count x.
    """

    lines: tuple[ChartLine, ...] = ()
    marks: tuple[StepMark, ...] = ()
    levels: tuple[tuple[float, str], ...] = ()
    clock: Clock = field(default_factory=Clock)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return all(len(line.steps) == 0 for line in self.lines)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of its lines, of which one is drawn at a time; none where all lines are drawn together."""
        return tuple(dict.fromkeys(line.group for line in self.lines if line.group and len(line.steps)))

    def clock_of(self, line: ChartLine) -> Clock:
        """The clock of the run that a line is of."""
        return line.clock or self.clock

    def axes(self) -> tuple[XAxis, ...]:
        """The ways to count x that make sense for every line."""
        clocks = [self.clock_of(line) for line in self.lines if len(line.steps)]
        return tuple(axis for axis in self.clock.choices() if all(axis in clock.choices() for clock in clocks))


def nearest_value(line: ChartLine, step: float) -> tuple[int, float] | None:
    """Step and value of a line at the last point up to a step, or its first point."""
    if len(line.steps) == 0:
        return None
    index = max(0, int(np.searchsorted(line.steps, step, side="right")) - 1)
    return int(line.steps[index]), float(line.values[index])
