"""What is done to the pixels of a picture that a person draws, (channels, height, width); it is never changed in place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pixels", "line_of", "noisy", "painted", "rotated", "shifted"]

Pixels = NDArray[np.float64]


def line_of(first: tuple[int, int], last: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The pixels (row, column) from one to another, both of them included, none left out between: a pointer skips some."""
    count = max(abs(last[0] - first[0]), abs(last[1] - first[1]), 1)
    for place in range(count + 1):
        yield (
            round(first[0] + (last[0] - first[0]) * place / count),
            round(first[1] + (last[1] - first[1]) * place / count),
        )


def painted(pixels: Pixels, row: int, column: int, value: float, pen: int = 2) -> Pixels:
    """A square of `pen` x `pen` pixels, its upper left one at a place, in one brightness."""
    made = pixels.copy()
    made[:, max(0, row) : max(0, row + pen), max(0, column) : max(0, column + pen)] = value
    return made


def shifted(pixels: Pixels, rows: int, columns: int, ground: float) -> Pixels:
    """Moved by so many pixels; what comes in from outside is ground."""
    made = np.full_like(pixels, ground)
    height, width = pixels.shape[1:]
    to_rows = slice(max(0, rows), min(height, height + rows))
    to_columns = slice(max(0, columns), min(width, width + columns))
    from_rows = slice(max(0, -rows), min(height, height - rows))
    from_columns = slice(max(0, -columns), min(width, width - columns))
    made[:, to_rows, to_columns] = pixels[:, from_rows, from_columns]
    return made


def rotated(pixels: Pixels, degrees: float, ground: float) -> Pixels:
    """Turned about its middle, anticlockwise, each pixel the mean of the four around its place before, weighed by distance."""
    height, width = pixels.shape[1:]
    padded = np.pad(pixels, ((0, 0), (1, 1), (1, 1)), constant_values=ground)
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    angle = np.deg2rad(degrees)
    row = np.cos(angle) * y + np.sin(angle) * x + (height - 1) / 2
    column = np.cos(angle) * x - np.sin(angle) * y + (width - 1) / 2
    row, column = row.clip(-1, height) + 1, column.clip(-1, width) + 1  # places in the padded picture
    top, left = np.floor(row).astype(int).clip(0, height), np.floor(column).astype(int).clip(0, width)
    down, right = row - top, column - left
    made: Pixels = (
        padded[:, top, left] * (1 - down) * (1 - right)
        + padded[:, top + 1, left] * down * (1 - right)
        + padded[:, top, left + 1] * (1 - down) * right
        + padded[:, top + 1, left + 1] * down * right
    )
    return made


def noisy(pixels: Pixels, share: float, low: float, high: float, seed: int) -> Pixels:
    """With normal noise of a share of the range added, and cut to it."""
    noise = np.random.default_rng(seed).normal(0, share * (high - low), pixels.shape)
    made: Pixels = (pixels + noise).clip(low, high)
    return made
