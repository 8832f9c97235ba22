"""What can be done to a run from Bench: the keys that ask its worker, live changes, and starting one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import example, fixed_cards, settled
from tests.tui.running import answering, fill, make_run, opened, quiet, until
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.bench.steering import rate_setting
from workbench.tui.dialogs.prompts import ConfirmDialog, TextDialog
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.run.control import RunNotStarted
from workbench.tui.widgets.title_bar import TitleBar


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def live(tmp_path: Path) -> Iterator[RunWriter]:
    """A run that this process works on: 40 of 500 steps done."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    writer.event("started", "started", 0)
    fill(writer, 1, 40)
    writer.set_status("running", step=40, total=500)
    yield writer
    writer.close()


async def _answered(pilot: Pilot[None], writer: RunWriter, outcome: str = "done") -> tuple[str, dict[str, Any]]:
    """Take the command that a key sent, as the worker would, and answer it."""
    taken: list[Any] = []

    def look() -> bool:
        taken.extend(writer.take_commands())
        return bool(taken)

    await until(pilot, look, "a command")
    writer.answer(taken[0].id, outcome)
    await quiet(pilot)
    return taken[0].verb, dict(taken[0].arguments)


@pytest.mark.slow
async def test_keys_ask_the_worker(live: RunWriter) -> None:
    """Pause, resume, checkpoint, evaluate, stop and another learning rate reach the worker as commands."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("s")
        assert await _answered(pilot, live) == ("checkpoint", {})
        await pilot.press("E")  # in a chart v chooses its metric
        assert await _answered(pilot, live) == ("evaluate", {})
        await pilot.press("space")
        assert await _answered(pilot, live) == ("pause", {})
        live.set_status("paused", step=40, total=500)
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.status.state == "paused", "the pause")
        await pilot.press("n")
        assert await _answered(pilot, live) == ("step", {"count": 1})
        assert not any("step" in note.message for note in pilot.app._notifications)
        await pilot.press("space")
        assert await _answered(pilot, live) == ("resume", {})
        await pilot.press("r")  # in a chart l moves
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the dialog")
        await pilot.press("0", ".", "2", "enter")
        assert await _answered(pilot, live) == ("set", {"optimizer.lr": 0.2})
        await pilot.press("x")
        assert await _answered(pilot, live) == ("stop", {})


async def test_a_refused_command_is_said(live: RunWriter) -> None:
    """What the worker answers other than "done" is shown as an error."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("s")
        await _answered(pilot, live, "checkpoint: the disk is full")
        await until(pilot, lambda: bool(app._notifications), "the notification")
        assert any("disk is full" in note.message and note.severity == "error" for note in app._notifications)


