"""One answer beside its target: what each is made of, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from workbench.cards import AnswerForm
from workbench.plotting.differences import by_change, by_place
from workbench.plotting.marked import Written

__all__ = ["AnswerSigns", "Compared", "answer_sign"]


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

    @property
    def width(self) -> int:
        """Columns of the widest."""
        return max(map(cell_len, (self.right, self.wrong, self.open)))


def answer_sign(item: Mapping[str, Any], signs: AnswerSigns, key: str = "correct") -> Text:
    """The sign before an answer."""
    match item.get(key):
        case True:
            return Text(signs.right, signs.good)
        case False:
            return Text(signs.wrong, signs.bad)
        case _:
            return Text(signs.open)


@dataclass(frozen=True)
class Compared:
    """One sample with the model's answer.

    Attributes:
        item: what is told of it.
        input: what went in.
        answer, target: what came out, and what should have.
        wrong: symbols of the answer that are wrong or too many.
        missed: symbols of the target that are not in the answer as they should be; none where each step has its answer, since
            the answer's wrong steps are at the same places.
    """

    item: Mapping[str, Any]
    input: str
    answer: Written
    target: Written
    wrong: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, item: Mapping[str, Any], form: AnswerForm) -> Compared:
        """Compare answer and target. What is right, what nobody judges, and a class as a whole has no wrong parts."""
        texts = [str(item.get(key, "")) for key in ("predicted", "target")]
        in_words = form is AnswerForm.WORDS or (form is not AnswerForm.CHARACTERS and any(" " in text for text in texts))
        answer, target = (Written.of(text, words=in_words) for text in texts)
        if item.get("correct") is not False or item.get("valid") or form in {AnswerForm.CLASS, AnswerForm.NUMBERS}:
            return cls(item, str(item.get("input", "")), answer, target)
        if form is AnswerForm.STEPS:
            wrong, _ = by_place(answer.symbols, target.symbols)
            return cls(item, str(item.get("input", "")), answer, target, wrong)
        return cls(item, str(item.get("input", "")), answer, target, *by_change(answer.symbols, target.symbols))

    @property
    def number(self) -> tuple[float, float] | None:
        """Target and answer where they are one number each, else None."""
        try:
            return float(self.target.text), float(self.answer.text)
        except ValueError:
            return None
