"""How a series of numbers is shown in one line. Not a card."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["series_text"]

_ENDS = 4


def series_text(values: NDArray[Any], digits: int = 3) -> str:
    """The first and last numbers of a series, shape (length, size), with the middle left out where it is long."""
    steps = [" ".join(f"{value:.{digits}g}" for value in step) for step in np.atleast_2d(values)]
    if len(steps) > 2 * _ENDS:
        steps = [*steps[:_ENDS], "...", *steps[-_ENDS:]]
    return "  ".join(steps)