async def test_a_live_edit_in_the_form_is_sent(live: RunWriter) -> None:
    """A live setting edited in the form while the run goes on is sent to the worker."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        form = bench.form
        assert form is not None
        form.post_message(form.LiveChanged({"training.clip_norm": 0.5}))
        assert await _answered(pilot, live) == ("set", {"training.clip_norm": 0.5})


async def test_only_keys_that_do_something_are_offered(tmp_path: Path) -> None:
    """Without a run there is nothing to pause or to export; with an ended one there is nothing to stop."""
    run = make_run(tmp_path / "runs", state="stopped", done=100)
    async with opened(run.path.parent) as (pilot, app, bench):
        offered = {binding.binding.id for binding in bench.active_bindings.values() if binding.enabled}
        assert "bench.start" in offered
        assert not offered & {"bench.pause", "bench.step", "bench.stop", "bench.checkpoint", "bench.export", "bench.rate"}
        await app.navigation.open_run(run)
        await until(pilot, lambda: bench.run.data is not None, "the run")
        offered = {binding.binding.id for binding in bench.active_bindings.values() if binding.enabled}
        assert {"bench.pause", "bench.export", "bench.start"} <= offered
        assert not offered & {"bench.stop", "bench.checkpoint", "bench.rate"}


async def test_f5_clears_what_was_shown_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once F5 is pressed the old run, its crosshair and its panels are gone, and keys for the new one are answered in words."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        monkeypatch.setattr(app.run_control, "start", lambda _request: None)
        await quiet(pilot)
        bench.workspace.charts.first.focus()
        await pilot.press("left", "left", "f5")
        await until(pilot, lambda: bool(bench.run.starting), "the start")
        assert bench.workspace.charts.first.view.data.empty
        assert bench.workspace.charts.first.view.crosshair is None
        assert "starting" in str(bench.query_one(ProgressLine).render())
        assert "starting" in str(bench.query_one(TitleBar).render())
        assert "demo" not in str(bench.query_one(TitleBar).render())
        await pilot.press("space")
        assert any("is starting" in note.message for note in app._notifications)
        app.post_message(RunNotStarted("no room", "Not started"))
        await until(pilot, lambda: not bench.run.starting, "the end of waiting")
        assert "Ready" in str(bench.query_one(ProgressLine).render())


async def test_space_is_called_by_what_it_does(live: RunWriter) -> None:
    """The footer offers Pause while the run goes on, and Resume while it is paused."""

    def offered() -> list[str]:
        return [item.binding.description for item in bench.active_bindings.values() if item.binding.id == "bench.pause"]

    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        assert offered() == ["Pause"]
        live.set_status("paused", step=40, total=500)
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.status.state == "paused", "the pause")
        assert offered() == ["Resume"]


async def test_start_with_a_wrong_form_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5 starts nothing while the form holds something wrong; it names the problem."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        started: list[Any] = []
        monkeypatch.setattr(app.run_control, "start", lambda request: started.append(request.experiment))
        form = bench.form
        assert form is not None
        await settled(pilot)
        await pilot.press("f5")
        await settled(pilot)
        assert len(started) == 1
        assert started[0].model.name == form.experiment.model.name if form.experiment else False
        bench.run_display.not_begun()
        form.model.values.set("optimizer.lr", -1.0)
        form._edited()
        await settled(pilot)
        await pilot.press("f5")
        await settled(pilot)
        assert len(started) == 1
        said = [note.message for note in app._notifications if note.title == "Not started"]
        assert said == ["[optimizer] lr: got -1.0; expected a number above 0."]
        form.model.values.set("optimizer.lr", 0.01)
        form._edited()
        await settled(pilot)
        assert not [note for note in app._notifications if note.title == "Not started"]


async def test_f5_takes_the_line_being_typed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run has the value that is being typed; a text that is no value starts nothing and stays to be fixed."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        started: list[Any] = []
        monkeypatch.setattr(app.run_control, "start", lambda request: started.append(request.experiment))
        form = bench.form
        assert form is not None
        await settled(pilot)
        form.point_at("training.steps")
        await pilot.press("1", "0", ",", "0", "0", "0", "f5")
        await settled(pilot)
        assert not started
        said = [note.message for note in app._notifications if note.title == "Not started"]
        assert len(said) == 1
        assert said[0].startswith("[training] steps: got 10,000; expected a whole number")
        await pilot.press("escape")
        await settled(pilot)
        assert not [note for note in app._notifications if note.title == "Not started"]
        await pilot.press("3", "2", "1", "f5")
        await settled(pilot)
        assert [experiment.training.steps for experiment in started] == [321]


@pytest.mark.parametrize("text", ["1e400", "10,000", "nan", "inf", "-1", "0", "", "five", "1e-400", "1001"])
def test_a_rate_that_is_none_is_refused_in_one_line(text: str) -> None:
    """Numbers are read as everywhere: no other number in the place of one that cannot be held, or is written otherwise."""
    setting = rate_setting(None)
    problem = setting.problem(setting.parse(text))
    assert problem is not None
    assert "expected a number, above 0, up to 1000" in problem
    assert "1.79e308" not in problem
    assert "Write at most 1000." in problem or text != "1e400"
    assert "\n" not in problem
    assert "Write 10000 without marks" in problem or text != "10,000"


async def test_an_absurd_rate_is_asked_about(live: RunWriter) -> None:
    """A rate a hundred times the present one is sent only when asked again, from the dialog and from the form alike."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await until(pilot, lambda: bench.run.live_name == "live", "the live run")
        for answer, sends in (("n", False), ("y", True)):
            bench.steering.change({"optimizer.lr": 0.6})
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
            assert "120 times the present learning rate, 0.005" in str(app.screen.query_one(".question").render())
            await pilot.press(answer)
            if sends:
                assert await _answered(pilot, live) == ("set", {"optimizer.lr": 0.6})
            else:
                await pilot.pause()
                assert live.take_commands() == []
        bench.steering.change({"optimizer.lr": 0.4})
        assert await _answered(pilot, live) == ("set", {"optimizer.lr": 0.4})


