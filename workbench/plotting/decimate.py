"""Long lines made short without losing their extremes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["envelope", "halve", "window"]


def window(x: NDArray[np.float64], low: float, high: float) -> slice:
    """The part of ascending x within [low, high], with one more point on either side so that lines reach the edges."""
    start = int(np.searchsorted(x, low, side="left"))
    stop = int(np.searchsorted(x, high, side="right"))
    return slice(max(0, start - 1), min(len(x), stop + 1))


def envelope(
    x: NDArray[np.float64], y: NDArray[np.float64], edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most two points per column: the least and the greatest value, in the order in which the line passes them.

    Args:
        x: ascending positions, shape (n,).
        y: values, shape (n,); NaN is a gap.
        edges: ascending limits of the columns, shape (columns + 1,), in the units of x.
    Returns:
        Positions and values, shape (m,), m <= 2 * columns + 2. Lines that are short enough come back as they are.
    """
    if len(x) <= 2 * len(edges):
        return x, y
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges))))
    starts = starts[starts < len(x)]
    stops = np.append(starts[1:], len(x)) - 1
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    rising = ~(y[starts] > y[stops])
    extremes_x, extremes_y = np.empty(2 * len(starts)), np.empty(2 * len(starts))
    extremes_x[0::2], extremes_x[1::2] = x[starts], x[stops]
    extremes_y[0::2], extremes_y[1::2] = np.where(rising, low, high), np.where(rising, high, low)
    return extremes_x, extremes_y


def halve(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Half as many points, the extremes of every four kept: bounds the memory of a run without end."""
    starts = np.arange(0, len(x), 4)
    return envelope(x, y, x[starts]) if len(x) > 2 * len(starts) else (x, y)
