"""What two models predicted on the same samples, side by side or one below the other, each with what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from workbench.cards import AnswerForm
from workbench.plotting.compared import Compared, PredictionSigns, prediction_sign
from workbench.plotting.marked import Room, beside, padded, wrapped
from workbench.plotting.prediction_rows import Sample, number_rows, sequence_rows, step_rows
from workbench.plotting.predictions import caption

__all__ = ["pair_caption", "pair_lines"]

Items = Sequence[Mapping[str, Any]]

_GAP = 2
_INPUT_AT_LEAST = 8
_LONGEST_NAME = len("prediction")


def pair_lines(  # noqa: PLR0913, PLR0917 - two sets of predictions, and how they are drawn
    first: Items, second: Items, names: tuple[str, str], form: AnswerForm, signs: PredictionSigns, width: int, room: Room
) -> Text:
    """Samples with what two models predicted: a row of a table for each, or lines one below the other.

    Args:
        first, second: the same samples as an evaluation tells them, at least one.
        names: what the two models are called, ten columns at most.
        form: what a prediction is made of.
        signs: how right and wrong are shown.
        width: columns that there are.
        room: how much of long inputs and sequences is shown.
    """
    width = max(1, width)
    pairs = [(Compared.of(one, form), Compared.of(other, form)) for one, other in zip(first, second, strict=True)]
    samples: list[Sample] = [dict(zip(names, pair, strict=True)) for pair in pairs]
    if form is AnswerForm.CLASS:
        lines = _class_table(pairs, names, signs, width, room)
    elif form is AnswerForm.NUMBERS:
        lines = _number_table(pairs, names, width, room) or number_rows(samples, width, room)
    elif form is AnswerForm.STEPS:
        lines = step_rows(samples, signs, width, room)
    else:
        drawn = any("valid" in item for item in first)
        lines = sequence_rows(samples, signs, width, room, "valid" if drawn else "correct")
    return Text("\n").join(lines)


def pair_caption(
    first: Mapping[str, Any], second: Mapping[str, Any], form: AnswerForm, signs: PredictionSigns, width: int
) -> list[Text]:
    """What stands below a picture: what the first model predicts, and below it what the second one does."""
    return [*caption(first, form, signs, width), *caption(second, form, signs, width)]


def _class_table(
    pairs: Sequence[tuple[Compared, Compared]], names: tuple[str, str], signs: PredictionSigns, width: int, room: Room
) -> list[Text]:
    """A class for each input, each with its sign before it; a wrong one is underlined."""
    texts = [("target", [one.target.text for one, _ in pairs])]
    texts += [(name, [pair[place].prediction.text for pair in pairs]) for place, name in enumerate(names)]
    most = max(_LONGEST_NAME, width // 5)
    widths = [min(max(map(cell_len, (name, *column))), most) for name, column in texts]
    columns = [widths[0], signs.width, widths[1], signs.width, widths[2]]
    given = _input_width([one for one, _ in pairs], width - sum(columns) - _GAP * 3 - 2)
    columns = [given, widths[0], widths[1] + signs.width + 1, widths[2] + signs.width + 1]
    blank = " " * (signs.width + 1)
    heads = ["input", "target", *(blank + name for name in names)]
    lines = beside([[Text(head, "bold")] for head in heads], columns, _GAP)
    for pair in pairs:
        cells = [wrapped(pair[0].input, given, room, "dim"), wrapped(pair[0].target.text, widths[0], Room(whole=True))]
        for one, column in zip(pair, widths[1:], strict=True):
            style = f"bold underline {signs.bad}" if one.item.get("correct") is False else ""
            said = wrapped(one.prediction.text, column, Room(whole=True), style)
            sign = padded(prediction_sign(one.item, signs), signs.width + 1)
            cells.append([Text.assemble(blank if row else sign, line) for row, line in enumerate(said)])
        lines += beside(cells, columns, _GAP)
    return lines


def _number_table(pairs: Sequence[tuple[Compared, Compared]], names: tuple[str, str], width: int, room: Room) -> list[Text]:
    """A number for each input, each with its error where there is room; nothing where they are no single numbers."""
    numbers = [(one.number, other.number) for one, other in pairs]
    rows = [(one[0], one[1], other[1]) for one, other in numbers if one is not None and other is not None]
    if len(rows) < len(pairs):
        return []
    columns = [("target", [f"{target:.4f}" for target, _, _ in rows])]
    for place, name in enumerate(names, 1):
        columns += [(name, [f"{row[place]:.4f}" for row in rows]), ("error", [f"{row[place] - row[0]:+.4f}" for row in rows])]
    widths = [max(map(cell_len, (name, *texts))) for name, texts in columns]
    if sum(widths) + _GAP * len(widths) + _INPUT_AT_LEAST > width:  # the errors can be worked out
        columns, widths = [columns[place] for place in (0, 1, 3)], [widths[place] for place in (0, 1, 3)]
    given = _input_width([one for one, _ in pairs], width - sum(widths) - _GAP * len(widths))
    lines = beside(
        [
            [Text("input", "bold")],
            *([padded(Text(name, "bold"), room_, right=True)] for (name, _), room_ in zip(columns, widths, strict=True)),
        ],
        [given, *widths],
        _GAP,
    )
    for place, (one, _) in enumerate(pairs):
        cells = [[padded(Text(texts[place]), column, right=True)] for (_, texts), column in zip(columns, widths, strict=True)]
        lines += beside([wrapped(one.input, given, room, "dim"), *cells], [given, *widths], _GAP)
    return lines


def _input_width(samples: Sequence[Compared], room: int) -> int:
    return min(max(room, _INPUT_AT_LEAST), max(len("input"), *(cell_len(one.input) for one in samples)))
