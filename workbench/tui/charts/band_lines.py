"""The runs of a group as a chart shows them: a median with its range, worked out anew only when a line has changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.plotting import Series
from workbench.plotting.band import USUAL_SHARE, Band, band_of
from workbench.plotting.race import MEDIAN, TRACE
from workbench.tui.charts.data import ChartLine

__all__ = ["BandCache", "band_words", "median_series", "named_lines"]

Lines = Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Steps and values of each run."""
MIDDLE, LEAST, GREATEST = "median", "min", "max"
"""What a legend calls the parts of a band; how many runs it is of stands in the chart's border."""


class BandCache:
    """The band of some lines, kept for as long as these are the same arrays."""

    def __init__(self) -> None:
        self._lines: Lines = ()
        self._band: Band | None = None

    def of(self, lines: Lines) -> Band:
        """The band of these lines."""
        is_known = len(lines) == len(self._lines) and all(
            steps is old_steps and values is old for (steps, values), (old_steps, old) in zip(lines, self._lines, strict=True)
        )
        if self._band is None or not is_known:
            self._lines, self._band = lines, band_of([(steps.astype(np.float64), values) for steps, values in lines], USUAL_SHARE)
        return self._band


def named_lines(band: Band) -> list[ChartLine]:
    """What a legend names: the median and the ends of the range."""
    steps = band.steps.astype(np.int64)
    return [
        ChartLine(MIDDLE, MEDIAN, steps, band.median),
        ChartLine(LEAST, TRACE, steps, band.low, marker="░"),
        ChartLine(GREATEST, TRACE, steps, band.high, marker="░"),
    ]


def band_words(band: Band) -> str:
    """How many runs it is of: `5 runs`, or `3-5 runs` where it has steps that not all of them have."""
    fewest = int(band.counts.min()) if len(band.counts) else band.runs
    return f"{band.runs} runs" if fewest == band.runs else f"{fewest}-{band.runs} runs"


def median_series(band: Band, x: NDArray[np.float64], hidden: Collection[str]) -> Series:
    """The median with its range as a line of a figure.

    Args:
        band: what is drawn.
        x: where its steps stand, shape (n,).
        hidden: names of `named_lines` that are not drawn; without one of its ends there is no range.
    """
    median = np.full_like(band.median, np.nan) if MIDDLE in hidden else band.median
    line = Series(band.name, x, median, MEDIAN, shade=TRACE)
    return line if {LEAST, GREATEST} & set(hidden) else replace(line, low=band.low, high=band.high)
