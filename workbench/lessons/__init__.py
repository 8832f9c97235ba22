"""Lessons: pages whose steps start runs. Each step asks for a prediction first, and tells then what came of it in this very run.

lessons/gates.md is the lesson `gates`. A step may have a run; then its answers are headings, each with the condition under which
it came true and what is said then. Values in braces are the run's own:

    # Gates (门控)

    - Place: 4
    - Pages: `gru`

    What it is about.

    ## Without the update gate

    What is done, and why.

    - Run: `adding_gru` `model.without=update_gate`
    - Question: Will it learn the sum?

    ### Yes

    - When: `test/mse < 0.01`

    The error is {test/mse}, a {baseline mse / test/mse}th of that of always predicting 1.

    ### No

    What is said otherwise: one answer has no condition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from workbench.errors import UsageError
from workbench.experiment.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.lessons.expressions import Expression, Values
from workbench.lessons.facts import facts_of
from workbench.saying import nearest, said
from workbench.typed import parse_assignment

__all__ = ["Answer", "Lesson", "Step", "find_lesson", "list_lessons"]

_VALUE = re.compile(r"(?<![\w^])\{([^{}]+?)(:%)?\}")
"""Not an index or exponent: h_{t-1}."""


@dataclass(frozen=True)
class Answer:
    """One answer to the question of a step.

    Attributes:
        title: what is predicted by it, in a few words.
        condition: when it came true; None for the one that comes true where no other does.
        text: what is said when it came true, as Markdown with values in braces.
    """

    title: str
    condition: Expression | None
    text: str


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    Attributes:
        number: its place in the lesson, from 1.
        title: its heading.
        text: what is read before the run, as Markdown with values of earlier steps in braces.
        preset: what is trained, or "" where the step is to be read alone.
        sets: changes to it, each as `table.key=value`.
        question: what is asked before the run.
        answers: what can be predicted; exactly one comes true.
    """

    number: int
    title: str
    text: str
    preset: str = ""
    sets: tuple[str, ...] = ()
    question: str = ""
    answers: tuple[Answer, ...] = ()

    def experiment(self) -> Experiment:
        """What its run trains.

        Raises:
            ExperimentError: the preset is not there any more, or takes no such change.
        """
        return load_preset(self.preset, dict(parse_assignment(text, "lesson") for text in self.sets), "lesson")

    def came_true(self, values: Mapping[int, Values]) -> Answer:
        """The answer that came true.

        Args:
            values: what was read of the runs of this step and those before it, by the steps' numbers.
        """
        others = (answer for answer in self.answers if answer.condition is None)
        held = (answer for answer in self.answers if answer.condition is not None and answer.condition.holds(values, self.number))
        return next(held, None) or next(others)

    def filled(self, text: str, values: Mapping[int, Values]) -> str:
        """A text of this step with the values that it names; settings and trivial predictors are known before the run.

        Args:
            text: one of its texts.
            values: what was read of runs, by the steps' numbers.
        """
        named = _named(text)
        own = {name for each in named for name in each.needs(self.number, self.number)}
        known = {
            **values,
            self.number: {**(facts_of(self.experiment(), own) if self.preset else {}), **values.get(self.number, {})},
        }
        return _VALUE.sub(lambda match: Expression(match[1]).written(known, self.number, percent=bool(match[2])), text)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Everything that its texts and conditions read of runs."""
        texts = [self.text, self.question, *(answer.text for answer in self.answers)]
        named = [each for text in texts for each in _named(text)]
        return (*named, *(answer.condition for answer in self.answers if answer.condition is not None))


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: the file's name without suffix.
        title: what it is about, with the Chinese term.
        place: where it stands among the lessons.
        pages: concept pages that say more.
        text: what is read first, as Markdown with settings of the first step's experiment in braces.
        steps: the steps in their order.
    """

    name: str
    title: str
    place: int
    pages: tuple[str, ...]
    text: str
    steps: tuple[Step, ...]

    @property
    def opening(self) -> str:
        """What is read first, with values of the first step's experiment."""
        return self.steps[0].filled(self.text, {})

    def needed(self, number: int) -> frozenset[str]:
        """What is to be read of the run of a step: by it and by those after it."""
        return frozenset(name for step in self.steps for each in step.expressions for name in each.needs(number, step.number))


@cache
def list_lessons() -> tuple[Lesson, ...]:
    """All lessons in their order."""
    markdown = [file for file in files(__name__).iterdir() if file.name.endswith(".md")]
    lessons = [_read(file.name.removesuffix(".md"), file.read_text(encoding="utf-8")) for file in markdown]
    return tuple(sorted(lessons, key=lambda lesson: (lesson.place, lesson.name)))


def find_lesson(name: str) -> Lesson:
    """A lesson by its name.

    Raises:
        UsageError: there is none, with the nearest names.
    """
    lessons = {lesson.name: lesson for lesson in list_lessons()}
    if name not in lessons:
        raise UsageError(f"lesson: got {said(name)}; expected the name of one. {nearest(name, lessons)}")
    return lessons[name]


def _read(name: str, text: str) -> Lesson:
    head, *steps = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, rest = head.partition("\n")
    told, rest = _taken(rest, "Place", "Pages")
    return Lesson(
        name,
        title.removeprefix("# ").strip(),
        int(told["Place"]),
        _quoted(told["Pages"]),
        rest,
        tuple(_step(number, step) for number, step in enumerate(steps, 1)),
    )


def _step(number: int, text: str) -> Step:
    head, *answers = re.split(r"^### ", text, flags=re.MULTILINE)
    title, _, rest = head.partition("\n")
    told, rest = _taken(rest, "Run", "Question")
    preset, *sets = _quoted(told["Run"]) or ("",)
    return Step(number, title.strip(), rest, preset, tuple(sets), told["Question"], tuple(map(_answer, answers)))


def _answer(text: str) -> Answer:
    title, _, rest = text.partition("\n")
    told, rest = _taken(rest, "When")
    condition = _quoted(told["When"])
    return Answer(title.strip(), Expression(condition[0]) if condition else None, rest)


def _taken(text: str, *labels: str) -> tuple[dict[str, str], str]:
    """What stands behind labels (`- Run: ...`, with indented lines below it), and the text without these lines."""
    told = dict.fromkeys(labels, "")
    for label in labels:
        pattern = re.compile(rf"^- {label}: (.*(?:\n  \S.*)*)\n?", re.MULTILINE)
        if match := pattern.search(text):
            told[label] = " ".join(match[1].split())
            text = text[: match.start()] + text[match.end() :]
    return told, text.strip()


def _named(text: str) -> list[Expression]:
    """What a text has in braces."""
    return [Expression(match[1]) for match in _VALUE.finditer(text)]


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", text))
