"""Predictions too long for a table: input, target and prediction one below the other, each step below its fellow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.compared import Compared, PredictionSigns, prediction_sign
from workbench.plotting.marked import Room, Written, pairs, stretches, wrapped

__all__ = ["number_rows", "sequence_rows", "step_rows"]

_NAME = len("prediction") + 2
"""Columns of the name before a line."""
_NAMES_FROM = 32
"""Columns from which there is room for names before the lines; below that a name has a line of its own."""


@dataclass(frozen=True)
class _Frame:
    """Where the lines of one sample stand."""

    width: int
    sign: int

    @property
    def named(self) -> bool:
        return self.width >= _NAMES_FROM

    @property
    def indent(self) -> int:
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


def step_rows(samples: Sequence[Compared], signs: PredictionSigns, width: int, room: Room) -> list[Text]:
    """A class for each step: target and prediction step below step, and the input where it has as many."""
    frame = _Frame(width, signs.width + 1)
    return [line for one in samples for line in _signed(one, signs, _steps(one, signs, frame, room))]


def number_rows(samples: Sequence[Compared], width: int, room: Room) -> list[Text]:
    """Several numbers: target, prediction and error in columns, and the input where it has as many."""
    frame, lines = _Frame(width, 0), list[Text]()
    for one in samples:
        rows, given = _rows(one, frame, room)
        errors = [_error(*pair) for pair in zip(rows["prediction"], rows["target"], strict=False)]
        columns = _Columns.of({**rows, "error": errors}, gap=2, right=True)
        lines += given
        for part in columns.parts(frame.body):
            for name in columns.rows:
                lines += frame.lines(name, [columns.line(name, part)])
        lines.append(Text())
    return lines[:-1]


def sequence_rows(samples: Sequence[Compared], signs: PredictionSigns, width: int, room: Room) -> list[Text]:
    """Sequences of different lengths: the input in lines, then target and prediction line by line, each with its marks."""
    frame, lines = _Frame(width, signs.width + 1), list[Text]()
    for one in samples:
        rows = pairs((one.target, one.missed), (one.prediction, one.wrong), frame.body, signs.bad)
        wrong = [max(sum("^" in line.plain for line in column) for column in row) for row in rows]
        ours = frame.lines("input", wrapped(one.input, frame.body, room, "dim"))
        for part in stretches(wrong, room):
            if part.stop - part.start > 1:
                ours += frame.told(f"... {part.stop - part.start} lines more, {_judged(sum(wrong[part]), 'with mistakes')}")
                continue
            target, prediction = rows[part.start]
            ours += frame.lines("target", target) if target[0].plain else []
            ours += frame.lines("prediction", prediction) if prediction[0].plain or not part.start else []
        lines += _signed(one, signs, ours)
    return lines


def _steps(one: Compared, signs: PredictionSigns, frame: _Frame, room: Room) -> list[Text]:
    rows, lines = _rows(one, frame, room)
    single = all(cell_len(symbol) == 1 for row in rows.values() for symbol in row)
    columns = _Columns.of(rows, gap=0 if single else 1)
    parts = columns.parts(frame.body)
    wrong = [sum(place in one.wrong for place in range(part.start, part.stop)) for part in parts]
    if len(parts) > 1 and one.wrong:
        words = f"{len(one.wrong):,} of {len(columns.widths):,} steps wrong, the first is step {min(one.wrong) + 1:,}"
        lines += frame.told(words)
    for shown in stretches(wrong, room):
        part = parts[shown.start]
        if shown.stop - shown.start > 1:
            last = parts[shown.stop - 1].stop
            lines += frame.told(f"steps {part.start + 1:,} to {last:,}: {_judged(sum(wrong[shown]), 'wrong')}")
            continue
        for name in columns.rows:
            bad = (one.wrong, f"bold underline {signs.bad}") if name == "prediction" else (frozenset[int](), "")
            lines += frame.lines(name, [columns.line(name, part, *bad)])
        if wrong[shown.start]:
            lines += frame.lines("", [Text(columns.marks("prediction", part, one.wrong), signs.bad)])
    return lines


def _judged(wrong: int, words: str) -> str:
    return f"{wrong:,} {words}" if wrong else "all right"


def _rows(one: Compared, frame: _Frame, room: Room) -> tuple[dict[str, list[str]], list[Text]]:
    """The symbols that stand below each other, by the name of their line, and the lines of an input that is of another length."""
    rows = {"target": one.target.symbols, "prediction": one.prediction.symbols}
    given = Written.of(one.input, words=one.target.words).symbols
    if len(given) == len(rows["target"]):
        return {"input": given, **rows}, []
    return rows, frame.lines("input", wrapped(one.input, frame.body, room, "dim"))


@dataclass(frozen=True)
class _Columns:
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
    def of(cls, rows: Mapping[str, Sequence[str]], gap: int, *, right: bool = False) -> _Columns:
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


def _error(prediction: str, target: str) -> str:
    try:
        return f"{float(prediction) - float(target):+.2g}"
    except ValueError:
        return ""


def _signed(one: Compared, signs: PredictionSigns, lines: list[Text]) -> list[Text]:
    """The lines of a sample with its sign before the first."""
    sign = prediction_sign(one.item, signs)
    first = Text.assemble(sign, " " * (signs.width + 1 - sign.cell_len), lines[0][signs.width + 1 :])
    return [first, *lines[1:]]
