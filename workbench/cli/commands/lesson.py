"""`workbench lesson`: one lesson, step by step in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import RunsDir, runs_root
from workbench.cli.output import console, message

if TYPE_CHECKING:
    from workbench.lessons import Lesson, Step
    from workbench.lessons.progress import Progress

__all__ = ["PANEL", "command"]

PANEL = "Choose"

_READABLE = 100
"""Columns beyond which lines of prose are hard to follow."""


def complete_lesson(incomplete: str) -> list[tuple[str, str]]:
    """Lessons that start with what was typed."""
    from workbench.lessons import list_lessons

    return [(lesson.name, lesson.title) for lesson in list_lessons() if lesson.name.startswith(incomplete)]


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A lesson.", autocompletion=complete_lesson)],
    step: Annotated[int | None, typer.Option("--step", min=1, help="Begin at this step, done or not.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Forget what was done, and begin anew.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask for no prediction, and go through all steps.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Walk through a lesson: read, predict, watch the run, and see what came of it. What was done is kept.

    Without a terminal it needs --yes.
    """
    from workbench.errors import UsageError
    from workbench.lessons import find_lesson
    from workbench.lessons.progress import forget, load_progress
    from workbench.lessons.telling import caught_up, told

    lesson = find_lesson(name)
    if step is not None and step > len(lesson.steps):
        raise UsageError(f"--step: got {step}; expected at most {len(lesson.steps)}, the last step of '{name}'.")
    if not yes and not sys.stdin.isatty():
        raise UsageError("workbench lesson: nobody to ask without a terminal; expected --yes. Nothing was started.")
    if again:
        forget(lesson)
    before = load_progress(lesson)
    progress = caught_up(lesson)
    for each in lesson.steps:  # a run that was left may have finished since
        if progress.of(each).came_true and not before.of(each).is_over:
            _read(f"## {each.number} of {len(lesson.steps)}: {each.title}\n\n{told(each, progress)}")
    first = step or (progress.next_step.number if progress.next_step is not None else 0)
    if not first:
        message(f"All {len(lesson.steps)} steps are done. --again begins anew, --step N shows one of them once more.")
        return
    _check_order(progress, first)
    if first == 1:
        _read(f"# {lesson.title}\n\n{lesson.opening}")
    for each in lesson.steps[first - 1 :]:
        _walk(lesson, each, runs_root(runs_dir), yes=yes)
        if each.number < len(lesson.steps) and not yes and not typer.confirm("Next step?", default=True, err=True):
            message(f"'workbench lesson {name}' goes on with it.")
            return
    _end(load_progress(lesson))


def _check_order(progress: Progress, first: int) -> None:
    """Steps compare their runs with those before them.

    Raises:
        UsageError: one before it is not done.
    """
    from workbench.errors import UsageError

    waiting = progress.next_step
    if waiting is not None and waiting.number < first:
        raise UsageError(f"--step: got {first}; expected at most {waiting.number}, which is not done yet. Begin with that one.")


def _walk(lesson: Lesson, step: Step, root: Path, *, yes: bool) -> None:
    """One step: text, prediction, run, and what came of it."""
    from workbench.lessons.progress import load_progress, record
    from workbench.lessons.telling import look, told

    values = load_progress(lesson).values()
    _read(f"## {step.number} of {len(lesson.steps)}: {step.title}\n\n{step.filled(step.text, values)}")
    if not step.preset:
        record(lesson, step, read=True)
        return
    predicted = "" if yes else _ask(step)
    _run(lesson, step, predicted, root)
    looked = look(lesson, step)
    _read(told(step, looked.progress))


def _ask(step: Step) -> str:
    """The title of the answer that is predicted."""
    from workbench.saying import said

    message(step.filled(step.question, {}))
    for number, answer in enumerate(step.answers, 1):
        message(f"  {number}  {answer.title}")
    while True:
        given = str(typer.prompt("Your prediction", err=True)).strip()
        if given.isdecimal() and 1 <= int(given) <= len(step.answers):
            return step.answers[int(given) - 1].title
        message(f"Your prediction: got {said(given)}; expected a number from 1 to {len(step.answers)}.")


def _run(lesson: Lesson, step: Step, predicted: str, root: Path) -> None:
    """Train what the step asks for, and follow it to its end.

    Raises:
        Exit: it did not finish.
    """
    from workbench.cli.following import follow, leave
    from workbench.experiment.presets import full_name
    from workbench.lessons.progress import record_started
    from workbench.runs.folder import RunFolder
    from workbench.training import launch

    experiment = step.experiment()
    words = " ".join(["workbench run", step.preset, *(f"--set {change}" for change in step.sets)])
    message(f"{words}: {experiment.training.steps:,} {'step' if experiment.training.steps == 1 else 'steps'}")
    folder = RunFolder.create(root, experiment, preset=full_name(step.preset))
    record_started(lesson, step, predicted, folder.path)
    leave(follow(folder, experiment, quiet=False, as_json=False, worker=launch.start(folder)))


def _read(text: str) -> None:
    from rich.markdown import Markdown

    out = console()
    out.print(Markdown(text), width=min(out.width, _READABLE))
    out.print()


def _end(progress: Progress) -> None:
    lesson = progress.lesson
    asked = sum(bool(progress.of(step).predicted) for step in lesson.steps)
    if asked:
        message(f"{progress.predicted_rightly} of {asked} predictions came true.")
    pages = " and ".join(f"'workbench concepts {page}'" for page in lesson.pages[:2])
    message(f"{pages} say more; 'workbench lessons' lists what comes next.")
