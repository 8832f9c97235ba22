"""The signs by which states and events of a run are known everywhere, and series of blocks that stand in a line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EVENT_SIGNS", "IN_ASCII", "STATE_SIGNS", "UNKNOWN_EVENT", "UNKNOWN_STATE", "Sign", "bars", "spark_line"]

_BLOCKS, _ASCII_BLOCKS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
_BARS, _ASCII_BARS = f" {_BLOCKS}", " .:-=+*#@"
IN_ASCII = str.maketrans(f"{_BARS}…", f"{_ASCII_BARS}.")
"""Bars, and what stands where a text is cut, in ASCII."""


class Sign(NamedTuple):
    """A sign in Unicode, and what stands for it where only ASCII is shown."""

    unicode: str
    ascii: str


STATE_SIGNS = {
    "starting": Sign("…", "."),
    "running": Sign("▶", ">"),
    "paused": Sign("‖", "="),
    "finished": Sign("✓", "ok"),
    "stopped": Sign("■", "#"),
    "failed": Sign("✗", "!"),
    "lost": Sign("?", "?"),
}
"""A sign for each state of a run, so that no state is told by colour alone."""
UNKNOWN_STATE = Sign("?", "?")

EVENT_SIGNS = {
    "started": STATE_SIGNS["running"],
    "resumed": STATE_SIGNS["running"],
    "paused": STATE_SIGNS["paused"],
    "stopped": STATE_SIGNS["stopped"],
    "finished": STATE_SIGNS["finished"],
    "failed": STATE_SIGNS["failed"],
    "nonfinite": STATE_SIGNS["failed"],
    "changed": Sign("▲", "^"),
    "checkpoint": Sign("◆", "o"),
    "evaluated": Sign("●", "*"),
}
"""A sign for each kind of event, in lists and on the axes of charts."""
UNKNOWN_EVENT = Sign("·", "-")


def spark_line(values: Sequence[float], *, ascii_only: bool = False) -> str:
    """Values as one line of blocks, on a log scale when all are positive; `·` (or a blank) where one is not finite."""
    marks, gap = (_ASCII_BLOCKS, " ") if ascii_only else (_BLOCKS, "·")
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return gap * len(values)
    scale = math.log10 if min(finite) > 0 else float
    low, high = scale(min(finite)), scale(max(finite))
    span = (high - low) or 1.0
    return "".join(
        marks[min(len(marks) - 1, int((scale(value) - low) / span * len(marks)))] if math.isfinite(value) else gap
        for value in values
    )


def bars(values: NDArray[Any], width: int, *, ascii_only: bool = False, ends: tuple[float, float] | None = None) -> str:
    """A series as one line of bars at most `width` wide, from its least to its greatest value, or between two `ends`.

    Where several values share a column the one farthest from the mean is drawn, so that a lone spike stays visible.
    """
    import numpy as np  # here: the first frame needs signs, and not numpy

    series = np.nan_to_num(np.asarray(values, dtype=np.float64).ravel(), nan=0.0, posinf=0.0, neginf=0.0)
    if not series.size or width < 1:
        return ""
    if series.size > width:
        edges = np.linspace(0, series.size, width + 1).astype(int)
        parts = [series[start:stop] for start, stop in pairwise(edges.tolist())]
        centre = series.mean()
        series = np.array([part[np.abs(part - centre).argmax()] for part in parts])
    signs = _ASCII_BARS if ascii_only else _BARS
    low, high = (series.min(), series.max()) if ends is None else ends
    levels = np.clip((series - low) / ((high - low) or 1.0), 0, 1) * (len(signs) - 1)
    return "".join(signs[round(level)] for level in levels.tolist())
