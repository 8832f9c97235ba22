"""Passages below each other, each with what stands around it: texts with the passage in the middle, or numbers as small bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.pictures._picture import HEAD_FROM, SVG_LEFT, Drawn, Mode, Picture, head, owners, svg_head, svg_text
from workbench.plotting.signs import IN_ASCII, bars
from workbench.plotting.svg import FIGURE_THEMES
from workbench.saying import exact

__all__ = ["Concordance", "Entry"]

_GAP = 2
_LEAST, _TAIL_SHARE = 24, 3
"""Columns of a passage below which nothing stands behind it, and the share of the room that stands behind it at most."""
_WIDEST, _WIDEST_BAR = 76, 3
_MOST_NUMBERS = 12
"""Numbers of a series that are told in words."""
_SVG_LINE, _LETTER, _SVG_COLUMNS = 18, 7.2, 92


@dataclass(frozen=True)
class Entry:
    """One passage.

    Attributes:
        heads: what stands before it, a text for each column.
        tail: what stands behind it.
        words: the passage, where it is a text.
        before, after: the words around it.
        series: numbers at each step of the passage, by their name, where it is no text.
    """

    heads: Sequence[str]
    tail: str = ""
    words: Sequence[str] = ()
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


@final
@dataclass(frozen=True, eq=False)
class Concordance(Picture):
    """Passages, each on a line of its own.

    Attributes:
        title: what they are.
        columns: names of what stands before each, of the passage, and of what stands behind it.
        entries: the passages.
    """

    title: str
    columns: Sequence[str]
    entries: Sequence[Entry]

    @property
    def shape(self) -> tuple[int, int]:
        """A cursor stands at a whole passage."""
        return len(self.entries), 1

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title, names of columns, and as many passages from `start` on as have room."""
        canvas, owned, above = Canvas(width, height), owners(width, height), int(height >= HEAD_FROM)
        lines = max(0, height - above - 1)
        first = min(max(start[0], 0), max(0, len(self.entries) - 1))
        shown = self.entries[first : first + lines]
        if above:
            more = f" ({first + 1} to {first + len(shown)} of {len(self.entries)})" if len(shown) < len(self.entries) else ""
            head(canvas, f"{self.title}{more}", None, mode)
        heads = self._heads()
        left = sum(heads) + _GAP * len(heads)
        room, tail = self._room(width - left)
        self._names(canvas, above, heads, room, tail, mode)
        for line, entry in enumerate(shown, above + 1):
            column = 0
            for text, wide in zip(entry.heads, heads, strict=True):
                canvas.put(line, column + wide - cell_len(text), text, "value")
                column += wide + _GAP
            for text, style in self._passage(entry, room, mode):
                canvas.put(line, column, text, style)
                column += cell_len(text)
            canvas.put(line, left + room + _GAP, _cut(entry.tail, tail, mode), "label")
            if line < height:
                owned[line, :, 0], owned[line, :, 1] = first + line - above - 1, 0
        return Drawn(canvas, owned, (len(shown), 1))

    def _names(self, canvas: Canvas, row: int, heads: Sequence[int], room: int, tail: int, mode: Mode) -> None:  # noqa: PLR0913, PLR0917 - one line
        *names, passage, behind = self.columns
        column = 0
        for name, wide in zip(names, heads, strict=True):
            canvas.put(row, column + wide - cell_len(name), name, "label")
            column += wide + _GAP
        canvas.put(row, column, _cut(passage, room, mode), "label")
        canvas.put(row, column + room + _GAP, _cut(behind, tail, mode), "label")

    def _heads(self) -> list[int]:
        """Columns of text of each column before the passages."""
        return [
            max(cell_len(text) for text in (name, *(entry.heads[place] for entry in self.entries)))
            for place, name in enumerate(self.columns[:-2])
        ]

    def _room(self, width: int) -> tuple[int, int]:
        """Columns of text for the passages, and for what stands behind them."""
        wanted = max((cell_len(clean(entry.tail)) for entry in self.entries), default=0)
        tail = min(max(wanted, cell_len(self.columns[-1])), width // _TAIL_SHARE) if wanted else 0
        if width - tail - _GAP < _LEAST or not tail:
            return max(0, width), 0
        return width - tail - _GAP, tail

    # A passage ---------------------------------------------------------------------------------------------------------

    def _passage(self, entry: Entry, room: int, mode: Mode) -> list[tuple[str, str]]:
        """A passage as (text, style) pieces that fill no more than the room."""
        if entry.series:
            return self._bars(entry, room, mode)
        marked = _cut(f"[{self._joined(entry.words)}]", room, mode)
        around = self._before(room)
        before, gap = _cut_beginning(self._joined(entry.before), around - len(self._blank), mode), self._blank
        before = " " * (around - len(gap) - cell_len(before)) + before + gap if around > len(gap) else ""
        after = _cut(f"{gap}{self._joined(entry.after)}".rstrip(), room - cell_len(before) - cell_len(marked), mode)
        return [(before, "label"), (marked, "mark"), (after, "label")]

    @property
    def _blank(self) -> str:
        """What stands between two words: nothing where all are single letters."""
        words = (word for entry in self.entries for word in (*entry.before, *entry.words, *entry.after))
        return "" if all(cell_len(clean(word)) <= 1 for word in words) else " "

    def _joined(self, words: Sequence[str]) -> str:
        return self._blank.join(clean(word) or "_" for word in words)

    def _before(self, room: int) -> int:
        """Columns before the passages: as many as the longest wants, and no more than are left behind the passage."""
        wanted = max((cell_len(self._joined(entry.before)) for entry in self.entries), default=0) + len(self._blank)
        longest = max((cell_len(self._joined(entry.words)) for entry in self.entries), default=0) + 2
        return max(0, min(wanted, (room - longest) // 2))

    def _bars(self, entry: Entry, room: int, mode: Mode) -> list[tuple[str, str]]:
        """Each series with its name, all passages between the same ends."""
        pieces: list[tuple[str, str]] = []
        each = (room - _GAP * (len(entry.series) - 1)) // len(entry.series)
        for name, values in entry.series.items():
            width = each - cell_len(name) - 1
            signs = bars(values, width, ascii_only=mode == "ascii", ends=self._ends(name))
            wide = min(_WIDEST_BAR, max(1, width // max(1, len(values))))
            signs = "".join(sign * wide for sign in signs)
            pieces += [(f"{' ' * _GAP if pieces else ''}{name} ", "label"), (signs, "train")]
        return pieces

    def _ends(self, name: str) -> tuple[float, float]:
        """The least and the greatest value of a series in all passages."""
        values = np.concatenate([entry.series[name] for entry in self.entries])
        values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)

    # What else it can do -----------------------------------------------------------------------------------------------

    def words(self, row: int, column: int) -> str:
        """A passage whole, with the names of its columns."""
        del column
        entry = self.entries[row]
        parts = [f"{name} {text}".strip() for name, text in zip(self.columns[:-2], entry.heads, strict=True)]
        if entry.series:
            parts += [f"{name} {_numbers(values)}" for name, values in entry.series.items()]
        else:
            pieces = (self._joined(entry.before), f"[{self._joined(entry.words)}]", self._joined(entry.after))
            parts.append(self._blank.join(piece for piece in pieces if piece))
        parts += [f"{self.columns[-1]} {clean(entry.tail)}"] if entry.tail else []
        return ", ".join(parts)

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(the passage's first text, name of a column or of a series with its place, text or value)."""
        *names, passage, behind = self.columns
        for entry in self.entries:
            name, *others = entry.heads
            for title, text in zip(names[1:], others, strict=True):
                yield name, title, text
            for title, values in entry.series.items():
                for place, value in enumerate(values.tolist(), 1):
                    yield name, f"{title} {place}", float(value)
            if not entry.series:
                for title, words in (("before", entry.before), (passage, entry.words), ("after", entry.after)):
                    yield name, title, self._joined(words)
            if entry.tail:
                yield name, behind, entry.tail

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """The lines of text in letters of equal width."""
        look = FIGURE_THEMES[theme]
        drawn = self.draw(_SVG_COLUMNS, max(HEAD_FROM, 2 + len(self.entries)), "colour").canvas
        height = 80 + _SVG_LINE * (len(self.entries) + 1)
        parts = svg_head(self.title, subtitle, height, theme)
        for row in range(1, drawn.height):
            column = 0
            for text, style in drawn.runs(row):
                colour = look.quiet if style == "label" else look.ink
                bold = ' font-weight="bold"' if style == "mark" else ""
                size = f'font-family="monospace" xml:space="preserve" textLength="{cell_len(text) * _LETTER:.1f}"{bold}'
                if text.strip():
                    parts.append(svg_text(SVG_LEFT + column * _LETTER, 52 + _SVG_LINE * row, text, colour, size))
                column += cell_len(text)
        return height, "\n".join([*parts, "</svg>"]) + "\n"

    def lines_wanted(self, width: int) -> int | None:
        """Title, names and all passages."""
        del width
        return 2 + len(self.entries)

    def columns_wanted(self) -> int:
        """What it needs to be read well, within bounds."""
        heads = self._heads()
        passages = [
            sum(len(values) + cell_len(name) + 3 for name, values in entry.series.items())
            if entry.series
            else cell_len(self._joined((*entry.before, *entry.words, *entry.after))) + 2
            for entry in self.entries
        ]
        return max(super().columns_wanted(), min(_WIDEST, sum(heads) + _GAP * len(heads) + max(passages, default=0)))


def _cut(text: str, width: int, mode: Mode) -> str:
    cut = fit(text, max(0, width))
    return cut.translate(IN_ASCII) if mode == "ascii" else cut


def _cut_beginning(text: str, width: int, mode: Mode) -> str:
    """A text in at most so many columns, its beginning replaced by an ellipsis where it is longer."""
    text = clean(text)
    if cell_len(text) > width:
        while text and cell_len(text) > width - 1:
            text = text[1:]
        text = f"…{text}" if width > 0 else ""
    return text.translate(IN_ASCII) if mode == "ascii" else text


def _numbers(values: NDArray[np.float64]) -> str:
    """The values one by one; of many the first ones."""
    some = " ".join(exact(value, 3) for value in values[:_MOST_NUMBERS].tolist())
    return some if len(values) <= _MOST_NUMBERS else f"{some} ..."
