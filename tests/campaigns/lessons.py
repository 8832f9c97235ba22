"""Runs every step of the lessons on several seeds, and writes what came true to docs/lessons.md.

python -m tests.campaigns.lessons [LESSON ...] --seeds 5 --jobs 1

Lessons that are not named keep their rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.documentation import ROOT
from workbench.lessons import Lesson, Step, find_lesson, list_lessons
from workbench.lessons.expressions import SECONDS, Values
from workbench.lessons.facts import facts_of
from workbench.saying import number
from workbench.verification.claims import Outcome, Trial
from workbench.verification.trials import Ended, run_trials

__all__ = ["TABLE", "run_words", "tried"]

TABLE = ROOT / "docs" / "lessons.md"
_HEAD = """\
<!-- Written by `python -m tests.campaigns.lessons --seeds 5`; do not edit. -->

# Lessons, tried

`workbench lesson NAME` walks through a lesson; each of its runs was trained on five seeds. What came true is told with the number
of seeds; values are in the order of the seeds. Seconds are those of the longest run, while other programs were running too.

| lesson | step | run | values by seed | what came true | seconds |
|---|--:|---|---|---|--:|
"""


def run_words(step: Step) -> str:
    """What a step trains, as the table has it."""
    return " ".join(f"`{word}`" for word in (step.preset, *step.sets))


def tried() -> dict[tuple[str, int], list[str]]:
    """The table's rows by lesson and number of the step: run, values, what came true, seconds."""
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {(row[0].strip("`"), int(row[1])): row[2:] for row in rows}


def _row(lesson: Lesson, step: Step, outcomes: Mapping[tuple[int, int], Outcome], seeds: Sequence[int]) -> list[str]:
    counted: dict[str, int] = {}
    shown = sorted({name for each in step.answers if each.condition for name in each.condition.needs(step.number, step.number)})
    measured = [name for name in shown if "/" in name]
    for seed in seeds:
        title = step.came_true(_values(lesson, step, outcomes, seed)).title
        counted[title] = counted.get(title, 0) + 1
    values = "; ".join(
        f"`{name}` {' '.join(number(outcomes[step.number, seed].value(name)) for seed in seeds)}" for name in measured
    )
    came = "; ".join(f"{title} ({count})" for title, count in counted.items())
    return [run_words(step), values, came, f"{max(outcomes[step.number, seed].seconds for seed in seeds):.0f}"]


def _values(lesson: Lesson, step: Step, outcomes: Mapping[tuple[int, int], Outcome], seed: int) -> dict[int, Values]:
    """What a lesson would have read of its runs up to this step, had all been on this seed."""
    return {
        earlier.number: {
            **facts_of(earlier.experiment(), lesson.needed(earlier.number)),
            **outcomes[earlier.number, seed].values,
            SECONDS: outcomes[earlier.number, seed].seconds,
        }
        for earlier in lesson.steps[: step.number]
        if earlier.preset
    }


def _try(lesson: Lesson, seeds: Sequence[int], jobs: int) -> dict[tuple[str, int], list[str]]:
    steps = {f"{lesson.name} {step.number}": step for step in lesson.steps if step.preset}
    trials = [Trial(name, seed) for name in steps for seed in seeds]
    outcomes: dict[tuple[int, int], Outcome] = {}
    with tempfile.TemporaryDirectory() as room:
        experiments = {name: step.experiment() for name, step in steps.items()}
        for event in run_trials(trials, experiments, Path(room), jobs, keep=False):
            if isinstance(event, Ended):
                sys.stderr.write(f"{event.trial}: {event.outcome.seconds:.1f} s {event.outcome.problem}\n")
                outcomes[steps[event.trial.preset].number, event.trial.seed] = event.outcome
    return {(lesson.name, step.number): _row(lesson, step, outcomes, seeds) for step in steps.values()}


def main() -> None:
    """Try the lessons, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    rows = tried()
    for lesson in [find_lesson(name) for name in given.lessons] or list_lessons():
        rows |= _try(lesson, range(given.seeds), given.jobs)
        known = {(each.name, step.number): rows.get((each.name, step.number)) for each in list_lessons() for step in each.steps}
        lines = ["| " + " | ".join((f"`{name}`", str(step), *row)) + " |" for (name, step), row in known.items() if row]
        TABLE.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
