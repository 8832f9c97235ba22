"""What a person has done of the lessons: which steps, what was predicted, which run showed it, what came true.

<config folder>/lessons.json    {"gates": {"Without the update gate": {"predicted": "No", "run": "/.../runs/...", ...}}}

A step is known by its title: one that is put between two others moves none. A damaged file is as none.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from workbench.errors import StoreError
from workbench.lessons import Lesson, Step
from workbench.lessons.expressions import Values
from workbench.paths import CONFIG_ENV, config_folder
from workbench.system import write_whole

__all__ = ["Done", "Progress", "forget", "lesson_of_run", "load_progress", "record", "record_started"]


@dataclass(frozen=True)
class Done:
    """What was done in a step.

    Attributes:
        predicted: the title of the answer that was predicted, or "" where nothing was asked.
        run: the folder of its run, or "".
        came_true: the title of the answer that came true, or "" as long as that is not known.
        read: a step without a run has been read.
        values: what was read of the run.
    """

    predicted: str = ""
    run: str = ""
    came_true: str = ""
    read: bool = False
    values: Values = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self.came_true) or self.read


@dataclass(frozen=True)
class Progress:
    """What was done in a lesson.

    Attributes:
        lesson: the lesson.
        done: what was done, by the steps' titles.
    """

    lesson: Lesson
    done: Mapping[str, Done] = field(default_factory=dict)

    def of(self, step: Step) -> Done:
        """What was done in a step."""
        return self.done.get(step.title, Done())

    @property
    def num_over(self) -> int:
        """Steps in which nothing is left to do."""
        return sum(self.of(step).is_over for step in self.lesson.steps)

    @property
    def next_step(self) -> Step | None:
        """The first step in which something is left to do; None where all is done."""
        return next((step for step in self.lesson.steps if not self.of(step).is_over), None)

    @property
    def predicted_rightly(self) -> int:
        """Predictions that came true."""
        return sum(bool(done.predicted) and done.predicted == done.came_true for done in map(self.of, self.lesson.steps))

    def values(self) -> dict[int, Values]:
        """What was read of the runs, by the numbers of their steps."""
        return {step.number: self.of(step).values for step in self.lesson.steps if self.of(step).values}


def load_progress(lesson: Lesson) -> Progress:
    """What was done in a lesson until now."""
    return Progress(lesson, {title: done for title, values in _all().get(lesson.name, {}).items() if (done := _done(values))})


def record(lesson: Lesson, step: Step, **changes: Any) -> Progress:
    """Keep what was done in a step (fields of `Done`).

    Raises:
        StoreError: it cannot be written.
    """
    done = replace(load_progress(lesson).of(step), **changes)
    everything = _all()
    everything.setdefault(lesson.name, {})[step.title] = asdict(done)
    _write(everything)
    return load_progress(lesson)


def record_started(lesson: Lesson, step: Step, predicted: str, run: Path) -> Progress:
    """Keep that the run of a step has been started; what an earlier run of it showed is no longer meant.

    Raises:
        StoreError: it cannot be written.
    """
    return record(lesson, step, predicted=predicted, run=str(run.absolute()), came_true="", values={})


def forget(lesson: Lesson) -> None:
    """Begin a lesson anew.

    Raises:
        StoreError: it cannot be written.
    """
    _write({name: steps for name, steps in _all().items() if name != lesson.name})


def lesson_of_run(run: Path) -> str:
    """The lesson of which a run is the newest of a step, or ""."""
    wanted = str(run.absolute())
    return next((name for name, steps in _all().items() for done in steps.values() if done.get("run") == wanted), "")


def _path() -> Path:
    return config_folder() / "lessons.json"


def _all() -> dict[str, dict[str, dict[str, Any]]]:
    try:
        values = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(values, dict):
        return {}
    lessons = {name: steps for name, steps in values.items() if isinstance(steps, dict)}
    return {name: {title: done for title, done in steps.items() if isinstance(done, dict)} for name, steps in lessons.items()}


def _write(values: Mapping[str, Any]) -> None:
    try:
        write_whole(_path(), json.dumps(values, indent=1, ensure_ascii=False))
    except OSError as error:
        raise StoreError(
            f"{_path()}: cannot be written: {error.strerror}. Make the folder writable, or name another in {CONFIG_ENV}."
        ) from error


def _done(values: Mapping[str, Any]) -> Done | None:
    """What was written of a step, or None where it is damaged."""
    known = {each.name: values[each.name] for each in fields(Done) if each.name in values}
    texts = all(isinstance(known.get(key, ""), str) for key in ("predicted", "run", "came_true"))
    numbers = known.get("values", {})
    if not texts or not isinstance(numbers, dict) or not isinstance(known.get("read", False), bool):
        return None
    read = {name: float(value) for name, value in numbers.items() if isinstance(value, int | float)}
    return Done(**{**known, "values": {name: value for name, value in read.items() if not math.isnan(value)}})
