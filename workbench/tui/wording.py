"""How states, times and rates are written. Nothing is imported here: the first frame needs it."""

from __future__ import annotations

__all__ = ["STATE_SIGNS", "age", "clock", "speed"]

STATE_SIGNS = {
    "starting": ("◌", "."),
    "running": ("▶", ">"),
    "paused": ("‖", "="),
    "finished": ("✓", "ok"),
    "stopped": ("■", "#"),
    "failed": ("✗", "!"),
    "lost": ("?", "?"),
}
"""A sign for each state of a run, in Unicode and in ASCII, so that no state is told by colour alone."""


def clock(seconds: float) -> str:
    """A time as 00:42, 1:02:03 or 2 d 03 h."""
    whole = max(0, int(seconds))
    days, hours, minutes = whole // 86_400, whole // 3600, whole // 60
    if days:
        return f"{days} d {hours % 24:02d} h"
    if hours:
        return f"{hours}:{minutes % 60:02d}:{whole % 60:02d}"
    return f"{minutes:02d}:{whole % 60:02d}"


def speed(value: float) -> str:
    """A rate in three digits: 0.52, 83, 12.4k."""
    if value >= 10_000:  # noqa: PLR2004 - five digits are too many to read
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - whole numbers from ten on


def age(seconds: float) -> str:
    """How long ago, in one unit: 12 s, 5 min, 3 h, 2 d."""
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "d")):
        if seconds < limit:
            return f"{max(0, int(seconds // unit))} {name}"
    return ""
