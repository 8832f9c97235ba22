"""Which part of the x axis a chart shows: all of it, a fixed window, or a window that follows the newest step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.plotting.axis import Axis

__all__ = ["ALL", "Window", "share_of"]

_TAIL = 0.2
"""Share of the steps that `follow` shows at first."""
_SMALLEST = 1e-6
"""Share of the whole below which zooming in stops."""


@dataclass(frozen=True)
class Window:
    """A part of the x axis in x's own units.

    Attributes:
        low, high: its ends; None for all there is.
        follows: whether it keeps its width and moves with the newest point.
    """

    low: float | None = None
    high: float | None = None
    follows: bool = False

    def ends(self, newest: float) -> tuple[float | None, float | None]:
        """The ends to draw, given the newest x."""
        if self.low is None or self.high is None or not self.follows:
            return self.low, self.high
        return newest - (self.high - self.low), newest

    def zoomed(self, shown: Axis, whole: Axis, factor: float, share: float) -> Window:
        """A window `factor` times as wide about the place at `share` of the shown axis; everything when it gets that wide."""
        low, high = shown.value(share - share * factor), shown.value(share + (1 - share) * factor)
        if low <= whole.low and high >= whole.high:
            return ALL
        if not high - low > _SMALLEST * (whole.high - whole.low):
            return self
        return Window(max(low, whole.low), min(high, whole.high), follows=self.follows and share >= 1)

    def panned(self, shown: Axis, whole: Axis, share: float) -> Window:
        """The window moved by a share of its width, kept within the whole. It follows no more."""
        if self.low is None:
            return self
        if share > 0:
            place = max(0.0, min(share, share_of(shown, whole.high) - 1))
        else:
            place = min(0.0, max(share, share_of(shown, whole.low)))
        return Window(shown.value(place), shown.value(1 + place))

    def following(self, whole: Axis) -> Window:
        """Follow the newest point in a window, or stop following."""
        if self.follows:
            return ALL
        if self.low is not None and self.high is not None:
            return Window(self.low, self.high, follows=True)
        return Window(whole.high - (whole.high - whole.low) * _TAIL, whole.high, follows=True)


def share_of(shown: Axis, value: float) -> float:
    """Where a value lies on the shown axis: 0 at its left end, 1 at its right; beyond them outside."""
    return float(np.nan_to_num(shown.unit(np.array([value]))[0]))


ALL = Window()
