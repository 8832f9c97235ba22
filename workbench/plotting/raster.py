"""Lines as characters: dots by numpy, eight to a braille cell, whatever the data. Nothing is drawn outside the canvas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["clip_to_square", "raster"]

_FAR = 1e15
"""Squares away from which a point is as far as can be."""
_BRAILLE = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bit of each dot of a braille cell, (row, column)."""


def raster(
    lines: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], markers: Sequence[str], width: int, height: int
) -> list[tuple[int, int, str, int]]:
    """The cells that are not empty, as (row, column, character, index of the line), row by row; later lines lie on top.

    Args:
        lines: (x, y) of each line in the unit square, y upwards, shape (n,); NaN is a gap.
        markers: what each line is drawn with: "braille", or one character.
        width: columns.
        height: rows.
    """
    chars = np.full((height, width), " ")
    owners = np.full((height, width), -1)
    for index, ((x, y), marker) in enumerate(zip(lines, markers, strict=True)):
        if marker == "braille":
            dots = _dots(x, y, width * 2, height * 4).reshape(height, 4, width, 2)
            bits = np.einsum("hrwc,rc->hw", dots, _BRAILLE)
            cells = bits > 0
            chars[cells] = [chr(0x2800 + bit) for bit in bits[cells].tolist()]
        else:
            cells = _dots(x, y, width, height)
            chars[cells] = marker
        owners[cells] = index
    cells = owners >= 0
    rows, columns = np.nonzero(cells)
    return list(zip(rows.tolist(), columns.tolist(), chars[cells].tolist(), owners[cells].tolist(), strict=True))


def _dots(x: NDArray[np.float64], y: NDArray[np.float64], width: int, height: int) -> NDArray[np.bool_]:
    """Which dots of a grid (height, width), top row first, the line passes."""
    grid = np.zeros((height, width), dtype=bool)
    finite = np.isfinite(x) & np.isfinite(y)
    with np.errstate(invalid="ignore"):
        columns = np.minimum(np.where(finite, x, 0.0) * width, width - 1).astype(np.int64)
        rows = height - 1 - np.minimum(np.where(finite, y, 0.0) * height, height - 1).astype(np.int64)
    grid[rows[finite], columns[finite]] = True
    starts = np.flatnonzero(finite[:-1] & finite[1:])
    across, down = columns[starts + 1] - columns[starts], rows[starts + 1] - rows[starts]
    counts = np.maximum(np.abs(across), np.abs(down))  # dots after the first of each piece
    piece = np.repeat(np.arange(len(starts)), counts)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = place / np.maximum(counts[piece], 1)
    grid[
        np.rint(rows[starts][piece] + share * down[piece]).astype(np.int64),
        np.rint(columns[starts][piece] + share * across[piece]).astype(np.int64),
    ] = True
    return grid


def clip_to_square(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The parts of a line that lie in the unit square, cut exactly at its sides, with NaN between parts.

    Args:
        x, y: points of the line, shape (n,); NaN is a gap.
    Returns:
        Points of the visible parts, shape (m,).
    Reference:
        Liang and Barsky 1984, "A new concept and method for line clipping", ACM TOG 3(1).
    """
    if len(x) == 0 or (np.isfinite(y).all() and x.min() >= 0 and x.max() <= 1 and y.min() >= 0 and y.max() <= 1):
        return x, y
    if len(x) == 1:
        inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        return x[inside], y[inside]
    # no difference of two of them overflows; a line from so far away crosses the square where it did
    x, y = (np.where(np.isfinite(part), np.clip(part, -_FAR, _FAR), np.nan) for part in (x, y))
    x0, x1, y0, y1 = x[:-1], x[1:], y[:-1], y[1:]
    enter, leave = np.zeros(len(x0)), np.ones(len(x0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for start, delta in ((x0, x1 - x0), (y0, y1 - y0)):
            to_low, to_high = -start / delta, (1 - start) / delta
            flat = delta == 0
            outside = flat & ((start < 0) | (start > 1))
            enter = np.maximum(enter, np.where(flat, np.where(outside, 2.0, 0.0), np.fmin(to_low, to_high)))
            leave = np.minimum(leave, np.where(flat, np.where(outside, -1.0, 1.0), np.fmax(to_low, to_high)))
    seen = (enter <= leave) & np.isfinite(y0) & np.isfinite(y1)
    count = int(seen.sum())
    parts_x, parts_y = np.full(3 * count, np.nan), np.full(3 * count, np.nan)
    for place, share in ((0, enter[seen]), (1, leave[seen])):
        parts_x[place::3] = np.clip(x0[seen] + share * (x1 - x0)[seen], 0, 1)
        parts_y[place::3] = np.clip(y0[seen] + share * (y1 - y0)[seen], 0, 1)
    joined = np.zeros(3 * count, dtype=bool)  # a part's end that is the next part's start: drop the gap and the double point
    if count > 1:
        where = np.flatnonzero(seen)
        meets = (where[1:] == where[:-1] + 1) & (leave[seen][:-1] >= 1) & (enter[seen][1:] <= 0)
        joined[1:-3:3] = meets
        joined[2:-3:3] = meets
    return parts_x[~joined], parts_y[~joined]
