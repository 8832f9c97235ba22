"""`workbench lessons` and `workbench lesson`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.commands import Command
from workbench.lessons import Lesson, _read, list_lessons
from workbench.lessons.progress import load_progress, record
from workbench.paths import CONFIG_ENV

TEXT = """# Small (小)

- Place: 1
- Pages: `gru`

Over {data.length} steps.

## A radius of one half

Before.

- Run: `gradient_flow_05` `data.length=5` `inspect.every=0`
- Question: How much is left?

### More than a tenth

- When: `test/gradient_ratio > 0.1`

{test/gradient_ratio} is left.

### Less

Only {test/gradient_ratio} is left.

## The end

Nothing more.
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's progress."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "settings"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """A lesson that takes a moment."""
    lesson = _read("small", TEXT)
    monkeypatch.setattr("workbench.lessons.find_lesson", lambda _name: lesson)
    return lesson


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """A terminal at which a person types these lines."""
    terminal = io.StringIO("".join(f"{line}\n" for line in lines))
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)


def test_lessons_are_listed_with_how_far_one_has_come(command: Command) -> None:
    """As a table for people, whole for programs."""
    first = list_lessons()[0]
    record(first, first.steps[0], predicted="About half of them", came_true="About half of them")
    answer = command("lessons")
    assert answer.code == 0
    assert all(lesson.name in answer.out for lesson in list_lessons())
    assert f"1 of {len(first.steps)}" in answer.out
    rows = json.loads(command("lessons", "--json").out)
    assert [row["name"] for row in rows] == [lesson.name for lesson in list_lessons()]
    assert [step["done"] for step in rows[0]["steps"]] == [True, *[False] * (len(first.steps) - 1)]
    assert rows[0]["steps"][0]["predicted"] == "About half of them"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gate", "--yes"], "Did you mean 'gates'?"),
        (["gates"], "nobody to ask without a terminal; expected --yes."),
        (["gates", "--yes", "--step", "9"], "--step: got 9; expected at most 4, the last step of 'gates'."),
        (["gates", "--yes", "--step", "3"], "--step: got 3; expected at most 1, which is not done yet."),
    ],
)
def test_wrong_usage_is_one_line(words: list[str], told: str, command: Command) -> None:
    """Exit code 2, and nothing is started."""
    answer = command("lesson", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err


@pytest.mark.slow
def test_a_lesson_asks_runs_and_tells(small: Lesson, command: Command, runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is none is asked for again; what came true is this run's; what was done is kept, and can be forgotten."""
    types(monkeypatch, "7", "1", "n")
    answer = command("lesson", "small")
    assert answer.code == 0, answer.err
    assert "Over 5 steps." in answer.out
    assert "got '7'; expected a number from 1 to 2." in answer.err
    assert "You predicted: More than a tenth. In this run: Less." in answer.out
    assert "Only 0.0625 is left." in answer.out
    assert "goes on with it" in answer.err
    assert "Nothing more." not in answer.out
    types(monkeypatch)
    second = command("lesson", "small")
    assert "Nothing more." in second.out
    assert "0 of 1 predictions came true." in second.err
    assert len(list(runs_dir.iterdir())) == 1
    assert "All 2 steps are done." in command("lesson", "small").err
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "**" not in command("lesson", "small", "--again", "--yes").out
    assert load_progress(small).of(small.steps[0]).predicted == ""
    assert len(list(runs_dir.iterdir())) == 2
