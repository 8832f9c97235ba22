"""Text that did not come from us: shown as it is written, never parsed as markup, and never a command to the terminal.

Names, paths, errors, notes, events and data may hold anything. Three means keep the interface whole, whatever stands in them:

    Words          a `Static` whose strings are no markup
    as_is          a string for what has no such switch: border titles, tooltips, labels of tabs, hits of the palette
    NoControls     the last thing every drawn line goes through: control characters do not pass

`AsciiLines` comes before that where the terminal shows ASCII alone: no frame, scroll bar or sign is anything else.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.color import Color
    from textual.visual import VisualType

__all__ = ["AsciiLines", "NoControls", "Words", "as_is", "inline_code"]

_ORDERS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x2028, 0x2029)
"""Characters that turn the direction of what follows, or end a line."""


class Words(Static):
    """Text as it is: `[red]` stands there as five signs."""

    def __init__(
        self,
        content: VisualType = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(content, id=id, classes=classes, markup=False)


def as_is(text: str) -> Content:
    """A string as content that is not parsed."""
    return Content(text)


def _harmless() -> dict[int, str]:
    """For each character that a terminal would take as an order: blanks as wide as it was counted."""
    controls = (code for code in range(0x100) if unicodedata.category(chr(code)) == "Cc")
    surrogates = range(0xD800, 0xE000)  # cannot be encoded: writing one ends the interface
    return {code: " " * cell_len(chr(code)) for code in (*controls, *_ORDERS)} | dict.fromkeys(surrogates, "?")


class NoControls(LineFilter):
    """Takes control characters out of a line: escape sequences, line feeds, and what turns the direction of writing."""

    _HARMLESS = _harmless()

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """The same line without them; its width stays."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        cleaned = (Segment(segment.text.translate(self._HARMLESS), segment.style, segment.control) for segment in segments)
        return [segment for segment in cleaned if segment.text or segment.control]


_SIGNS = {
    **dict.fromkeys("·•…", "."),
    **dict.fromkeys("●○◇", "o"),
    **dict.fromkeys("▲▴↑", "^"),
    **dict.fromkeys("▼▾↓", "v"),
    **dict.fromkeys("▶▸→≥", ">"),
    **dict.fromkeys("◀◂←≤", "<"),
    **dict.fromkeys("×✗", "x"),
    **dict.fromkeys("\u2013\u2014\u2212", "-"),
    "◆": "#",
    "✓": "+",
    "⏎": "<",
    "🔎": "/ ",  # as wide as it is
}
"""Signs of charts, lists and keys, and letters like them."""


def _drawn() -> dict[int, str]:
    """For each character that frames, bars and signs are made of: an ASCII character like it, one column wide as well."""
    frames = dict.fromkeys(range(9472, 9600), "+")
    frames |= {ord(sign): "-" for sign in "─━┄┅┈┉╌╍═╴╶╸╺"} | {ord(sign): "|" for sign in "│┃┆┇┊┋╎╏║╵╷╹╻"}
    blocks = dict.fromkeys(range(9600, 9632), "#") | {ord(sign): ":" for sign in "░▒▓"} | {ord(sign): "_" for sign in "▁▂"}
    braille = {code: "." if code > 0x2800 else " " for code in range(0x2800, 0x2900)}  # noqa: PLR2004 - the one without a dot
    return frames | blocks | braille | {ord(sign): letter for sign, letter in _SIGNS.items()}


class AsciiLines(LineFilter):
    """Draws with ASCII what is drawn; letters of other languages are data, and stay."""

    _DRAWN = _drawn()

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """The same line in ASCII; its width stays."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(segment.text.translate(self._DRAWN), segment.style, segment.control) for segment in segments]


def inline_code(text: str) -> list[tuple[str, str]]:
    """Text in pieces: what stands in backticks is styled in their place; a lone backtick stays."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [(piece, "$text-accent" if index % 2 else "") for index, piece in enumerate(pieces) if piece]
