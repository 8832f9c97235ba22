"""Which classes are taken for which, and samples of the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.confused import confusion_pictures, most_frequent_mistakes
from workbench.plotting.pictures import Gallery, Picture, Scale, Sheet, Tile
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._view import ProbeView

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["ConfusionView"]

_EXAMPLES, _INPUTS = "examples", "inputs"
_BRIGHTEST = 255.0
_NAMED, _SHORT = 2, 24
"""Examples that are named under the cursor, and letters of their texts."""


@final
class ConfusionView(ProbeView):
    """Counts, true class by predicted class, shape (classes, classes); `<data>/examples` and `<data>/inputs` of the worst ones.

    The examples' array is the probability that the model gave to the class that it predicted, (examples,); their inputs are
    pictures (examples, height, width) or series (examples, steps, features).
    """

    title = "Confusion"
    about = (
        "How often a true class (line) was predicted as which class (column) on held-out samples. What is right stands on "
        "the diagonal; a dark column is a class that is hardly ever predicted. Beside it stand samples of the most frequent "
        "mistakes (true, then predicted class), with their place in the set and the probability that the model gave to its "
        "answer; of a sequence with an answer for each step the wrong step is marked. The table lists the most frequent "
        "mistakes."
    )
    axes = ("true", "predicted")
    named = "data"

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """Of examples there is one number each, or one input."""
        return {_EXAMPLES: ("example",), _INPUTS: ("example", "row", "column")}.get(name.partition("/")[2], cls.axes)

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """As many columns as lines; or examples."""
        rest = name.partition("/")[2]
        square = rest in (_EXAMPLES, _INPUTS) or (not rest and len(set(shape)) == 1)
        return square and super().fits(name, shape)

    @classmethod
    def summary(cls, look: Look) -> str:
        """Accuracy, and the most frequent mistake."""
        counts = _counts(look)
        total, right = counts.sum(), np.trace(counts)
        words = f"{right:,.0f} of {total:,.0f} right ({right / total:.1%})" if total > 0 else "nothing was counted"
        mistakes = most_frequent_mistakes(counts)
        if not mistakes:
            return words
        true, predicted = mistakes[0]
        names = _names(look)
        return f"{words}; most often {names[true]} taken for {names[predicted]} ({counts[true, predicted]:,.0f})"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The table of counts as shades, examples of the worst mistakes, and the mistakes by their number."""
        counts, names, examples = _counts(look), _names(look), _examples(look)

        def such(row: int, column: int) -> str:
            return " and ".join([one.short for one in examples if (one.true, one.predicted) == (row, column)][:_NAMED])

        shades, *mistakes = confusion_pictures(counts, names, such)
        return [shades, *([_worst(look, examples, names)] if examples else ()), *mistakes]


@dataclass(frozen=True)
class _Example:
    """A sample that stands for a mistake.

    Attributes:
        index: its place in the held-out set, from 0.
        true, predicted: classes.
        step: the wrong step of a sequence with a class for each step, from 1; 0 where there is one class.
        probability: that the model gave to the predicted class, NaN where it is not known.
        text: the input as a line, "" where it is drawn.
    """

    index: int
    true: int
    predicted: int
    step: int
    probability: float
    text: str

    @property
    def where(self) -> str:
        """Which sample it is, and which step of it."""
        return f"sample {self.index}" + (f" step {self.step}" if self.step else "")

    @property
    def sure(self) -> str:
        """The probability in words."""
        return f"{self.probability:.0%}" if np.isfinite(self.probability) else ""

    @property
    def short(self) -> str:
        """Which sample it is, with the beginning of its text and the probability."""
        text = f" '{self.text[:_SHORT]}{'...' * (len(self.text) > _SHORT)}'" if self.text else ""
        return f"{self.where}{text}{f' at {self.sure}' if self.sure else ''}"


def _examples(look: Look) -> list[_Example]:
    """The samples that stand for mistakes; none where another version has written something else."""
    row = look.rows.get(_EXAMPLES)
    if row is None:
        return []
    count, classes = len(numbers(row)), len(look.array)
    columns = [_whole(row, key, count) for key in ("indices", "true", "predicted", "steps")]
    texts = row.info.get("texts")
    texts = texts if isinstance(texts, list) and len(texts) == count else [""] * count
    examples = [
        _Example(index, true, predicted, step, float(probability), str(text))
        for index, true, predicted, step, probability, text in zip(*columns, numbers(row), texts, strict=True)
    ]
    return examples if all(0 <= one.true < classes and 0 <= one.predicted < classes for one in examples) else []


def _whole(row: Probe, key: str, count: int) -> list[int]:
    """A list of whole numbers of a row's info; -1 where there is no such list, or of steps 0."""
    values = row.info.get(key)
    if isinstance(values, list) and len(values) == count and all(type(value) is int for value in values):
        return values
    return [0 if key == "steps" else -1] * count


def _every(row: Probe) -> int:
    """Steps from one value of a series to the next."""
    every = row.info.get("every")
    return every if isinstance(every, int) and every > 0 else 1


def _worst(look: Look, examples: Sequence[_Example], names: Sequence[str]) -> Picture:
    """The examples as pictures or series where they are drawn, else as lines of text."""
    row = look.rows.get(_INPUTS)
    values = numbers(row) if row is not None else np.zeros(0)
    if row is None or len(values) != len(examples):
        lines = [(f"{names[one.true]} -> {names[one.predicted]}", one.where, one.sure, one.text) for one in examples]
        return Sheet("worst mistakes", ("true -> predicted", "where", "sure", "input"), lines)
    is_series = row.array is not None and row.array.dtype.kind == "f"
    tiles = []
    for one, drawn in zip(examples, values, strict=True):
        pair = f"{names[one.true]} → {names[one.predicted]}"
        sure = f", probability {one.probability:.3g}" if one.sure else ""
        said = f"true {names[one.true]}, predicted {names[one.predicted]}: {one.where} of the set{sure}"
        where = f"#{one.index}{f' t {one.step}' if one.step else ''}"
        below = (pair, f"{where} at {one.sure}" if one.sure else where)
        tiles.append(Tile(below, said, drawn, one.step))
    return Gallery("worst mistakes", tiles, Scale(0.0, _BRIGHTEST), is_series, _every(row))


def _counts(look: Look) -> NDArray[np.float64]:
    return np.nan_to_num(look.array, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)


def _names(look: Look) -> list[str]:
    """The classes' names; their numbers where they are not known."""
    given, count = look.row.info.get("classes"), len(look.array)
    return (
        [str(name) for name in given]
        if isinstance(given, list) and len(given) == count
        else [str(place) for place in range(count)]
    )
