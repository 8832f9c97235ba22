"""What of a run is told to somebody who does other things, and that it is told once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.making import new_run
from workbench.runs import alerts
from workbench.runs.alerts import Alert, Alerts, last_event
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter


class Clock:
    """A time that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return new_run(tmp_path, "echo")


@pytest.fixture
def writer(folder: RunFolder) -> Iterator[RunWriter]:
    """A run at work: this process is its worker."""
    made = RunWriter(folder)
    made.set_status("running", step=0, total=100)
    made.event("started", "", 0)
    yield made
    made.close()


def steps(writer: RunWriter, first: int, last: int, seconds: float = 0.1) -> None:
    """Steps that take so long each."""
    for step in range(first, last + 1):
        writer.log(step, {"train/loss": 1 / step}, step * seconds, step)
    writer.flush()
    writer.set_status("running", step=last)


def told(watched: Alerts) -> list[tuple[str, int]]:
    return [(alert.state, alert.step) for alert in watched.look()]


def test_a_run_that_finishes_says_so_once_with_its_score(folder: RunFolder, writer: RunWriter) -> None:
    """State, step, time and the metric that counts; then it is over, and nothing is told again."""
    with Alerts(folder, 0) as watched:
        steps(writer, 1, 40)
        assert watched.look() == []
        writer.log(40, {"test/accuracy": 0.75}, 4.0, 40)
        writer.event("finished", "all steps done", 40)
        writer.set_status("finished", step=40)
        assert watched.look() == [Alert(folder.id, "echo", "finished", 40, "40 steps in 4.0 s, test/accuracy 0.75")]
        assert watched.over
        assert watched.look() == []


def test_what_happened_before_is_no_news(folder: RunFolder, writer: RunWriter) -> None:
    """From the newest event on: an end of the life before is not told again."""
    writer.event("failed", "a disk is gone", 3)
    with Alerts(folder, last_event(folder)) as watched, Alerts(folder, 0) as whole:
        assert told(watched) == []
        assert [(alert.state, alert.message) for alert in whole.look()] == [("failed", "a disk is gone")]
        writer.event("stopped", "asked to", 5)
        assert told(watched) == []


def test_a_run_whose_process_is_gone_has_failed(folder: RunFolder, writer: RunWriter, tmp_path: Path) -> None:
    """A copy of a run at work is one without its process: told once, with where its log is."""
    steps(writer, 1, 7)
    copy = RunFolder(tmp_path / "copy")
    shutil.copytree(folder.path, copy.path)
    with Alerts(copy, 0) as watched:
        (alert,) = watched.look()
        assert (alert.state, alert.step) == ("failed", 7)
        assert str(copy.log_path) in alert.message
        assert watched.over
        assert watched.look() == []


def test_a_nan_is_told_and_the_end_that_it_brings_is_not(folder: RunFolder, writer: RunWriter) -> None:
    """One moment, one word: with the policy to stop, what follows is known."""
    with Alerts(folder, 0) as watched:
        writer.event("nonfinite", "loss is not finite at step 9", 9, {"policy": "stop"})
        writer.event("failed", "echo: loss is not finite", 9)
        assert told(watched) == [("nan", 9)]


def test_where_training_goes_on_after_a_nan_the_first_is_told(folder: RunFolder, writer: RunWriter) -> None:
    """A hundred skipped steps are one moment, each going back is one of its own, and a new life begins anew."""
    with Alerts(folder, 0) as watched:
        for step in range(10, 110):
            writer.event("nonfinite", "", step, {"policy": "skip"})
        assert told(watched) == [("nan", 10)]
        writer.event("nonfinite", "", 111, {"policy": "skip"})
        assert told(watched) == []
        writer.event("resumed", "", 100)
        writer.event("nonfinite", "", 112, {"policy": "skip"})
        writer.event("nonfinite", "", 113, {"policy": "rewind"})
        writer.event("nonfinite", "", 114, {"policy": "rewind"})
        assert told(watched) == [("nan", 112), ("nan", 113), ("nan", 114)]


@pytest.mark.parametrize("case", [(0.1, None, 20.0), (5.0, None, 50.0), (0.1, 30.0, 90.0)], ids=str)
def test_no_step_for_long_is_a_standstill(
    folder: RunFolder, writer: RunWriter, monkeypatch: pytest.MonkeyPatch, case: tuple[float, float | None, float]
) -> None:
    """Ten usual steps, but twenty seconds at least, and thrice what an evaluation takes; once until it goes on."""
    a_step_s, measuring_s, patience_s = case
    monkeypatch.setattr(alerts, "SILENCE_S", float("inf"))
    clock = Clock()
    with Alerts(folder, 0, clock) as watched:
        if measuring_s is not None:
            writer.set_meta("evaluation_seconds", measuring_s)
        steps(writer, 1, 10, a_step_s)
        assert told(watched) == []
        clock.now = patience_s - 0.5
        assert told(watched) == []
        clock.now = patience_s + 0.5
        assert told(watched) == [("stalled", 10)]
        clock.now += 1000
        assert told(watched) == []
        steps(writer, 11, 11, a_step_s)
        assert told(watched) == []
        clock.now += patience_s + 0.5
        assert told(watched) == [("stalled", 11)]


def test_a_run_that_is_paused_does_not_stand_still(folder: RunFolder, writer: RunWriter) -> None:
    """Whoever paused it knows; when it goes on its time begins anew."""
    clock = Clock()
    with Alerts(folder, 0, clock) as watched:
        steps(writer, 1, 10)
        writer.set_status("paused", step=10)
        for clock.now in (0.0, 1000.0):
            assert told(watched) == []
        writer.set_status("running", step=10)
        assert told(watched) == []


def test_a_run_that_waits_for_the_disk_stands_still(folder: RunFolder, writer: RunWriter) -> None:
    """Nobody asked for that pause, and somebody has to make room."""
    with Alerts(folder, 0) as watched:
        writer.event("paused", "waiting for a command", 3)
        assert told(watched) == []
        writer.tell("paused", "waiting, nothing is lost: no room", 4, {"waits": True})
        assert [(alert.state, alert.message) for alert in watched.look()] == [("stalled", "waiting, nothing is lost: no room")]


def test_a_process_without_a_sign_of_life_stands_still(folder: RunFolder, writer: RunWriter) -> None:
    """The process is there and says nothing: that is told before any step is missed, with its id."""
    clock = Clock()
    steps(writer, 1, 10)
    writer.close = lambda: None  # type: ignore[method-assign]  # left as a process leaves it that is stopped
    writer._closed.set()
    writer._watchdog.join()
    with Alerts(folder, 0, clock) as watched:
        assert told(watched) == []
        clock.now = alerts.SILENCE_S + 0.1
        (alert,) = watched.look()
        assert alert.state == "stalled"
        assert "no sign of life for 10 s" in alert.message
    writer._connection.close()
