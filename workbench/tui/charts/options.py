"""How a chart is drawn: axes, smoothing, outliers. Light: the session is read before the first frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SMOOTHING", "ChartOptions", "XAxis"]

SMOOTHING = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
"""Weights of the moving average that the keys go through."""


class XAxis(StrEnum):
    """How x is counted."""

    STEP = "step"
    EPOCH = "epoch"
    SECONDS = "seconds"
    SAMPLES = "samples"


@dataclass(frozen=True)
class ChartOptions:
    """How a chart is drawn; kept from one session to the next.

    Attributes:
        log_x, log_y: logarithmic axes.
        smoothing: weight of the moving average, 0 for none.
        axis: how x is counted.
        clip_outliers: fit the y axis to 98 % of the values.
        band: draw runs that differ in the seed alone as a band.
    """

    log_x: bool = False
    log_y: bool = True
    smoothing: float = 0.8
    axis: XAxis = XAxis.STEP
    clip_outliers: bool = False
    band: bool = True

    def words(self, *, smoothed: bool, short: bool = False) -> list[str]:
        """The y axis, and what is out of the ordinary, in words for the border.

        Args:
            smoothed: whether there is a line that smoothing applies to.
            short: as few letters as can be told apart, for a narrow chart.
        """
        words = ["log x"] if self.log_x else []
        words.append("log y" if self.log_y else "lin y" if short else "linear y")  # always: charts side by side may differ in it
        if self.clip_outliers:
            words.append("clip" if short else "clipped")
        if smoothed:
            weight = f"{self.smoothing:g}"
            words.append("raw" if self.smoothing <= 0 else weight.removeprefix("0") if short else f"smooth {weight}")
        if self.axis is not XAxis.STEP:
            words.append(str(self.axis) if short else f"x in {self.axis}{'s' if self.axis is XAxis.EPOCH else ''}")
        return words
