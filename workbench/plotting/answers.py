"""What a model answered on held-out samples, as a table: predictions of every kind of task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

__all__ = ["AnswerSigns", "answer_sign", "answer_table", "score_words"]

Items = Sequence[Mapping[str, Any]]

_LONGEST_INPUT = 600
"""Characters of an input that are shown; a series of thousands of numbers tells nobody more."""
_LONGEST = 160
"""Characters of an answer and its target that are shown."""
_BEFORE = 40
"""Characters shown before the first difference, where that lies further on."""
_GAP = 2
"""Columns between two columns of a table."""


@dataclass(frozen=True)
class AnswerSigns:
    """Signs and Rich colours of right, wrong, and what nobody judges.

    Attributes:
        right, wrong, open: a character or two each.
        good, bad: styles of the first two.
    """

    right: str = "✓"
    wrong: str = "✗"
    open: str = "·"
    good: str = "green"
    bad: str = "red"


def score_words(items: Items) -> str:
    """`9 of 12 right`, `11 of 12 valid`, both, or nothing where nothing is judged."""
    words = []
    for key, name in (("correct", "right"), ("valid", "valid")):
        judged = [bool(item[key]) for item in items if item.get(key) is not None]
        if judged:
            words.append(f"{sum(judged)} of {len(judged)} {name}")
    return ", ".join(words)


def answer_sign(item: Mapping[str, Any], signs: AnswerSigns, key: str = "correct") -> Text:
    """The sign before an answer."""
    match item.get(key):
        case True:
            return Text(signs.right, signs.good)
        case False:
            return Text(signs.wrong, signs.bad)
        case _:
            return Text(signs.open)


def answer_table(items: Items, signs: AnswerSigns, width: int) -> Table:
    """Samples with the model's answers.

    Sequences that were drawn stand with what they were drawn for and whether the source could have written them; numbers with
    their error; everything else with its target and whether it is right.

    Args:
        items: `input`, `target`, `predicted`, `correct` (None where that is a matter of degree), perhaps `valid`.
        signs: how right and wrong are shown.
        width: columns that the table has.
    """
    table = Table(box=None, width=width, padding=(0, _GAP, 0, 0), header_style="bold")
    numbers = [_numbers(item) for item in items]
    if any("valid" in item for item in items):
        _draws(table, items, signs)
    elif all(pair is not None for pair in numbers):
        _errors(table, items, [pair for pair in numbers if pair is not None])
    else:
        _texts(table, items, signs, width)
    return table


def _draws(table: Table, items: Items, signs: AnswerSigns) -> None:
    given = any(item.get("correct") is not None for item in items)
    table.add_column("valid", width=5)
    if given:
        table.add_column("right", width=5)
        table.add_column("for", ratio=1, overflow="fold")
    table.add_column("drawn by the model", ratio=2, overflow="fold")
    table.add_column("in the data" if given else "some of the data", ratio=2, overflow="fold")
    for item in items:
        context = (answer_sign(item, signs), _text(item, "input")) if given else ()
        table.add_row(answer_sign(item, signs, "valid"), *context, _text(item, "predicted", ""), _text(item, "target"))


def _errors(table: Table, items: Items, numbers: Sequence[tuple[float, float]]) -> None:
    for name in ("predicted", "target", "error"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("input", ratio=1, overflow="ellipsis", no_wrap=True)
    for item, (predicted, target) in zip(items, numbers, strict=True):
        error = Text(f"{predicted - target:+.4f}", "bold")
        table.add_row(f"{predicted:.4f}", Text(f"{target:.4f}", "dim"), error, _text(item, "input"))


def _texts(table: Table, items: Items, signs: AnswerSigns, width: int) -> None:
    """Answer and target are equally wide, so that they can be compared; the input is cut before they are folded."""
    parts = [_parts(str(item.get("predicted", "")), str(item.get("target", ""))) for item in items]
    inputs = [_text(item, "input") for item in items]
    sign = max(cell_len(signs.right), cell_len(signs.wrong), cell_len(signs.open))
    room = max(3, width - sign - 4 * _GAP)
    answers = max(cell_len("predicted"), *(cell_len(text) for pair in parts for text in pair))
    given = min(max(cell_len("input"), *(text.cell_len for text in inputs)), max(room // 4, room - 2 * answers))
    answers = min(answers, (room - given) // 2)
    table.add_column("", width=sign)
    table.add_column("predicted", width=answers, overflow="fold")
    table.add_column("target", width=answers, overflow="fold")
    table.add_column("input", ratio=1, overflow="ellipsis", no_wrap=True)
    for item, (predicted, target), given_text in zip(items, parts, inputs, strict=True):
        table.add_row(answer_sign(item, signs), Text(predicted), Text(target, "dim"), given_text)


def _parts(predicted: str, target: str) -> tuple[str, str]:
    """Both texts, long ones cut to the same part, in which their first difference lies."""
    differs = next((place for place, pair in enumerate(zip(predicted, target, strict=False)) if pair[0] != pair[1]), 0)
    start = differs - _BEFORE if differs >= _LONGEST else 0

    def part(text: str) -> str:
        stop = start + _LONGEST
        return f"{'... ' if start else ''}{text[start:stop]}{' ...' if len(text) > stop else ''}"

    return part(predicted), part(target)


def _numbers(item: Mapping[str, Any]) -> tuple[float, float] | None:
    """Answer and target where they are numbers that nobody judges right or wrong, else None."""
    if item.get("correct") is not None:
        return None
    try:
        return float(item.get("predicted", "")), float(item.get("target", ""))
    except ValueError:
        return None


def _text(item: Mapping[str, Any], key: str, style: str = "dim") -> Text:
    text = str(item.get(key, ""))
    return Text(text if len(text) <= _LONGEST_INPUT else f"{text[:_LONGEST_INPUT]} ...", style)
