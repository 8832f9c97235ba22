"""One prediction beside its target: what each is made of, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from workbench.cards import AnswerForm
from workbench.plotting.differences import by_change, by_place
from workbench.plotting.marked import Written

__all__ = ["Compared", "PredictionSigns", "prediction_sign"]


@dataclass(frozen=True)
class PredictionSigns:
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

    @property
    def width(self) -> int:
        """Columns of the widest."""
        return max(map(cell_len, (self.right, self.wrong, self.open)))


def prediction_sign(item: Mapping[str, Any], signs: PredictionSigns, key: str = "correct") -> Text:
    """The sign before a prediction."""
    match item.get(key):
        case True:
            return Text(signs.right, signs.good)
        case False:
            return Text(signs.wrong, signs.bad)
        case _:
            return Text(signs.open)


@dataclass(frozen=True)
class Compared:
    """One sample with the model's prediction.

    Attributes:
        item: what is told of it.
        input: what went in.
        prediction, target: what came out, and what should have.
        wrong: symbols of the prediction that are wrong or too many.
        missed: symbols of the target that are not in the prediction as they should be; none where each step has a prediction of
            its own, since the wrong steps are at the same places.
    """

    item: Mapping[str, Any]
    input: str
    prediction: Written
    target: Written
    wrong: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, item: Mapping[str, Any], form: AnswerForm) -> Compared:
        """Compare prediction and target. What is right, what nobody judges, and a class as a whole has no wrong parts."""
        texts = [str(item.get(key, "")) for key in ("predicted", "target")]
        in_words = form is AnswerForm.WORDS or (form is not AnswerForm.CHARACTERS and any(" " in text for text in texts))
        prediction, target = (Written.of(text, words=in_words) for text in texts)
        if item.get("correct") is not False or item.get("valid") or form in {AnswerForm.CLASS, AnswerForm.NUMBERS}:
            return cls(item, str(item.get("input", "")), prediction, target)
        if form is AnswerForm.STEPS:
            wrong, _ = by_place(prediction.symbols, target.symbols)
            return cls(item, str(item.get("input", "")), prediction, target, wrong)
        return cls(item, str(item.get("input", "")), prediction, target, *by_change(prediction.symbols, target.symbols))

    @property
    def number(self) -> tuple[float, float] | None:
        """Target and prediction where they are one number each, else None."""
        try:
            return float(self.target.text), float(self.prediction.text)
        except ValueError:
            return None
