"""What was done of the lessons: kept, and read of the runs that finished."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.commands import fill
from workbench.errors import StoreError
from workbench.experiment import Experiment
from workbench.lessons import Lesson, _read
from workbench.lessons.progress import Progress, forget, lesson_of_run, load_progress, record, record_started
from workbench.lessons.telling import caught_up, look, told
from workbench.paths import CONFIG_ENV
from workbench.runs.folder import RunFolder

TEXT = """# Small (小)

- Place: 1
- Pages: `gru`

First.

## One

Text.

- Run: `adding_gru`
- Question: Well?

### Yes

- When: `test/mse < 0.1`

It is {test/mse}, with {training.steps} steps.

### No

It is {test/mse}.

## Two

Only text.
"""


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """A lesson of two steps, of which nothing was done."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "config"))
    return _read("small", TEXT)


def made_run(root: Path, state: str) -> RunFolder:
    """A run with a test error of 0.02, or one that did not finish."""
    values = {
        "model": {"name": "gru", "hidden_size": 8},
        "data": {"name": "adding", "length": 10},
        "optimizer": {"name": "adam"},
        "training": {"steps": 100},
    }
    folder = RunFolder.create(root, Experiment.from_dict(values))
    fill(folder, state)
    return folder


def test_what_came_true_is_kept_even_when_the_run_is_gone(lesson: Lesson, tmp_path: Path) -> None:
    """The prediction stands beside it; values are those of this run."""
    one, two = lesson.steps
    run = made_run(tmp_path / "runs", "finished")
    record_started(lesson, one, "No", run.path)
    assert lesson_of_run(run.path) == "small"
    looked = look(lesson, one)
    assert looked.status is not None
    assert told(one, looked.progress) == "**You predicted: No. In this run: Yes.**\n\nIt is 0.02, with 100 steps."
    shutil.rmtree(run.path)
    again = look(lesson, one)
    assert again.status is None
    assert told(one, again.progress) == told(one, looked.progress)
    assert (again.progress.num_over, again.progress.next_step, again.progress.predicted_rightly) == (1, two, 0)
    assert record(lesson, two, read=True).next_step is None
    forget(lesson)
    assert load_progress(lesson).num_over == 0


def test_a_run_that_finished_unseen_is_caught_up_with(lesson: Lesson, tmp_path: Path) -> None:
    """When lessons are listed or gone on with."""
    one, two = lesson.steps
    record_started(lesson, one, "Yes", made_run(tmp_path / "runs", "finished").path)
    assert load_progress(lesson).next_step is one
    assert caught_up(lesson).next_step is two
    assert load_progress(lesson).predicted_rightly == 1


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_of_a_run_that_did_not_finish_nothing_is_told(state: str, lesson: Lesson, tmp_path: Path) -> None:
    """The step is not done; it can be started again."""
    one = lesson.steps[0]
    record_started(lesson, one, "Yes", made_run(tmp_path / "runs", state).path)
    looked = look(lesson, one)
    assert looked.status is not None
    assert looked.status.state == state
    assert told(one, looked.progress) == ""
    assert looked.progress.next_step is one


def test_a_new_run_takes_the_place_of_what_an_earlier_one_showed(lesson: Lesson, tmp_path: Path) -> None:
    """With the new prediction; without one nothing is said of it."""
    one = lesson.steps[0]
    record_started(lesson, one, "Yes", made_run(tmp_path / "runs", "finished").path)
    assert told(one, look(lesson, one).progress).startswith("**As you predicted: Yes.**")
    record_started(lesson, one, "", made_run(tmp_path / "runs", "finished").path)
    assert load_progress(lesson).num_over == 0
    assert told(one, look(lesson, one).progress).startswith("**In this run: Yes.**")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"small": 3}', '{"small": {"One": 3}}', '{"small": {"One": {"run": 3}}}', "\x00", "[" * 10_000]
)
def test_a_damaged_file_is_as_none(text: str, lesson: Lesson, tmp_path: Path) -> None:
    """It stops nobody, and is written anew."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "lessons.json").write_text(text)
    assert load_progress(lesson) == Progress(lesson, {})
    assert record(lesson, lesson.steps[1], read=True).num_over == 1


def test_a_folder_that_cannot_be_written_is_one_line(lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place, and what to do."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "file" / "below"))
    assert load_progress(lesson).num_over == 0
    with pytest.raises(StoreError, match=r"lessons.json: cannot be written: .*WORKBENCH_CONFIG"):
        record(lesson, lesson.steps[1], read=True)
