"""What holds for every lesson, and how one is read and found."""

from __future__ import annotations

import math
import re
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from rich.markdown import Markdown

from workbench.concepts import list_pages
from workbench.errors import UsageError
from workbench.lessons import Lesson, Step, _read, find_lesson, list_lessons
from workbench.lessons.expressions import SECONDS, is_setting
from workbench.lessons.facts import facts_of

LESSONS = list_lessons()
STEPS = [(lesson, step) for lesson in LESSONS for step in lesson.steps]
every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.name for lesson in LESSONS])
every_step = pytest.mark.parametrize(("lesson", "step"), STEPS, ids=[f"{lesson.name} {step.number}" for lesson, step in STEPS])


def test_lessons_follow_the_main_line() -> None:
    """Recurrence, back-propagation through time, vanishing gradients, gates, attention, each at a place of its own."""
    names = [lesson.name for lesson in LESSONS]
    assert names == ["recurrence", "back_propagation_through_time", "vanishing_gradients", "gates", "attention"]
    assert [lesson.place for lesson in LESSONS] == [1, 2, 3, 4, 5]


@every_lesson
def test_lesson_speaks_of_what_there_is(lesson: Lesson) -> None:
    """A Chinese term in its title, pages that exist, something to be read first, and titles of steps that differ."""
    assert re.search(r"[\u4e00-\u9fff]", lesson.title)
    assert set(lesson.pages) <= {page.name for page in list_pages()}
    assert len(lesson.opening.split()) > 20
    assert len({step.title for step in lesson.steps}) == len(lesson.steps)


@every_step
def test_step_asks_what_its_run_can_answer(lesson: Lesson, step: Step) -> None:
    """Every value that it names is one of its experiment, or of one before it; one answer has no condition."""
    experiment = step.experiment()
    assert step.question.endswith("?")
    assert [answer.condition is None for answer in step.answers].count(True) == 1
    assert len({answer.title for answer in step.answers}) == len(step.answers) > 1
    for each in step.expressions:
        assert not any(each.needs(later, step.number) for later in range(step.number + 1, 20)), each.text
    tags = {f"{split}/{metric}" for split in ("validation", "test", "test_best") for metric in experiment.metrics}
    tags |= {"train/loss", "train/grad_norm", SECONDS}
    names = lesson.needed(step.number)
    told = {name for name in names if is_setting(name) or name.startswith("baseline ")}
    assert set(facts_of(experiment, told)) == told
    assert {name.removeprefix("max ") for name in names - told} <= tags


@every_step
def test_exactly_one_answer_comes_true(lesson: Lesson, step: Step) -> None:
    """Whatever the runs give: no two conditions hold together, and every expression comes to something."""
    random = np.random.default_rng(0)
    needed = {earlier.number: lesson.needed(earlier.number) for earlier in lesson.steps[: step.number]}
    facts = {earlier.number: facts_of(earlier.experiment(), needed[earlier.number]) for earlier in lesson.steps[: step.number]}
    for trial in range(300):
        drawn = {number: {name: float(10 ** random.uniform(-6, 6)) for name in names} for number, names in needed.items()}
        near = {number: {name: float(random.uniform(0, 1)) for name in names} for number, names in needed.items()}
        values = {number: {**(drawn, near)[trial % 2][number], **facts[number]} for number in needed}
        held = [answer for answer in step.answers if answer.condition is not None and answer.condition.holds(values, step.number)]
        assert len(held) <= 1, ([answer.title for answer in held], values)
        assert step.came_true(values) in (held or step.answers)
        assert all(not math.isnan(each.value(values, step.number)) for each in step.expressions)


@every_step
def test_step_is_read_without_a_mark_left_over(lesson: Lesson, step: Step) -> None:
    """Text, question and what is said of each answer, with values filled in; sources keep to 150 columns, equations to 76."""
    values = {earlier.number: dict.fromkeys(lesson.needed(earlier.number), 0.5) for earlier in lesson.steps}
    texts = [step.text, step.question, *(answer.text for answer in step.answers)]
    assert all(len(line) <= (76 if line.startswith("    ") else 150) for text in texts for line in text.splitlines())
    console = Console(width=100, file=StringIO())
    for text in texts:
        filled = step.filled(text, values)
        assert not re.search(r"(?<![\w^])\{", filled)
        with console.capture() as captured:
            console.print(Markdown(filled))
        assert not re.search(r"##|`|\*\*|- (Run|Question|When):", captured.get())


def test_a_lesson_is_found_by_its_name() -> None:
    """Or the nearest is told."""
    assert find_lesson("gates") is LESSONS[3]
    with pytest.raises(UsageError, match=r"lesson: got 'gate'; expected the name of one\. Did you mean 'gates'\?"):
        find_lesson("gate")


def test_a_step_may_be_there_to_be_read() -> None:
    """It has no run and no answers."""
    lesson = _read("small", "# Small\n\n- Place: 9\n- Pages: `gru`\n\nFirst.\n\n## Read\n\nText.\n")
    assert lesson.steps == (Step(1, "Read", "Text."),)
    assert (lesson.opening, lesson.pages) == ("First.", ("gru",))
