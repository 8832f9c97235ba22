"""One series of several runs as a band: at each step the least, the middle and the greatest of their values.

Runs need not have the same steps: one evaluates more often, one was stopped, one has only begun. A band stands where at least a
stated share of the runs that have begun has a finite value, and says so in words; nothing is filled in between a run's values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.race import MEDIAN, TRACE

__all__ = ["USUAL_SHARE", "Band", "band_of", "band_series"]

USUAL_SHARE = 0.5
"""Share of the runs that a chart's band asks for: one run that fails early does not end the band of the others."""

Line = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Steps, ascending and each once, shape (n,), and values, shape (n,)."""


@dataclass(frozen=True, eq=False)
class Band:
    """What several runs have at the steps that enough of them share.

    Attributes:
        steps: where the band stands, ascending, shape (n,).
        median, low, high: middle, least and greatest value of the runs that have one there, shape (n,); finite.
        counts: how many runs these are, shape (n,).
        runs: runs with any finite value, over which the band is made.
        without: runs that have none, and are left out.
        needed: runs that must have a value at a step.
        left_out: steps at which some run has a value, but fewer than needed.
    """

    steps: NDArray[np.float64]
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    counts: NDArray[np.intp]
    runs: int
    without: int
    needed: int
    left_out: int

    @property
    def name(self) -> str:
        """What its median is called: `median of 5 runs`."""
        return f"median of {_many(self.runs, 'run')}"

    @property
    def words(self) -> str:
        """What it is made of, for a person: `median and range of 5 runs; without 20 steps that fewer than 3 of them have`."""
        parts = [f"median and range of {_many(self.runs, 'run')}"]
        if self.left_out:
            fewer = "not all of them have" if self.needed == self.runs else f"fewer than {self.needed} of them have"
            parts.append(f"without {_many(self.left_out, 'step')} that {fewer}")
        if self.without:
            parts.append(f"{_many(self.without, 'run')} without a value")
        return "; ".join(parts)


def band_of(lines: Sequence[Line], share: float = 1.0) -> Band:
    """The band of a series of several runs.

    Args:
        lines: steps and values of each run, not thinned out: what is thinned keeps other steps of each. Values that are not
            finite are none.
        share: of the runs with any value, how many must have one at a step, above 0 and up to 1.
    """
    finite = [(steps[there], values[there]) for steps, values in lines if (there := np.isfinite(values)).any()]
    needed = max(1, math.ceil(share * len(finite) - 1e-9))
    steps, table = _aligned(finite)
    counts = np.isfinite(table).sum(axis=0)
    enough = counts >= needed
    table, counts = np.sort(table[:, enough], axis=0), counts[enough]  # NaN comes last
    columns = np.arange(len(counts))
    low, high = (table[0], table[counts - 1, columns]) if finite else (table[:0].ravel(), table[:0].ravel())
    median = table[(counts - 1) // 2, columns] / 2 + table[counts // 2, columns] / 2 if finite else low
    left_out = int((~enough).sum())
    return Band(steps[enough], median, low, high, counts, len(finite), len(lines) - len(finite), needed, left_out)


def band_series(
    lines: Sequence[Series], share: float = USUAL_SHARE, *, median: str = MEDIAN, trace: str = TRACE, named: bool = True
) -> tuple[list[Series], Band]:
    """What a chart draws of several runs' series: the median with its range, each run's own line thin behind it; and the band.

    Args:
        lines: a line of each run, not thinned out.
        share: as for `band_of`.
        median, trace: colours of the median, and of the range and the runs' lines.
        named: whether the runs' lines keep their names; a legend that has room for the median alone leaves them out.
    """
    band = band_of([(line.x, line.y) for line in lines], share)
    behind = [Series(line.name if named else "", line.x, line.y, trace, faint=True) for line in lines]
    middle = Series(band.name, band.steps, band.median, median)
    return [*behind, replace(middle, low=band.low, high=band.high, shade=trace)], band


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _aligned(lines: Sequence[Line]) -> Line:
    """All steps, shape (n,), and the values of each run there, shape (runs, n); NaN where it has none."""
    if not lines:
        return np.empty(0), np.empty((0, 0))
    longest = max((steps for steps, _ in lines), key=len)
    if all(np.array_equal(steps, longest[: len(steps)]) for steps, _ in lines):  # the usual case: some are further than others
        steps = longest
        places = [np.arange(len(own)) for own, _ in lines]
    else:
        steps = np.unique(np.concatenate([steps for steps, _ in lines]))
        places = [np.searchsorted(steps, own) for own, _ in lines]
    table = np.full((len(lines), len(steps)), np.nan)
    for row, place, (_, values) in zip(table, places, lines, strict=True):
        row[place] = values
    return steps.astype(np.float64), table
