"""A grid of character cells with a style each, which becomes lines of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

__all__ = ["Canvas", "clean", "fit"]

_ANSI = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?")


def clean(label: str) -> str:
    """A label on one line, without control characters, terminal codes or characters that join into others."""
    text = _ANSI.sub("", label).replace("\n", " ").replace("\t", " ")
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"))


def fit(label: str, width: int) -> str:
    """A clean label in at most `width` columns, its end replaced by an ellipsis where it is longer."""
    text = clean(label)
    if cell_len(text) <= width:
        return text
    beginning = ""
    for char in text:
        if cell_len(beginning + char) > width - 1:
            break
        beginning += char
    return beginning + "…" if width > 0 else ""


class Canvas:
    """Cells of one character and one Rich style each; everything written outside is dropped."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self._chars = [[" "] * self.width for _ in range(self.height)]
        self._styles = [[""] * self.width for _ in range(self.height)]

    def put(self, row: int, column: int, text: str, style: str = "") -> None:
        """Write text from a cell to the right. A wide character takes two cells, or none at the edge."""
        if not 0 <= row < self.height:
            return
        for char in text:
            wide = cell_len(char)
            if wide and column >= 0 and column + wide <= self.width:
                self._chars[row][column] = char
                self._styles[row][column] = style
                if wide > 1:
                    self._chars[row][column + 1] = ""
            column += wide

    def put_cell(self, row: int, column: int, char: str, style: str) -> None:
        """Write one character that is one column wide into a cell inside the canvas; for the thousands of cells of a line."""
        self._chars[row][column] = char
        self._styles[row][column] = style

    def lay(self, other: Canvas, row: int, column: int) -> None:
        """Put another canvas onto this one with its first cell at a place; it must fit in."""
        for place, (chars, styles) in enumerate(zip(other._chars, other._styles, strict=True), row):
            self._chars[place][column : column + other.width] = chars
            self._styles[place][column : column + other.width] = styles

    def copy(self) -> Canvas:
        """A canvas of the same cells that can be written on by itself."""
        other = Canvas(0, 0)
        other.width, other.height = self.width, self.height
        other._chars = [row.copy() for row in self._chars]
        other._styles = [row.copy() for row in self._styles]
        return other

    def char(self, row: int, column: int) -> str:
        """The character of a cell inside the canvas."""
        return self._chars[row][column]

    def runs(self, row: int) -> Iterator[tuple[str, str]]:
        """The row as (text, style) pieces of equal style."""
        chars, styles = self._chars[row], self._styles[row]
        start = 0
        for column in range(1, self.width + 1):
            if column == self.width or styles[column] != styles[start]:
                yield "".join(chars[start:column]), styles[start]
                start = column

    def text(self) -> Text:
        """All rows as Rich text, without a line feed at the end."""
        text = Text(no_wrap=True, end="")
        for row in range(self.height):
            if row:
                text.append("\n")
            for piece, style in self.runs(row) if self.width else ():
                text.append(piece, style)
        return text
