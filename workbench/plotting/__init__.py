"""Line charts in text: decimation, smoothing, axes and drawing. Neither torch nor textual here.

Names are looked up when they are first used: the interface's first frame needs a label cut, but not numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.plotting.figure import Drawing, Level, Mark, Palette, Series, View, draw_figure, with_crosshair
    from workbench.plotting.smooth import ema

__all__ = [
    "Drawing",
    "Level",
    "Mark",
    "Palette",
    "Series",
    "View",
    "draw_figure",
    "ema",
    "with_crosshair",
]

_HOMES = {"ema": "smooth"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'figure')}"), name)
