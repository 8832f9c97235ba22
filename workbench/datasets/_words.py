"""How a sentence is taken apart: into words, characters or bytes, the same for a file and for what a person types.

A letter keeps its marks (Hindi, Arabic, Thai vowels above), and joiners inside a word belong to it. Signs that are not seen -
zero-width spaces, soft hyphens, byte order marks, directions - are left out. Scripts that write no spaces between words
go by character, so that no whole sentence is one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

__all__ = ["BYTES", "Unit", "bytes_text", "is_spaceless", "tokenize"]

Unit = Literal["word", "character", "byte"]

BYTES = tuple(chr(byte) if 32 <= byte < 127 else f"<0x{byte:02x}>" for byte in range(256))  # noqa: PLR2004 - printable ASCII
"""The symbols of `unit = byte`."""

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\uff07"), "'")
_JOINERS = "\u200c\u200d"
# Thai, Lao, Tibetan, Myanmar, Khmer; kana and Bopomofo; Han with its extensions; half-width kana
_SPACELESS = (
    (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x3005, 0x3007), (0x3031, 0x3035),
    (0x3040, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip


class _Kinds(dict[int, str]):
    """Of each sign one letter, worked out once.

    w of a word, h of a script without spaces, m a mark, j a joiner, a an apostrophe, s a space, x not to be seen, p any other.
    """

    def __missing__(self, code: int) -> str:
        kind = self[code] = _kind(chr(code))
        return kind


def _kind(sign: str) -> str:  # noqa: PLR0911 - one line for each kind
    category = unicodedata.category(sign)
    if sign in _JOINERS:
        return "j"
    if sign == "'":
        return "a"
    if sign.isspace():
        return "s"
    if category[0] == "M":
        return "m"
    if category in ("Cc", "Cf", "Cs"):
        return "x"
    if sign.isalnum() or sign == "_":
        return "h" if is_spaceless(sign) else "w"
    return "p"


_KINDS = _Kinds()
_WORDS = re.compile(r"h[mj]*|w(?:[wm]|j+(?=[wm]))*a?|[ap]m*(?:j+pm*)*")
_CHARACTERS = re.compile(r"s+|[whap][mj]*")


def is_spaceless(symbol: str) -> bool:
    """Whether a symbol begins with a sign of a script that writes no spaces between words."""
    code = ord(symbol[0]) if symbol else 0
    return code >= _SPACELESS[0][0] and any(first <= code <= last for first, last in _SPACELESS)


def tokenize(text: str, *, lower_case: bool, unit: Unit = "word") -> tuple[str, ...]:
    """A sentence as symbols.

    Words and punctuation marks stand by themselves; an apostrophe, curly or straight, stays with the word before it
    (`l'`, `don'`). As characters, a run of spaces is one space; as bytes, the text is its UTF-8.
    """
    text = unicodedata.normalize("NFC", text).translate(_APOSTROPHES)
    if lower_case:
        # the dotted capital I of Turkish would become an i with a second dot
        text = unicodedata.normalize("NFC", text.replace("\u0130", "i").lower())
    kinds = text.translate(_KINDS)
    if "x" in kinds:
        text = "".join(sign for sign, kind in zip(text, kinds, strict=True) if kind != "x")
        kinds = kinds.replace("x", "")
    match unit:
        case "word":
            words = (text[match.start() : match.end()] for match in _WORDS.finditer(kinds))
            return tuple(word.rstrip(_JOINERS) for word in words)
        case "character":
            inner = kinds.rstrip("s")
            spans = [match.span() for match in _CHARACTERS.finditer(inner, len(kinds) - len(kinds.lstrip("smj")))]
            return tuple(" " if kinds[start] == "s" else text[start:end] for start, end in spans)
        case "byte":
            return tuple(BYTES[byte] for byte in " ".join(text.split()).encode("utf-8", "replace"))


def bytes_text(symbols: Sequence[str]) -> str:
    """The text that byte symbols write; what is no UTF-8 shows as a replacement sign."""
    known = {symbol: byte for byte, symbol in enumerate(BYTES)}
    return bytes(known[symbol] for symbol in symbols if symbol in known).decode("utf-8", "replace")