async def test_a_learning_rate_is_asked_for_no_longer_than_the_run_goes_on(live: RunWriter) -> None:
    """The run ends under the question: it closes, and that is said."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await until(pilot, lambda: bench.run.live_name == "live", "the live run")
        bench.action_learning_rate()
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the question")
        live.set_status("finished", step=40, total=500)
        await until(pilot, lambda: app.screen is bench, "Bench")
        await until(pilot, lambda: any("has ended" in note.message for note in app._notifications), "the words")


async def test_a_live_change_is_not_the_next_runs_setting(live: RunWriter) -> None:
    """What was changed in the run is shown while it goes on, and marked; the form's own value is what F5 starts with."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        form = bench.form
        assert form is not None
        await until(pilot, lambda: bench.run.live_name == "live", "the live run")

        def row() -> str:
            listed = form.query_one(SettingsList)
            return str(listed.get_option("optimizer.lr").prompt)

        await until(pilot, lambda: "5e-3" in row(), "the form's own value")
        live.event("changed", "optimizer.lr = 0.02", 40, {"optimizer.lr": 0.02})
        await until(pilot, lambda: "0.02" in row(), "what is in force")
        assert row().startswith("\u25b2")
        assert form.experiment is not None
        assert form.experiment.optimizer.config.lr == 5e-3
        live.set_status("finished", step=40, total=500)
        await until(pilot, lambda: "5e-3" in row(), "the form's own value again")
        await quiet(pilot)
        assert form.experiment.optimizer.config.lr == 5e-3


@pytest.mark.slow
async def test_a_run_is_forked_at_the_moment_that_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key asks what is different, says what is wrong with it, and hands the rest to `workbench fork`."""
    folder = make_run(tmp_path / "runs", steps=100)
    child = make_run(tmp_path / "runs", steps=100, name="child")
    async with opened(tmp_path / "runs", run=folder) as (pilot, _app, bench):
        assert bench.workspace is not None
        bench.workspace.show_moment(bench.workspace.moment.at(60))
        bench.workspace.charts.first.focus()
        called = answering(monkeypatch, 0, f"{child.id}\n", "")
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the dialog")
        dialog = pilot.app.screen
        assert isinstance(dialog, TextDialog)
        field = dialog.query_one(Input)
        field.value = "optimizer.lr"
        await pilot.press("enter")
        assert "expected table.key=value" in str(dialog.query_one(".problem", Words).content)
        field.value = "optimizer.lr=0.5 training.steps=300"
        await pilot.press("enter")
        await until(pilot, lambda: bench.run.folder is not None and bench.run.folder.id == child.id, "the fork")
    (words,) = called
    assert words[3:8] == ["fork", f"{folder.id}@60", "--set", "optimizer.lr=0.5", "--set"]


@pytest.mark.slow
async def test_a_fork_that_is_refused_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the command; the run that was shown stays."""
    folder = make_run(tmp_path / "runs", steps=100)
    async with opened(tmp_path / "runs", run=folder) as (pilot, _app, bench):
        answering(monkeypatch, 2, "", "the reason\n")
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the dialog")
        await pilot.press("enter")
        await until(pilot, lambda: any("the reason" in note.message for note in pilot.app._notifications), "the reason")
        assert bench.run.folder is not None
        assert bench.run.folder.id == folder.id


@pytest.mark.slow
async def test_a_setting_that_cannot_change_now_says_so(live: RunWriter) -> None:
    """While the run goes on, for what needs a new one."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        assert bench.form is not None
        bench.point_at("model.hidden_size")
        await quiet(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("cannot change while" in note.message for note in app._notifications), "the words")


@pytest.mark.slow
async def test_what_would_be_started_is_named(tmp_path: Path) -> None:
    """Where no run is shown, the line below says which experiment F5 starts."""
    async with opened(tmp_path / "runs") as (pilot, _app, bench):
        assert bench.workspace is not None
        await settled(pilot)
        assert bench.query_one(ProgressLine).hint.startswith("Ready: Cell on sums. F5 starts the run")
