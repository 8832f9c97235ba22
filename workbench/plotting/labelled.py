"""Signs that stand on lines at intervals, so that many lines of many points are told apart without colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from workbench.plotting.axis import Axis
    from workbench.plotting.figure import Points, Series

__all__ = ["label_places"]

_ROOM = 3
"""Columns for the sign of one line, beside those of the others."""


def label_places(
    lines: Sequence[Series], shown: Sequence[Points], x_axis: Axis, y_axis: Axis, columns: int
) -> list[tuple[int, float, float]]:
    """Where the labels of lines stand: (index of the line, x, y), in shares of the plot's width and height, y upwards.

    Each line has its own columns, so labels are read where lines lie on each other too. A line that none of its columns meets, as
    one that has only begun, is labelled at its end.

    Args:
        lines: the lines; those without a label are passed over.
        shown: their points; NaN is a gap.
        x_axis, y_axis: the axes as drawn.
        columns: columns of the plot.
    """
    labelled = [index for index, line in enumerate(lines) if line.label]
    every = max(_ROOM * len(labelled), columns // 4)
    places = []
    for rank, index in enumerate(labelled):
        x, y = x_axis.unit(shown[index][0]), y_axis.unit(shown[index][1])
        drawn = np.isfinite(x) & np.isfinite(y)
        x, y = x[drawn], y[drawn]
        if not len(x):
            continue
        wanted = (np.arange(1 + every * rank // len(labelled), columns, every) + 0.5) / max(1, columns)
        wanted = wanted[(wanted >= x[0]) & (wanted <= x[-1])]
        if not len(wanted):
            wanted = x[-1:]
        heights = np.interp(wanted, x, y)  # lines are straight between points in what is drawn
        places += [
            (index, across, up)
            for across, up in zip(wanted.tolist(), heights.tolist(), strict=True)
            if 0 <= across <= 1 and 0 <= up <= 1
        ]
    return places
