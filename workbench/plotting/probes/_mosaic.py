"""Small images beside each other in one heatmap."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Heatmap, Names, Scale

__all__ = ["mosaic"]

_WIDER = 2.0
"""How many times as many images stand beside each other as below: panels are wider than high."""


def mosaic(title: str, images: NDArray[np.float64], called: str, numbers: list[int] | None = None) -> Heatmap:
    """Images with a blank line between them.

    Args:
        title: what is shown.
        images: (count, height, width).
        called: what one of them is ("filter").
        numbers: what each is called by; 0, 1, ... by default.
    """
    count, height, width = images.shape
    across = min(count, max(1, math.ceil(math.sqrt(count * _WIDER * height / width))))
    down = -(-count // across)
    values = np.full((down * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for place in range(count):
        top, left = place // across * (height + 1), place % across * (width + 1)
        values[top : top + height, left : left + width] = images[place]
    names = numbers if numbers is not None else list(range(count))

    def said(row: int, column: int) -> str:
        place = row // (height + 1) * across + column // (width + 1)
        name = names[place] if place < count else "-"
        return f"{called} {name}, row {row % (height + 1)}, column {column % (width + 1)}"

    rows = Names(
        "row", [str(names[row // (height + 1) * across]) if row % (height + 1) == 0 else "" for row in range(len(values))]
    )
    columns = Names("column", [""] * values.shape[1])
    return Heatmap(title, values, rows, columns, Scale.of(images), said=said, square=True)
