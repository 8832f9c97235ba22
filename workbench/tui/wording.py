"""How states, times and rates are written. Hardly anything is imported here: the first frame needs it."""

from __future__ import annotations

from workbench.saying import age, clock

__all__ = ["STATE_SIGNS", "age", "clock", "duration", "folded", "key_names", "speed", "weights_words"]

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


_SECOND, _MINUTE, _HOUR, _DAY = (1, "s"), (60, "min"), (3600, "h"), (86_400, "d")
_UNITS = ((3600, _MINUTE, _SECOND), (86_400, _HOUR, _MINUTE), (float("inf"), _DAY, _HOUR))
"""Up to how many seconds a time is written in which two units."""


def duration(seconds: float) -> str:
    """An expected time, no finer than it can be known: 12 ms, 4.2 s, 12 s, 80 s, 3 min 30 s, 47 min, 2 h 10 min, 3 d 4 h."""
    if not seconds < 1e12:  # noqa: PLR2004 - nobody waits so long, and infinity has no units
        return "very long"
    if seconds < 1:
        return f"{float(f'{seconds * 1e3:.2g}'):g} ms"
    if seconds < 10:  # noqa: PLR2004 - from ten on whole seconds are exact enough
        return f"{seconds:.2g} s"
    grain = next(grain for limit, grain in ((20, 1), (600, 10), (36_000, 60), (float("inf"), 3600)) if seconds < limit)
    whole = round(seconds / grain) * grain
    if whole < 120:  # noqa: PLR2004 - 80 s is read at once, 1 min 20 s is not
        return f"{whole} s"
    large, small = next(pair for limit, *pair in _UNITS if whole < limit)
    rest = whole % large[0] // small[0]
    return f"{whole // large[0]} {large[1]}" + (f" {rest} {small[1]}" if rest else "")


def speed(value: float) -> str:
    """A rate in three digits: 0.52, 83, 12.4k."""
    if value >= 10_000:  # noqa: PLR2004 - five digits are too many to read
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - whole numbers from ten on


def weights_words(tag: str) -> str:
    """Which weights a tag, or a split alone, was measured with: ` (last weights)`, ` (best weights)`, or nothing."""
    return {"test": " (last weights)", "test_best": " (best weights)"}.get(tag.partition("/")[0], "")


_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "escape": "esc",
    "delete": "del",
}


def key_names(keys: str) -> str:
    """Keys, separated by commas, as a person reads them: `F1 ?`."""
    names = [_KEY_NAMES.get(name, name).replace("ctrl+", "^") for name in keys.split(",")]
    return " ".join(name.upper() if name[:1] == "f" and name[1:].isdigit() else name for name in names)


def folded(text: str, width: int) -> str:
    """Text whose words longer than a line are broken behind a separator, so that all of a path can be read.

    Args:
        text: what is shown, on one line.
        width: columns of a line.
    """
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if len(joined) <= width or len(word) <= width:
            fits = len(joined) <= width
            lines += [] if fits else [line]
            line = joined if fits else word
            continue
        rest = joined
        while len(rest) > width:
            cut = max((rest.rfind(sign, 0, width) for sign in "/\\-_.,=@"), default=-1) + 1
            cut = cut if cut > width // 2 else width
            lines.append(rest[:cut])
            rest = rest[cut:]
        line = rest
    return "\n".join([*lines, line])
