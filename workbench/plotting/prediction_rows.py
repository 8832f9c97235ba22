"""Predictions too long for a table: input, target and predictions one below the other, each step below its fellow.

A sample has one prediction, or several of different models, by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.aligned import Columns, Frame
from workbench.plotting.compared import Compared, PredictionSigns, prediction_sign
from workbench.plotting.marked import Room, Written, line_by_line, stretches, wrapped

__all__ = ["Sample", "number_rows", "sequence_rows", "step_rows"]

Sample: TypeAlias = Mapping[str, Compared]
"""The predictions for one input by the names that stand before them."""


def step_rows(samples: Sequence[Sample], signs: PredictionSigns, width: int, room: Room) -> list[Text]:
    """A class for each step: target and prediction step below step, and the input where it has as many."""
    frame = Frame(width, signs.width + 1)
    return [line for one in samples for line in _steps(one, signs, frame, room)]


def number_rows(samples: Sequence[Sample], width: int, room: Room) -> list[Text]:
    """Several numbers: target, prediction and error in columns, and the input where it has as many."""
    frame, lines = Frame(width, 0), list[Text]()
    for sample in samples:
        rows, given = _rows(sample, frame, room)
        numbers = {name: row for name, row in rows.items() if name not in sample}
        for place, name in enumerate(sample):
            errors = [_error(*pair) for pair in zip(rows[name], rows["target"], strict=False)]
            numbers |= {name: rows[name], f"error{' ' * place}": errors}  # the same word to the eye
        columns = Columns.of(numbers, gap=2, right=True)
        lines += given
        for part in columns.parts(frame.body):
            for name in columns.rows:
                lines += frame.lines(name, [columns.line(name, part)])
        lines.append(Text())
    return lines[:-1]


def sequence_rows(samples: Sequence[Sample], signs: PredictionSigns, width: int, room: Room, key: str = "correct") -> list[Text]:
    """Sequences of different lengths: the input in lines, then target and prediction line by line, each with its marks.

    Args:
        samples: with their predictions.
        signs: how right and wrong are shown.
        width: columns that there are.
        room: how much of long sequences is shown.
        key: what of a prediction its sign tells.
    """
    frame, lines = Frame(width, signs.width + 1), list[Text]()
    for sample in samples:
        one, several = _any(sample), len(sample) > 1
        texts = [(one.target, frozenset[int]() if several else one.missed)]
        texts += [(each.prediction, each.wrong) for each in sample.values()]
        rows = line_by_line(texts, frame.body, signs.bad)
        wrong = [max(sum("^" in line.plain for line in column) for column in row) for row in rows]
        ours = frame.lines("input", wrapped(one.input, frame.body, room, "dim"))
        firsts: dict[str, int] = {}
        for part in stretches(wrong, room):
            if part.stop - part.start > 1:
                ours += frame.told(f"... {part.stop - part.start} lines more, {_judged(sum(wrong[part]), 'with mistakes')}")
                continue
            for name, column in zip(("target", *sample), rows[part.start], strict=True):
                if not column[0].plain and (name == "target" or part.start):
                    continue
                firsts.setdefault(name, len(ours))
                marks = [line for line in column[1:] if line.plain or not several]
                ours += frame.lines(name, [column[0], *marks])
        lines += _signed(sample, firsts, signs, ours, key)
    return lines


def _any(sample: Sample) -> Compared:
    """One of a sample's predictions: input and target are the same with all."""
    return next(iter(sample.values()))


def _steps(sample: Sample, signs: PredictionSigns, frame: Frame, room: Room) -> list[Text]:
    rows, lines = _rows(sample, frame, room)
    single = all(cell_len(symbol) == 1 for row in rows.values() for symbol in row)
    columns = Columns.of(rows, gap=0 if single else 1)
    parts = columns.parts(frame.body)
    wrong = [sum(place in each.wrong for place in range(part.start, part.stop) for each in sample.values()) for part in parts]
    for name, each in sample.items() if len(parts) > 1 else ():
        if each.wrong:
            words = f"{len(each.wrong):,} of {len(columns.widths):,} steps wrong, the first is step {min(each.wrong) + 1:,}"
            lines += frame.told(words if len(sample) == 1 else f"{name}: {words}")
    firsts: dict[str, int] = {}
    for shown in stretches(wrong, room):
        part = parts[shown.start]
        if shown.stop - shown.start > 1:
            last = parts[shown.stop - 1].stop
            lines += frame.told(f"steps {part.start + 1:,} to {last:,}: {_judged(sum(wrong[shown]), 'wrong')}")
            continue
        for name in columns.rows:
            firsts.setdefault(name, len(lines))
            if name not in sample:
                lines += frame.lines(name, [columns.line(name, part)])
                continue
            bad = sample[name].wrong
            lines += frame.lines(name, [columns.line(name, part, bad, f"bold underline {signs.bad}")])
            marks = columns.marks(name, part, bad)
            lines += frame.lines("", [Text(marks, signs.bad)]) if marks else []
    return _signed(sample, firsts, signs, lines)


def _judged(wrong: int, words: str) -> str:
    return f"{wrong:,} {words}" if wrong else "all right"


def _rows(sample: Sample, frame: Frame, room: Room) -> tuple[dict[str, list[str]], list[Text]]:
    """The symbols that stand below each other, by the name of their line, and the lines of an input that is of another length."""
    one = _any(sample)
    rows = {"target": one.target.symbols, **{name: each.prediction.symbols for name, each in sample.items()}}
    given = Written.of(one.input, words=one.target.words).symbols
    if len(given) == len(rows["target"]):
        return {"input": given, **rows}, []
    return rows, frame.lines("input", wrapped(one.input, frame.body, room, "dim"))


def _error(prediction: str, target: str) -> str:
    try:
        return f"{float(prediction) - float(target):+.2g}"
    except ValueError:
        return ""


def _signed(
    sample: Sample, firsts: Mapping[str, int], signs: PredictionSigns, lines: list[Text], key: str = "correct"
) -> list[Text]:
    """The lines of a sample with its sign before the first; of several predictions each has its own."""
    single = len(sample) == 1
    for name, each in sample.items():
        place = 0 if single else firsts[name]
        sign = prediction_sign(each.item, signs, key)
        lines[place] = Text.assemble(sign, " " * (signs.width + 1 - sign.cell_len), lines[place][signs.width + 1 :])
    return lines
