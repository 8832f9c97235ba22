"""What messages are made of: values on one line, harmless to a terminal; numbers and times; the known words nearest to one."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "age",
    "clean",
    "clock",
    "close",
    "duration",
    "eta",
    "exact",
    "nearest",
    "number",
    "one_line",
    "said",
    "short",
    "speed",
    "took",
]

_LONGEST = 80
"""Letters of a value that a message repeats; of longer ones it gives the beginning and the end."""
_LONGEST_MESSAGE = 2000
_NAMED_AT_MOST = 40
"""Names that a message still lists in full."""
_SOME = 8
"""Names that it gives where there are more."""
_LONGEST_WORD = 100
"""Letters of a mistyped word that are compared."""
_SECOND, _MINUTE, _HOUR, _DAY = (1, "s"), (60, "min"), (3600, "h"), (86_400, "d")
_UNITS = ((3600, _MINUTE, _SECOND), (86_400, _HOUR, _MINUTE), (float("inf"), _DAY, _HOUR))
"""Up to how many seconds a time is written in which two units."""


class _Saying(reprlib.Repr):
    """Python's own notation, which escapes every sign that is not printable, cut where it is long or deep."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxother = self.maxlong = _LONGEST

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes out no number of more than some thousand digits
            return f"a whole number of {x.bit_length()} bits"


_SAYING = _Saying()


def said(value: Any) -> str:
    """A value in Python's notation (`'gru'`, `2.5`, `['a', 'b']`), at most about eighty letters, without control signs."""
    try:
        text = _SAYING.repr(value)
    except Exception:  # noqa: BLE001 - a stranger's object may fail at anything; its kind can always be said
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 2 * _LONGEST else f"{text[:_LONGEST]}...{text[-_LONGEST // 4 :]}"


_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would act on, or could not show: C0 but for tab and line end, DEL, C1 with the 8-bit CSI, line separators,
what turns the direction of writing, and lone surrogates."""


def clean(text: str) -> str:
    """A text that is safe on a terminal: each unsafe sign is escaped as Python does it. Line ends and tabs stay."""
    return _UNSAFE.sub(lambda match: _escape(match[0]), text)


def _escape(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - how Python keeps a byte that it could not decode
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004


def one_line(message: str) -> str:
    """A message on one line: line breaks become blanks, what a terminal would act on is escaped, a very long one is cut."""
    if not message.isprintable():
        message = "".join(sign if sign.isprintable() else " " if sign.isspace() else ascii(sign)[1:-1] for sign in message)
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}..."


def clock(seconds: float) -> str:
    """A time that has passed as 00:42, 1:02:03 or 2 d 03 h: whole seconds, as a clock shows them; never less than none."""
    whole = int(max(0.0, seconds)) if math.isfinite(seconds) else 0
    days, hours, minutes = whole // 86_400, whole // 3600, whole // 60
    if days:
        return f"{days} d {hours % 24:02d} h"
    if hours:
        return f"{hours}:{minutes % 60:02d}:{whole % 60:02d}"
    return f"{minutes:02d}:{whole % 60:02d}"


def took(seconds: float) -> str:
    """A time that was measured, in a sentence: 4.2 s, 42.0 s; from a minute on as a clock shows it."""
    return f"{seconds:.1f} s" if seconds < _MINUTE[0] else clock(seconds)


def age(seconds: float) -> str:
    """How long ago, in one unit: 12 s, 5 min, 3 h, 2 d."""
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "d")):
        if seconds < limit:
            return f"{max(0, int(seconds // unit))} {name}"
    return ""


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


def eta(seconds: float) -> str:
    """What is left of a run, as everything that follows one says it: ETA 3 min 30 s. Nobody waits for less than a second."""
    return f"ETA {duration(max(1.0, seconds))}"


def speed(value: float) -> str:
    """A rate in three digits: 0.52, 83, 12.4k."""
    if value >= 10_000:  # noqa: PLR2004 - five digits are too many to read
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - whole numbers from ten on


def short(value: float, *, largest: float | None = None) -> str:
    """A number in at most seven characters, for an axis: 0.05, 12, 1.2k, 3e-4, 2.5M.

    Args:
        value: the number.
        largest: the greatest number of the same axis, which decides on the unit (k, M) for all.
    """
    size = abs(value) if largest is None else largest
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else "nan"
    if abs(value) <= 1e-12 * (largest or 1.0) or value == 0:
        return "0"
    for limit, factor, unit in ((1e12, 0.0, ""), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e3, 1e3, "k")):
        if size >= limit and factor:
            return f"{value / factor:.3g}{unit}"
        if size >= limit:
            break
    if 1e-3 <= size < 1e3:  # noqa: PLR2004 - numbers that read well in plain writing
        return f"{value:.3g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def exact(value: float, digits: int = 4) -> str:
    """A value with four digits, for reading off: 0.01214, 1.2e-05; whole numbers in full with separators."""
    if not math.isfinite(value):
        return short(value)
    if value == round(value) and abs(value) < 1e15:  # noqa: PLR2004 - where float64 still counts in ones
        return f"{int(value):,}"
    return f"{value:.{digits}g}"


def number(value: float | None) -> str:
    """A number in at most eight places, as people write it; "-" for none."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return exact(value) if abs(value) < 1e6 else f"{value:.4g}"  # noqa: PLR2004 - where whole numbers become long


def close(word: str, known: Iterable[str]) -> str:
    """A question with the known words that are nearest to a mistyped one, or "" when none is near."""
    near = difflib.get_close_matches(word[:_LONGEST_WORD], list(known), n=3, cutoff=0.6)
    return "Did you mean " + " or ".join(f"'{name}'" for name in near) + "?" if near else ""


def nearest(word: str, known: Iterable[str], lister: str = "") -> str:
    """A sentence that helps with a mistyped word: the nearest known ones, or when none is near what there is.

    Args:
        word: what was typed.
        known: what would be right.
        lister: the command that lists all of them, for where they are too many for a line.
    """
    names = list(known)
    if near := close(word, names):
        return near
    if len(names) <= _NAMED_AT_MOST:
        return "There are: " + ", ".join(names) + "."
    return f"'{lister}' lists all {len(names)}." if lister else f"There are {len(names)}, such as {', '.join(names[:_SOME])}."
