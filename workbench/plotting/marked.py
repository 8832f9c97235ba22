"""Texts in lines of a given width, with what is wrong in them marked by a sign below, so that no colour is needed to see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text

__all__ = ["Room", "Written", "beside", "line_by_line", "padded", "pairs", "stretches", "wrapped"]

_MARK = "^"
_BESIDE = 6
"""Columns that the end of a shortened text has beside the words on its length."""


@dataclass
class Room:
    """How much of a long text is shown.

    Attributes:
        whole: all of it; else `input_lines` of an input and `parts` of a sequence.
        shortened: whether anything was left out so far.
    """

    whole: bool = False
    shortened: bool = False
    input_lines: ClassVar[int] = 2
    parts: ClassVar[int] = 3


@dataclass(frozen=True)
class Written:
    """A text as characters, each with the symbol that it belongs to.

    Attributes:
        characters: what stands in the lines; a combining mark stands with the character before it.
        owners: number of the symbol that each character is part of, -1 for a blank between two words.
        words: whether its symbols are words, between which a line may end.
    """

    characters: tuple[str, ...]
    owners: tuple[int, ...]
    words: bool

    @classmethod
    def of(cls, text: str, *, words: bool) -> Written:
        """Read a text: words between blanks, or one symbol for each character."""
        if not words:
            letters = _characters(text)
            return cls(letters, tuple(range(len(letters))), words=False)
        characters: list[str] = []
        owners: list[int] = []
        for number, word in enumerate(text.split()):
            letters = _characters(word)
            characters += [" "] * (number > 0) + list(letters)
            owners += [-1] * (number > 0) + [number] * len(letters)
        return cls(tuple(characters), tuple(owners), words=True)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.characters)

    @property
    def symbols(self) -> list[str]:
        """The symbols one by one."""
        symbols: dict[int, str] = {}
        for character, owner in zip(self.characters, self.owners, strict=True):
            if owner >= 0:
                symbols[owner] = symbols.get(owner, "") + character
        return list(symbols.values())

    @property
    def width(self) -> int:
        """Columns of the whole text in one line."""
        return sum(map(cell_len, self.characters))

    def lines(self, width: int) -> list[slice]:
        """Where its lines begin and end; at least one line, and at least one character in each."""
        lines, start, used = [], 0, 0
        for place, character in enumerate(self.characters):
            used += cell_len(character)
            if used <= width or place == start:
                continue
            stop = place
            if self.words:
                stop = next((at + 1 for at in range(place, start, -1) if self.owners[at] < 0), place)
            lines.append(slice(start, stop))
            start, used = stop, sum(map(cell_len, self.characters[stop : place + 1]))
        return [*lines, slice(start, len(self.characters))]

    def line(self, part: slice, wrong: Collection[int], style: str, bad: str) -> Text:
        """One line; what is wrong stands out in it."""
        text = Text(style=style)
        for character, owner in zip(self.characters[part], self.owners[part], strict=True):
            text.append(character, f"bold underline {bad}" if owner in wrong else "")
        if self.words:
            text.rstrip()  # the blank at which the line was broken
        return text

    def marks(self, part: slice, wrong: Collection[int]) -> str:
        """The line below it: a sign below each character of what is wrong; "" where nothing is."""
        pairs = zip(self.characters[part], self.owners[part], strict=True)
        return "".join((_MARK if owner in wrong else " ") * cell_len(character) for character, owner in pairs).rstrip()


def wrapped(text: str, width: int, room: Room, style: str = "") -> list[Text]:
    """A text in lines; of one that needs more than there is room for, the beginning and how long it is."""
    written = Written.of(text, words=" " in text)
    parts = written.lines(max(1, width))
    if room.whole or len(parts) <= room.input_lines:
        return [written.line(part, (), style, "") for part in parts]
    room.shortened = True
    beginning = parts[: room.input_lines - 1]
    shown, said = beginning[-1].stop, f"... {len(written.characters):,} characters"
    said = said if width >= len(said) + _BESIDE else "..."
    rest = Written(written.characters[shown:], written.owners[shown:], written.words)
    last = "".join(rest.characters[rest.lines(max(1, width - len(said) - 1))[0]])
    return [*(written.line(part, (), style, "") for part in beginning), Text(f"{last.rstrip()} {said}", style)]


def stretches(wrong: Sequence[int], room: Room) -> list[slice]:
    """Lines that are shown of a long text, and those that are told of in a word.

    Args:
        wrong: number of wrong symbols in each line.
        room: how many lines are shown.

    Returns:
        A slice of one line for each that is shown, and a longer one for each stretch between them; the first line is shown,
        and after it those with something wrong come first.
    """
    if room.whole or len(wrong) <= room.parts:
        return [slice(place, place + 1) for place in range(len(wrong))]
    order = sorted(range(1, len(wrong)), key=lambda place: (wrong[place] == 0, place))
    shown = {0, *order[: room.parts - 1]}
    parts, start = [], 0
    while start < len(wrong):
        stop = start + 1
        while start not in shown and stop < len(wrong) and stop not in shown:
            stop += 1
        parts.append(slice(start, stop))
        start = stop
    room.shortened |= any(part.stop - part.start > 1 for part in parts)
    return parts


def pairs(
    first: tuple[Written, Collection[int]], second: tuple[Written, Collection[int]], width: int | None, bad: str
) -> list[tuple[list[Text], list[Text]]]:
    """Two texts line by line, each line of both with its marks below where either has any.

    Args:
        first, second: a text, and which of its symbols are wrong.
        width: columns of a line; None for one line of any width.
        bad: style of what is wrong.
    """
    return [(one, other) for one, other in line_by_line((first, second), width, bad)]


def line_by_line(texts: Sequence[tuple[Written, Collection[int]]], width: int | None, bad: str) -> list[list[list[Text]]]:
    """Texts line by line: for each row the line of each text, with its marks below where any text of the row has some.

    Args:
        texts: each with the numbers of its symbols that are wrong.
        width: columns of a line; None for one line of any width.
        bad: style of what is wrong.
    """
    parts = [text.lines(width) if width is not None else [slice(None)] for text, _ in texts]
    rows = []
    for row in range(max(map(len, parts))):
        lines = [
            (text.line(own[row], wrong, "", bad), text.marks(own[row], wrong)) if row < len(own) else (Text(), "")
            for (text, wrong), own in zip(texts, parts, strict=True)
        ]
        marked = any(below for _, below in lines)
        rows.append([[line, *([Text(below, bad)] if marked else [])] for line, below in lines])
    return rows


def padded(text: Text, width: int, *, right: bool = False) -> Text:
    """A text filled up to a width with blanks, at its end or before it."""
    blanks = " " * max(0, width - text.cell_len)
    return Text.assemble(blanks, text) if right else Text.assemble(text, blanks)


def beside(cells: Sequence[Sequence[Text]], widths: Sequence[int], gap: int = 2) -> list[Text]:
    """Columns side by side, as many lines as the longest has."""
    lines = []
    for row in range(max(map(len, cells))):
        parts = [padded(cell[row] if row < len(cell) else Text(), width) for cell, width in zip(cells, widths, strict=True)]
        line = Text(" " * gap).join(parts)
        line.rstrip()
        lines.append(line)
    return lines


def _characters(text: str) -> tuple[str, ...]:
    characters: list[str] = []
    for character in text:
        if characters and cell_len(character) == 0:
            characters[-1] += character
        else:
            characters.append(character)
    return tuple(characters)
