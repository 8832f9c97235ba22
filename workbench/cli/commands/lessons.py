"""`workbench lessons`: what can be learned step by step, and how far one has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.cli.options import Json
from workbench.cli.output import console, print_json, table

if TYPE_CHECKING:
    from workbench.lessons.progress import Progress

__all__ = ["PANEL", "command"]

PANEL = "Choose"


def command(as_json: Json = False) -> None:
    """List the lessons: pages whose steps start runs, ask for a prediction first, and tell what came of it."""
    from workbench.lessons import list_lessons
    from workbench.lessons.telling import caught_up

    progress = [caught_up(lesson) for lesson in list_lessons()]
    if as_json:
        print_json([_values(each) for each in progress])
        return
    out = console()
    rows = [
        (each.lesson.name, each.lesson.title, f"{each.num_over} of {len(each.lesson.steps)}", str(each.predicted_rightly))
        for each in progress
    ]
    out.print(
        table(
            ("lesson", "title", "steps done", "predicted rightly"),
            rows,
            right=("steps done", "predicted rightly"),
            whole=("lesson",),
        )
    )
    out.print("'workbench lesson NAME' walks through one; in the interface F7 shows them.", style="dim")


def _values(progress: Progress) -> dict[str, Any]:
    steps = [
        {
            "title": step.title,
            "preset": step.preset,
            "sets": list(step.sets),
            "question": step.filled(step.question, {}),
            "answers": [answer.title for answer in step.answers],
            "predicted": progress.of(step).predicted,
            "came_true": progress.of(step).came_true,
            "run": progress.of(step).run,
            "done": progress.of(step).is_over,
        }
        for step in progress.lesson.steps
    ]
    lesson = progress.lesson
    return {"name": lesson.name, "title": lesson.title, "pages": list(lesson.pages), "steps": steps}
