"""Texts that a model wrote on from a beginning, to be read: with their own line ends, and what stands in the data below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from workbench.plotting.compared import Compared
from workbench.plotting.marked import Room, wrapped

__all__ = ["LINE_END", "passage_rows"]

LINE_END = "\N{RETURN SYMBOL}"
"""How the end of a line stands in a text on one line."""
_INDENT = 2
_LINES = 6
"""Lines of a passage that are shown of more, unless all is wanted."""
_SHORTEST = 12
"""Columns from which on a passage is indented."""


def passage_rows(samples: Sequence[Compared], width: int, room: Room) -> list[Text]:
    """Beginning and continuation of each sample, then how the text of the data goes on, with an empty line between samples."""
    lines: list[Text] = []
    for one in samples:
        lines += _passage(one.input, str(one.item.get("predicted", "")), width, room)
        if one.target.text.strip():
            indent = _INDENT if width >= _SHORTEST else 0
            text = " ".join(one.target.text.replace(LINE_END, " ").split())
            told = wrapped(f"in the text: {text}", width - indent, room, "dim italic")
            lines += [Text.assemble(" " * indent, line) for line in told]
        lines.append(Text())
    return lines[:-1]


def _passage(beginning: str, written: str, width: int, room: Room) -> list[Text]:
    """The two as one text; the beginning stands out."""
    lines: list[Text] = []
    at = 0
    for part in (beginning + written).split(LINE_END):
        text = Text(part)
        text.stylize("bold", 0, max(0, len(beginning) - at))
        at += len(part) + 1
        lines += _folded(text, width)
    if room.whole or len(lines) <= _LINES:
        return lines
    room.shortened = True
    return [*lines[: _LINES - 1], Text(f"... {len(lines) - _LINES + 1} lines more", "dim italic")]


def _folded(text: Text, width: int) -> list[Text]:
    """A line in lines of a width, broken at blanks where there are some."""
    rest, lines = text, []
    while rest.cell_len > width:
        end = _last_fitting(rest.plain, width)
        lines.append(rest[:end])
        rest = rest[end:]
        if rest.plain.startswith(" "):
            rest = rest[1:]
    return [*lines, rest]


def _last_fitting(plain: str, width: int) -> int:
    """Characters of the longest beginning that fits, to the last blank in it where there is one."""
    end = 1
    while end < len(plain) and Text(plain[: end + 1]).cell_len <= width:
        end += 1
    blank = plain.rfind(" ", 1, end + 1)
    return blank if blank > 0 else end
