"""What a chart shows: lines over steps, marks and levels. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.clock import Clock
from workbench.tui.charts.options import XAxis

__all__ = ["ChartData", "ChartLine", "StepMark", "nearest_value"]


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
class ChartData:
    """Everything that one chart shows.

    Attributes:
        lines: the series.
        marks: signs on the x axis.
        levels: dashed lines as (value, name).
        clock: other ways to count x.
        is_group: whether the lines of each group are those of runs that differ in the seed alone, which a band can stand for.
    """

    lines: tuple[ChartLine, ...] = ()
    marks: tuple[StepMark, ...] = ()
    levels: tuple[tuple[float, str], ...] = ()
    clock: Clock = field(default_factory=Clock)
    is_group: bool = False

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
        return tuple(XAxis(axis) for axis in self.clock.choices() if all(axis in clock.choices() for clock in clocks))


def nearest_value(line: ChartLine, step: float) -> tuple[int, float] | None:
    """Step and value of a line at the last point up to a step, or its first point."""
    if len(line.steps) == 0:
        return None
    index = max(0, int(np.searchsorted(line.steps, step, side="right")) - 1)
    return int(line.steps[index]), float(line.values[index])
