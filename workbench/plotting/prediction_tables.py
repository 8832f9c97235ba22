"""Predictions as tables: one row for each sample, with input, target and prediction side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.compared import Compared, PredictionSigns, prediction_sign
from workbench.plotting.marked import Room, beside, padded, pairs, wrapped

__all__ = ["class_table", "draw_table", "number_table", "sequence_table"]

_GAP = 2
"""Columns between two columns of a table."""
_INPUT_AT_LEAST = 8
_LONGEST_NAME = len("prediction")
"""Columns that the name of a class always has; a longer one may take a quarter of the width."""


def class_table(samples: Sequence[Compared], signs: PredictionSigns, width: int, room: Room) -> list[Text]:
    """A class for each input; a wrong one is underlined beside its sign."""
    names = ("target", "prediction")
    widths = [
        _widest("target", (one.target.text for one in samples)),
        _widest("prediction", (one.prediction.text for one in samples)),
    ]
    widths = [min(column, max(_LONGEST_NAME, width // 4)) for column in widths]
    widths = [signs.width, _input_width(samples, width - signs.width - sum(widths) - 3 * _GAP), *widths]
    lines = beside([[Text()], [_head("input")], *([_head(name)] for name in names)], widths)
    for one in samples:
        style = f"bold underline {signs.bad}" if one.item.get("correct") is False else ""
        texts = zip((one.target.text, one.prediction.text), widths[2:], ("", style), strict=True)
        predictions = [wrapped(text, column, Room(whole=True), role) for text, column, role in texts]
        lines += beside([[prediction_sign(one.item, signs)], _given(one, widths[1], room), *predictions], widths)
    return lines


def number_table(samples: Sequence[Compared], numbers: Sequence[tuple[float, float]], width: int, room: Room) -> list[Text]:
    """A number for each input, with its error.

    Args:
        samples: with their predictions.
        numbers: target and prediction of each.
        width: columns that there are.
        room: how much of a long input is shown.
    """
    names = ("target", "prediction", "error")
    rows = [(f"{target:.4f}", f"{prediction:.4f}", f"{prediction - target:+.4f}") for target, prediction in numbers]
    widths = [_widest(name, (row[place] for row in rows)) for place, name in enumerate(names)]
    heads = [[padded(_head(name), width, right=True)] for name, width in zip(names, widths, strict=True)]
    columns = [_input_width(samples, width - sum(widths) - 3 * _GAP), *widths]
    lines = beside([[_head("input")], *heads], columns)
    for one, row in zip(samples, rows, strict=True):
        cells = [[padded(Text(text), width, right=True)] for text, width in zip(row, widths, strict=True)]
        lines += beside([_given(one, columns[0], room), *cells], columns)
    return lines


def sequence_table(samples: Sequence[Compared], signs: PredictionSigns, width: int) -> list[Text]:
    """Sequences in one line each, what is wrong marked in a line below; nothing where they have no room side by side."""
    widths = [
        signs.width,
        _widest("input", (one.input for one in samples)),
        max(len("target"), *(one.target.width for one in samples)),
        max(len("prediction"), *(one.prediction.width for one in samples)),
    ]
    if sum(widths) + _GAP * (len(widths) - 1) > width:
        return []
    lines = beside([[Text()], *([_head(name)] for name in ("input", "target", "prediction"))], widths)
    for one in samples:
        (pair,) = pairs((one.target, one.missed), (one.prediction, one.wrong), None, signs.bad)
        lines += beside([[prediction_sign(one.item, signs)], [Text(one.input, "dim")], *pair], widths)
    return lines


def draw_table(samples: Sequence[Compared], signs: PredictionSigns, width: int) -> list[Text]:
    """Sequences that the model wrote by itself, beside the one in the data for the same input, or beside some of the data."""
    given = any(one.item.get("correct") is not None for one in samples)
    first = [_widest("valid", ()), *([_widest("right", ()), _widest("input", (one.input for one in samples))] if given else [])]
    titles = ["in the data" if given else "some of the data", "drawn by the model"]
    longest = max(*map(len, titles), *(text.width for one in samples for text in (one.target, one.prediction)))
    column = min(longest, max(_INPUT_AT_LEAST, (width - sum(first) - _GAP * (len(first) + 1)) // 2))
    widths = [*first, column, column]
    names = ["valid", *(["right", "input"] if given else []), *titles]
    lines = beside([wrapped(name, width, Room(whole=True), "bold") for name, width in zip(names, widths, strict=True)], widths)
    for one in samples:
        cells = [[prediction_sign(one.item, signs, "valid")]]
        cells += [[prediction_sign(one.item, signs)], [Text(one.input, "dim")]] if given else []
        sequence_pairs = pairs((one.target, one.missed), (one.prediction, one.wrong), column, signs.bad)
        texts = [[line for pair in sequence_pairs for line in pair[place]] for place in (0, 1)]
        lines += beside([*cells, *texts], widths)
    return lines


def _head(name: str) -> Text:
    return Text(name, "bold")


def _widest(name: str, texts: Iterable[str]) -> int:
    return max([cell_len(name), *(cell_len(text) for text in texts)])


def _input_width(samples: Sequence[Compared], room: int) -> int:
    return min(max(room, _INPUT_AT_LEAST), _widest("input", (one.input for one in samples)))


def _given(one: Compared, width: int, room: Room) -> list[Text]:
    return wrapped(one.input, width, room, "dim")
