"""The clock of a run from Bench: a step of a run at rest, going back to the crosshair, computing it once more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import example, fixed_cards
from tests.tui.running import answering, fill, make_run, opened, quiet, until
from workbench.errors import UsageError
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training import launch
from workbench.tui.base.untrusted_text import Words
from workbench.tui.dialogs.prompts import ConfirmDialog, TextDialog
from workbench.tui.dialogs.replay_dialog import ReplayDialog
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.widgets.title_bar import TitleBar


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def stopped(tmp_path: Path) -> RunFolder:
    """A run that was stopped after 100 of 200 steps."""
    return make_run(tmp_path / "runs", state="stopped", done=100)


def said(pilot: Pilot[None], words: str) -> bool:
    return any(words in note.message for note in pilot.app._notifications)


async def read(pilot: Pilot[None], bench: BenchScreen) -> None:
    """Wait until all is quiet, with the focus on a chart."""
    await quiet(pilot)
    assert bench.workspace is not None
    bench.workspace.charts.first.focus()
    await pilot.pause()


@pytest.mark.slow
async def test_a_run_at_rest_takes_a_step(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the rule of `workbench step`; a worker that was started for it is asked about when one leaves."""
    asked: list[tuple[RunFolder, int]] = []

    def take_steps(folder: RunFolder, count: int) -> int:
        asked.append((folder, count))
        return 1

    monkeypatch.setattr(launch, "take_steps", take_steps)
    monkeypatch.setattr("workbench.runs.control.wait", lambda *_, **__: "done")
    async with opened(stopped.path.parent, run=stopped) as (pilot, app, bench):
        await read(pilot, bench)
        await pilot.press("n")
        await until(pilot, lambda: bool(app.quitting.started), "the worker")
        assert (asked, app.quitting.started) == ([(stopped, 1)], [stopped])


@pytest.mark.slow
async def test_where_no_step_can_be_taken_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on is to be paused first; one that has finished is refused in the words of the command."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    fill(writer, 1, 40)
    writer.set_status("running", step=40, total=500)
    finished = make_run(tmp_path / "runs")
    async with opened(tmp_path / "runs", run=writer.folder) as (pilot, app, bench):
        await read(pilot, bench)
        assert "bench.step" not in {key.binding.id for key in bench.active_bindings.values() if key.binding.show}
        await pilot.press("n")
        await until(pilot, lambda: said(pilot, "space pauses it, then n takes a step"), "the words")
        await pilot.press("R")
        await until(pilot, lambda: said(pilot, "space pauses it, then R brings it back"), "the words")
        await app.navigation.open_run(finished)
        await until(pilot, lambda: bench.run.data is not None, "the other run")
        await read(pilot, bench)
        monkeypatch.setattr(launch, "take_steps", lambda *_: _refuse("finished: cannot take a step, it finished all."))
        await pilot.press("n")
        await until(pilot, lambda: said(pilot, "cannot take a step, it finished"), "the refusal")
    writer.close()


def _refuse(words: str) -> int:
    raise UsageError(words)


@pytest.mark.slow
async def test_a_run_goes_back_to_the_crosshair_once_confirmed(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question says what becomes of what came after; the title what is going on; the end where it is kept."""
    called = answering(monkeypatch, 0, "the-branch\n", "told\n")
    async with opened(stopped.path.parent, run=stopped) as (pilot, app, bench):
        await read(pilot, bench)
        assert bench.workspace is not None
        bench.workspace.show_moment(bench.workspace.moment.at(60))
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        question = str(app.screen.query_one(".question", Words).content)
        assert "demo goes back from step 100 to step 60, bit for bit" in question
        assert "The 40 steps after it" in question
        assert "are kept as demo-past-60" in question
        await pilot.press("n")
        await until(pilot, lambda: app.screen is bench, "Bench")
        assert called == []
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("y")
        await until(pilot, lambda: said(pilot, "What came after is kept as the-branch."), "the end")
        assert called[0][3:6] == ["rewind", stopped.id, "60"]
        assert bench.workspace.moment.step is None
        assert "demo" in str(bench.query_one(TitleBar).render())


@pytest.mark.slow
async def test_a_run_that_cannot_go_back_says_why(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the command. Without a crosshair the step is asked for, and only one that it has done is taken."""
    called = answering(monkeypatch, 2, "", "the reason\n")
    async with opened(stopped.path.parent, run=stopped) as (pilot, app, bench):
        await read(pilot, bench)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the step")
        await pilot.press("1", "0", "0", "enter")
        assert "expected a step from 0 to 99" in str(app.screen.query_one(".problem", Words).content)
        app.screen.query_one(Input).value = "0"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("y")
        await until(pilot, lambda: said(pilot, "the reason"), "the reason")
        assert called[0][3:6] == ["rewind", stopped.id, "0"]
        assert bench.run.doing == ""


def telling(monkeypatch: pytest.MonkeyPatch, code: str) -> list[subprocess.Popen[str]]:
    """The processes that replays are done by: each runs some other code."""
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def start(words: list[str], **options: Any) -> subprocess.Popen[str]:
        started.append(popen([sys.executable, "-c", code, *words[3:]], **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


@pytest.mark.slow
async def test_a_run_is_computed_once_more(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far it is, then the whole verdict; the box stays until it is closed."""
    code = "import sys; print('half way', file=sys.stderr, flush=True); sys.stdin.read(); print(*sys.argv[1:5])"
    started = telling(monkeypatch, code)
    async with opened(stopped.path.parent, run=stopped) as (pilot, app, bench):
        await read(pilot, bench)
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the step")
        assert app.screen.query_one(Input).value == "100"
        await pilot.press("8", "0", "enter")
        await until(pilot, lambda: isinstance(app.screen, ReplayDialog), "the box")
        dialog = app.screen
        assert isinstance(dialog, ReplayDialog)
        await until(pilot, lambda: dialog.verdict == f"replay {stopped.id} --until 80", "the verdict")
        assert str(dialog.query_one("#told", Words).content) == dialog.verdict
        assert started[0].wait() == 0
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is bench, "Bench")


@pytest.mark.slow
async def test_a_replay_can_be_ended(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process goes with the box; enter does not close it before there is a verdict."""
    started = telling(monkeypatch, "import sys, time; print('half way', file=sys.stderr, flush=True); time.sleep(600)")
    async with opened(stopped.path.parent, run=stopped) as (pilot, app, bench):
        await read(pilot, bench)
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the step")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReplayDialog), "the box")
        told = app.screen.query_one("#told", Words)
        await until(pilot, lambda: str(told.content) == "half way", "its words")
        await pilot.press("enter")
        assert isinstance(app.screen, ReplayDialog)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is bench, "Bench")
        assert started[0].wait(20) != 0
