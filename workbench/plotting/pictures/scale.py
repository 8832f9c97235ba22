"""From values to shades: colours whose lightness alone tells them apart, and characters for where there is no colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.saying import short

__all__ = ["LEVELS", "Scale"]

LEVELS = 32
"""Shades between the lowest and the highest value."""

_VIRIDIS = "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725"
_CIVIDIS = "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838"
_SEQUENTIAL_SIGNS = (" .:-=+*#%@", " ·░░▒▒▓▓██")
_DIVERGING_SIGNS = ("M%=-. :+*#@", "▼▽=-. :+*△▲")
"""Signs from the lowest to the highest value, in ASCII and not; negative and positive ones are different signs."""


def _shades(anchors: str) -> tuple[str, ...]:
    """`LEVELS` colours as `#rrggbb` between the anchors."""
    rgb = np.array([[int(anchor[place : place + 2], 16) for place in (0, 2, 4)] for anchor in anchors.split()])
    places = np.linspace(0, len(rgb) - 1, LEVELS)
    channels = [np.interp(places, np.arange(len(rgb)), rgb[:, channel]).round().astype(int) for channel in range(3)]
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in zip(*channels, strict=True))


_COLOURS = {False: _shades(_VIRIDIS), True: _shades(_CIVIDIS)}


@dataclass(frozen=True)
class Scale:
    """What values are shown between.

    Attributes:
        low, high: the values of the first and the last shade, low < high.
        diverging: whether 0 lies in the middle and the sign of a value matters.
    """

    low: float
    high: float
    diverging: bool = False

    @classmethod
    def of(cls, values: NDArray[np.floating], *, low: float | None = None, high: float | None = None) -> Scale:
        """The scale of some values: about 0 where there are negative ones and no ends are given.

        Args:
            values: any shape; what is not finite does not count.
            low, high: ends that are known beforehand (0 and 1 of a gate).
        """
        known = values[np.isfinite(values)].astype(np.float64)
        if low is None and high is None and known.size and known.min() < 0:
            end = min(float(np.abs(known).max()), 1e300) or 1.0
            return cls(-end, end, diverging=True)
        first = low if low is not None else (min(float(known.min()), 1e300) if known.size else 0.0)
        last = high if high is not None else (min(float(known.max()), 1e300) if known.size else 1.0)
        return cls(first, last) if last > first else cls(first, first + (abs(first) or 1.0))

    def levels(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """The shade of each value, 0 to `LEVELS` - 1, and -1 for what is no number; shape as given."""
        with np.errstate(invalid="ignore", over="ignore"):
            shares = (values.astype(np.float64) - self.low) / (self.high - self.low)
        shares = np.where(np.isnan(shares), -1.0, np.clip(shares, 0.0, 1.0) * (LEVELS - 1))
        return shares.round().astype(np.int64)

    def colour(self, level: int) -> str:
        """A shade as `#rrggbb`."""
        return _COLOURS[self.diverging][level]

    def ink(self, level: int) -> str:
        """What is readable on a shade."""
        return "#ffffff" if level < LEVELS * (0.55 if self.diverging else 0.6) else "#000000"

    def sign(self, level: int, *, ascii_only: bool) -> str:
        """A shade as a character; "?" for what is no number."""
        signs = (_DIVERGING_SIGNS if self.diverging else _SEQUENTIAL_SIGNS)[0 if ascii_only else 1]
        return "?" if level < 0 else signs[level * len(signs) // LEVELS]

    def ends(self) -> tuple[str, str]:
        """The lowest and the highest value in few letters."""
        return short(self.low), short(self.high)
