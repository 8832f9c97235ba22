"""Line charts in text: decimation, smoothing, axes and drawing. Neither torch nor textual here."""

from workbench.plotting.axis import exact, short
from workbench.plotting.figure import Drawing, Level, Mark, Palette, Series, View, draw, draw_figure, with_crosshair
from workbench.plotting.smooth import ema

__all__ = [
    "Drawing",
    "Level",
    "Mark",
    "Palette",
    "Series",
    "View",
    "draw",
    "draw_figure",
    "ema",
    "exact",
    "short",
    "with_crosshair",
]
