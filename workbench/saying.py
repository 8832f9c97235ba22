"""What messages are made of: values on one line, harmless to a terminal; times; the known words nearest to a mistyped one."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
from collections.abc import Iterable
from typing import Any

__all__ = ["age", "clean", "clock", "close", "nearest", "one_line", "said"]

_LONGEST = 80
"""Letters of a value that a message repeats; of longer ones it gives the beginning and the end."""
_LONGEST_MESSAGE = 2000
_NAMED_AT_MOST = 40
"""Names that a message still lists in full."""
_SOME = 8
"""Names that it gives where there are more."""
_LONGEST_WORD = 100
"""Letters of a mistyped word that are compared."""


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


def age(seconds: float) -> str:
    """How long ago, in one unit: 12 s, 5 min, 3 h, 2 d."""
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "d")):
        if seconds < limit:
            return f"{max(0, int(seconds // unit))} {name}"
    return ""


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
