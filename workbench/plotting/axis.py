"""Axes: from values to the unit interval and back, round ticks and short labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.saying import short

__all__ = ["Axis"]

_TINY = 1e-300
_HUGE = 1e300
_FINEST = 1e-290
"""Values closer than this are one: the distance between two ticks would be no number any more."""
_MOST_DIGITS = 300.0
_LONGEST = 9
"""Characters of a label, at most."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """A finite interval, linear or logarithmic.

    Attributes:
        low, high: ends, low < high; both > 0 when logarithmic.
        log: whether equal lengths are equal factors.
    """

    low: float
    high: float
    log: bool = False

    @classmethod
    def fit(cls, values: Sequence[NDArray[np.float64]], *, log: bool = False, margin: float = 0.0, clip: bool = False) -> Axis:
        """The axis that holds all finite (and, when logarithmic, positive) values.

        Args:
            values: arrays of any length.
            log: whether the axis is logarithmic.
            margin: room at either end as a share of the length.
            clip: leave out the outermost hundredth at either end.
        """
        ends: list[float] = []
        for array in values:
            drawable = array[np.isfinite(array) & (array > 0 if log else True)]
            if len(drawable) == 0:
                continue
            if clip and len(drawable) >= 20:  # noqa: PLR2004 - below that a hundredth is no value at all
                sample = drawable[:: max(1, len(drawable) // 10_000)]
                ends += np.percentile(sample, (1, 99)).tolist()
            else:
                ends += [float(drawable.min()), float(drawable.max())]
        if not ends:
            return cls(0.1, 1.0, log=True) if log else cls(0.0, 1.0)
        return cls._between(min(ends), max(ends), log=log, margin=margin)

    @classmethod
    def between(cls, low: float, high: float, *, log: bool = False) -> Axis:
        """An axis from any two numbers, fixed where they cannot be ends."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return cls(0.1, 1.0, log=True) if log else cls(0.0, 1.0)
        return cls._between(min(low, high), max(low, high), log=log, margin=0.0)

    @classmethod
    def _between(cls, low: float, high: float, *, log: bool, margin: float) -> Axis:
        if log:
            low, high = (min(max(end, _TINY), _HUGE) for end in (low, high))
            if high / low < 1 + 1e-9:
                return cls(low / 2, high * 2, log=True)
            room = min((math.log10(high) - math.log10(low)) * margin, _MOST_DIGITS)
            return cls(max(_TINY, low * 10**-room), min(high * 10**room, _HUGE), log=True)
        low, high = (min(max(end, -_HUGE), _HUGE) for end in (low, high))
        if high - low <= max(1e-12 * max(abs(low), abs(high), 1e-30), _FINEST):
            if abs(low) <= _FINEST:
                return cls(0.0, 1.0)  # a score that is 0 so far: what is below it is nowhere
            room = abs(low) * 0.1
            return cls(low - room, high + room)
        room = (high - low) * margin
        return cls(low - room, high + room)

    def unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values as shares of the axis: 0 at low, 1 at high. NaN for what has no place on it."""
        if not self.log:
            with np.errstate(over="ignore", invalid="ignore"):
                shares: NDArray[np.float64] = (values - self.low) / (self.high - self.low)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.where(values > 0, np.log10(np.maximum(values, _TINY)), np.nan)
            shares = (logs - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return np.where(np.isfinite(shares), shares, np.nan)

    def value(self, share: float) -> float:
        """The value at a share of the axis; the inverse of `unit`."""
        if not self.log:
            return self.low + share * (self.high - self.low)
        first, last = math.log10(self.low), math.log10(self.high)
        return float(10 ** min(max(first + share * (last - first), -_MOST_DIGITS), _MOST_DIGITS))

    def values(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at shares of the axis, shape as given."""
        return np.array([self.value(float(share)) for share in shares])

    def ticks(self, count: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """About `count` round values within the axis, with labels; of what is counted none between whole numbers."""
        if count < 1:
            return []
        return (self._log_ticks(count) if self.log else []) or self._linear_ticks(count, whole=whole)

    def _linear_ticks(self, count: int, *, whole: bool) -> list[tuple[float, str]]:
        rough = (self.high - self.low) / count
        if whole:
            rough = max(rough, 1.0)
            rough = 5.0 if _STEPS[1] < rough <= _STEPS[2] else rough  # 2.5 apart would be no whole numbers
        scale = 10.0 ** math.floor(math.log10(rough))
        step = next(scale * step for step in _STEPS if scale * step >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        values = [index * step for index in range(first, min(last, first + 100) + 1)]
        largest = max(abs(self.low), abs(self.high))  # not the last tick's: charts side by side differ in that
        decimals = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if f"{step:e}".startswith("2.5") else 0))
        if largest >= 10_000 or decimals > 3:  # noqa: PLR2004 - where plain numbers become long
            labels = [short(value, largest=largest) for value in values]
            for digits in range(3, _LONGEST):  # values that lie close need more digits to be told apart
                longer = [_digits(value, digits) for value in values]
                if len(set(labels)) == len(labels) or max(map(len, longer)) > _LONGEST:
                    break
                labels = longer
            return [(values[labels.index(label)], label) for label in dict.fromkeys(labels)]
        return [(value, f"{value:.{decimals}f}") for value in values]

    def _log_ticks(self, count: int) -> list[tuple[float, str]]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        decades = list(range(first, last + 1))
        if len(decades) >= 2:  # noqa: PLR2004 - two ticks make a scale
            every = max(1, -(-len(decades) // max(count, 2)))
            sparse = [decade for decade in decades if decade % every == 0]
            return [
                (10.0**decade, f"1e{decade}") for decade in (sparse if len(sparse) > 1 else decades[:: max(1, len(decades) - 1)])
            ]
        values = [m * 10.0**d for d in range(first - 1, last + 1) for m in (1, 2, 5)]
        inside = [value for value in values if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)]
        return [(value, short(value)) for value in inside] if len(inside) > 1 else []


def _digits(value: float, digits: int) -> str:
    """A value with so many digits behind its first: 2.601e-11."""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
