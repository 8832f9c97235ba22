"""What the interface says of a step of a lesson: its page, and what can be done with it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lessons import Step, list_lessons
from workbench.lessons.telling import told

if TYPE_CHECKING:
    from workbench.lessons.progress import Progress
    from workbench.runs.records import Status

__all__ = ["lesson_choices", "lesson_page"]


def lesson_page(step: Step, progress: Progress) -> str:
    """A step as Markdown, with what came of it."""
    lesson, values = progress.lesson, progress.values()
    opening = f"# {lesson.title}\n\n{lesson.opening}\n\n" if step.number == 1 else ""
    text = f"{opening}## {step.number} of {len(lesson.steps)}: {step.title}\n\n{step.filled(step.text, values)}"
    came = told(step, progress)
    return f"{text}\n\n{came}" if came else text


def lesson_choices(progress: Progress, step: Step, status: Status | None, question: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands above the choices, and the choices: what each does (`answer:0`, `run`, `next` ...), and its words.

    Args:
        progress: what was done in the lesson.
        step: the step.
        status: of its run, or None where there is none.
        question: the step's question, with its values.
    """
    done, run = progress.of(step), [("run", "Show the run on Bench")] if status is not None else []
    if done.is_over:
        return "", [_onward(progress, step), *run, *([("again", "Predict and run it once more")] if step.preset else [])]
    if not step.preset:
        return "", [("read", _onward(progress, step)[1])]
    if status is not None and status.alive:
        return f"The run is at step {status.step:,} of {status.total:,}: you are told here what comes of it.", run
    if done.run:
        how = f"is {status.state} at step {status.step:,}" if status is not None else "is not there any more"
        question = f"The run of this step {how}, so nothing came of it yet.\n{question}"
    return question, [*((f"answer:{place}", answer.title) for place, answer in enumerate(step.answers)), *run]


def _onward(progress: Progress, step: Step) -> tuple[str, str]:
    """What comes after a step that is done."""
    if step.number < len(progress.lesson.steps):
        return "next", "Next step"
    return ("next", "Next lesson") if progress.lesson != list_lessons()[-1] else ("leave", "Back to Bench")
