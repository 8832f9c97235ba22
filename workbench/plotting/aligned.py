"""Lines of samples: names before them, and symbols that stand in columns below their fellows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.marked import Room, wrapped

__all__ = ["Columns", "Frame"]

_NAME = len("prediction") + 2
"""Columns of the name before a line."""
_NAMES_FROM = 32
"""Columns from which there is room for names before the lines; below that a name has a line of its own."""


@dataclass(frozen=True)
class Frame:
    """Where the lines of one sample stand.

    Attributes:
        width: columns that there are.
        sign: columns of the sign before the first line, with the blank behind it.
    """

    width: int
    sign: int

    @property
    def named(self) -> bool:
        """Whether there is room for names before the lines."""
        return self.width >= _NAMES_FROM

    @property
    def indent(self) -> int:
        """Columns before what a line says."""
        return self.sign + (_NAME if self.named else 0)

    @property
    def body(self) -> int:
        """Columns that a line has behind its name."""
        return max(1, self.width - self.indent)

    def lines(self, name: str, texts: Sequence[Text]) -> list[Text]:
        """Lines of which the first is called by a name."""
        if not self.named:
            heads = [Text(" " * self.sign + name, "dim")] if name else []
            return [*heads, *(Text.assemble(" " * self.sign, line) for line in texts)]
        blanks = " " * self.sign
        return [Text.assemble(blanks, (f"{'' if row else name:<{_NAME}}", "dim"), line) for row, line in enumerate(texts)]

    def told(self, words: str) -> list[Text]:
        """Words about the lines."""
        return self.lines("", wrapped(words, self.body, Room(whole=True), "dim italic"))


@dataclass(frozen=True)
class Columns:
    """Rows of symbols that stand in columns.

    Attributes:
        rows: symbols by the row's name, all of the same number.
        widths: of each column.
        gap: blanks between two columns.
        right: whether symbols end at the right edge of their column.
    """

    rows: Mapping[str, Sequence[str]]
    widths: Sequence[int]
    gap: int
    right: bool

    @classmethod
    def of(cls, rows: Mapping[str, Sequence[str]], gap: int, *, right: bool = False) -> Columns:
        """Rows of any length; the shorter ones are filled up with empty symbols."""
        length = max(map(len, rows.values()))
        filled = {name: [*row, *[""] * (length - len(row))] for name, row in rows.items()}
        widths = [max(map(cell_len, column)) for column in zip(*filled.values(), strict=True)]
        return cls(filled, widths, gap, right)

    def parts(self, width: int) -> list[slice]:
        """The columns of each line; at least one in each, and of numbers as many in the last as in the others."""
        filled = self._filled(width)
        if self.right:
            narrower = (self._filled(each) for each in range(width // 2, width))
            return next((parts for parts in narrower if len(parts) == len(filled)), filled)
        return filled

    def _filled(self, width: int) -> list[slice]:
        parts, start, used = list[slice](), 0, -self.gap
        for place, column in enumerate(self.widths):
            used += self.gap + column
            if used > width and place > start:
                parts.append(slice(start, place))
                start, used = place, column
        return [*parts, slice(start, len(self.widths))]

    def line(self, name: str, part: slice, wrong: frozenset[int] = frozenset(), bad: str = "") -> Text:
        """Symbols of a row; what is wrong stands out."""
        style = "dim" if name == "input" else ""
        cells = [
            self._cell(symbol, width, bad if place in wrong else style)
            for place, (symbol, width) in enumerate(zip(self.rows[name][part], self.widths[part], strict=True), part.start)
        ]
        return Text(" " * self.gap).join(cells)

    def marks(self, name: str, part: slice, wrong: frozenset[int]) -> str:
        """What stands below it: a sign below each wrong symbol, below a missing one too."""
        cells = [
            self._cell("^" * max(1, cell_len(symbol)) if place in wrong else "", width, "").plain
            for place, (symbol, width) in enumerate(zip(self.rows[name][part], self.widths[part], strict=True), part.start)
        ]
        return (" " * self.gap).join(cells).rstrip()

    def _cell(self, symbol: str, width: int, style: str) -> Text:
        blanks = " " * (width - cell_len(symbol))
        return Text.assemble(blanks, (symbol, style)) if self.right else Text.assemble((symbol, style), blanks)
