"""What a model predicted on held-out samples, in lines: input, target, prediction, and what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from rich.text import Text

from workbench.cards import AnswerForm
from workbench.plotting.compared import Compared, PredictionSigns, prediction_sign
from workbench.plotting.marked import Room
from workbench.plotting.prediction_passages import passage_rows
from workbench.plotting.prediction_rows import Sample, number_rows, sequence_rows, step_rows
from workbench.plotting.prediction_tables import class_table, draw_table, number_table, sequence_table

__all__ = ["PredictionSigns", "Room", "caption", "prediction_form", "prediction_lines", "score_words"]

Items = Sequence[Mapping[str, Any]]


def score_words(items: Items) -> str:
    """`9 of 12 right`, `11 of 12 valid`, both, or nothing where nothing is judged."""
    words = []
    for key, name in (("correct", "right"), ("valid", "valid")):
        judged = [bool(item[key]) for item in items if item.get(key) is not None]
        if judged:
            words.append(f"{sum(judged)} of {len(judged)} {name}")
    return ", ".join(words)


def prediction_form(info: Mapping[str, Any]) -> AnswerForm:
    """What the predictions of a probe are made of; of one that does not say so, what they look like."""
    with suppress(ValueError):
        return AnswerForm(info.get("answers", ""))
    items = info.get("items", ())
    if all(item.get("correct") is None and "valid" not in item for item in items):
        return AnswerForm.NUMBERS
    samples = [Compared.of(item, AnswerForm.STEPS) for item in items]
    if "valid" not in items[0] and all(len(one.prediction.symbols) == len(one.target.symbols) for one in samples):
        return AnswerForm.STEPS
    return AnswerForm.WORDS if any(one.target.words for one in samples) else AnswerForm.CHARACTERS


def prediction_lines(items: Items, form: AnswerForm, signs: PredictionSigns, width: int, room: Room) -> Text:
    """Samples with the model's predictions, one below the other.

    Sequences that were drawn stand with what they were drawn for and whether the source could have written them; numbers with
    their error; everything else with its target and whether it is right. What is wrong has a `^` below it.

    Args:
        items: `input`, `target`, `predicted`, `correct` (None where that is a matter of degree), perhaps `valid`; at least one.
        form: what a prediction is made of.
        signs: how right and wrong are shown.
        width: columns that there are.
        room: how much of long inputs and sequences is shown: all, or their beginning and the parts with something wrong.
    """
    samples = [Compared.of(item, form) for item in items]
    width = max(1, width)
    if any("valid" in item for item in items):
        lines = draw_table(samples, signs, width)
    elif form is AnswerForm.PASSAGE:
        lines = passage_rows(samples, width, room)
    elif form is AnswerForm.CLASS:
        lines = class_table(samples, signs, width, room)
    elif form is AnswerForm.NUMBERS:
        single = [sample.number for sample in samples]
        numbers = [pair for pair in single if pair is not None]
        single_numbers = len(numbers) == len(samples)
        lines = number_table(samples, numbers, width, room) if single_numbers else number_rows(_alone(samples), width, room)
    else:
        rows = step_rows if form is AnswerForm.STEPS else sequence_rows
        lines = sequence_table(samples, signs, width) or rows(_alone(samples), signs, width, room)
    return Text("\n").join(lines)


def _alone(samples: Sequence[Compared]) -> list[Sample]:
    """Samples that have one prediction each."""
    return [{"prediction": sample} for sample in samples]


def caption(item: Mapping[str, Any], form: AnswerForm, signs: PredictionSigns, width: int) -> list[Text]:
    """What stands below a picture: the target where it was met; else target, prediction, and what is wrong in it."""
    compared = Compared.of(item, form)
    sign = prediction_sign(item, signs)
    if item.get("correct"):
        return [Text.assemble(sign, " ", compared.target.text)]
    arrow = "->" if signs.right.isascii() else "→"
    prediction = compared.prediction.line(slice(None), compared.wrong, "", signs.bad)
    in_one = Text.assemble(sign, " ", compared.target.text, f" {arrow} ", prediction)
    below = compared.prediction.marks(slice(None), compared.wrong)
    if in_one.cell_len <= width and not below:
        return [in_one]
    lines = [Text.assemble(sign, " ", compared.target.text), Text.assemble(arrow, " ", prediction)]
    return [*lines, Text(" " * (len(arrow) + 1) + below, signs.bad)] if below else lines
