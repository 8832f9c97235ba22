"""What came of a step's run: its values are read once it has finished, and say which prediction came true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.lessons import Lesson, Step
from workbench.lessons.expressions import SECONDS, Values
from workbench.lessons.facts import facts_of
from workbench.lessons.progress import Progress, load_progress, record
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.records import Status
from workbench.verification.values import run_values

__all__ = ["RunOfStep", "caught_up", "look", "told", "values_of_run"]


@dataclass(frozen=True)
class RunOfStep:
    """How the run of a step stands.

    Attributes:
        status: its state, or None where there is no such run any more.
        progress: what was done in the lesson, with what came true where the run has finished.
    """

    status: Status | None
    progress: Progress


def look(lesson: Lesson, step: Step) -> RunOfStep:
    """Look at the run of a step, and keep what came true once it has finished. Reads files: in a thread.

    Raises:
        StoreError: what came true cannot be kept.
    """
    progress = load_progress(lesson)
    done = progress.of(step)
    if not done.run:
        return RunOfStep(None, progress)
    folder = RunFolder(Path(done.run))
    try:
        with RunReader(folder) as reader:
            status = reader.status()
        if status.state != "finished" or done.came_true:
            return RunOfStep(status, progress)
        values = values_of_run(folder, lesson.needed(step.number))
    except WorkbenchError:  # it was deleted, or cannot be read: it can be started again
        return RunOfStep(None, progress)
    came_true = step.came_true({**progress.values(), step.number: values})
    return RunOfStep(status, record(lesson, step, came_true=came_true.title, values=dict(values)))


def caught_up(lesson: Lesson) -> Progress:
    """What was done in a lesson, with what came true in runs that have finished since: nobody may have watched them."""
    progress = load_progress(lesson)
    for step in lesson.steps:
        done = progress.of(step)
        if done.run and not done.is_over:
            progress = look(lesson, step).progress
    return progress


def values_of_run(folder: RunFolder, names: frozenset[str]) -> Values:
    """What expressions name of a run that has finished; what it has not is left out.

    Raises:
        WorkbenchError: the run cannot be read.
    """
    with RunReader(folder) as reader:
        known = {**run_values(reader), SECONDS: reader.training_seconds(), **facts_of(folder.experiment(), names)}
    return {name: float(known[name]) for name in sorted(names) if name in known}


def told(step: Step, progress: Progress) -> str:
    """What is said of a step once its run has finished, as Markdown: what came of the prediction, and why."""
    done = progress.of(step)
    answer = next((answer for answer in step.answers if answer.title == done.came_true), None)
    if answer is None:
        return ""
    if not done.predicted:
        head = f"**In this run: {answer.title}.**"
    elif done.predicted == answer.title:
        head = f"**As you predicted: {answer.title}.**"
    else:
        head = f"**You predicted: {done.predicted}. In this run: {answer.title}.**"
    return f"{head}\n\n{step.filled(answer.text, progress.values())}"
