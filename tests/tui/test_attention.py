"""The interface tells what any run of the folder has to say, until somebody is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.notifications import Notification

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, until
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.terminal import WindowTitle
from workbench.tui.run.control import RunStarted
from workbench.tui.session import load_settings


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    with fixed_cards():
        yield


def at_work(root: Path, name: str) -> tuple[RunFolder, RunWriter]:
    """A run that goes on, with this process as its worker."""
    folder = RunFolder.create(root, example(training__steps=200), name=name)
    writer = RunWriter(folder)
    writer.set_status("running", step=0, total=200)
    writer.event("started", "started", 0)
    fill(writer, 1, 20)
    writer.set_status("running", step=20)
    return folder, writer


def told(app: WorkbenchApp) -> list[Notification]:
    return list(app._notifications)


async def test_another_run_finishes_and_is_told_until_somebody_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an ended run is shown: one notice and one bell, with what the other run is called, as it is written."""
    runs, rings = tmp_path / "runs", list[str]()
    shown = make_run(runs, name="shown")
    _, writer = at_work(runs, "beta")
    _, failing = at_work(runs, "gamma")
    monkeypatch.setattr(App, "bell", lambda _: rings.append("bell"))
    async with opened(runs, run=shown) as (pilot, app, _bench):
        await until(pilot, lambda: len(app.alerts._watched) == 2, "the runs to be watched")
        writer.event("finished", "all steps done", 20)
        writer.set_status("finished", step=20)
        await until(pilot, lambda: bool(told(app)), "the notice")
        failing.event("failed", "[red]no\nroom", 20)
        failing.set_status("failed", step=20)
        await until(pilot, lambda: len(told(app)) == 2, "the other notice")
        finished, failed = told(app)
        assert finished.title == "Finished: beta"
        assert finished.message.startswith("20 steps in 0.4 s, validation/mse ")
        assert (failed.title, failed.message) == ("Failed: gamma", "step 20: [red]no room")
        assert [notification.severity for notification in (finished, failed)] == ["information", "error"]
        assert finished.time_left > 3600
        assert rings == ["bell", "bell"]
        finished.raised_at -= 10
        failed.raised_at -= 10
        await pilot.press("g")
        await until(pilot, lambda: not told(app), "both to be taken back")
        assert app.attention._alert_words == ""
    writer.close()
    failing.close()


async def test_a_life_before_is_no_news(tmp_path: Path) -> None:
    """Of a run that is resumed here, what happened before is not told, and its end is, however soon it comes."""
    runs = tmp_path / "runs"
    folder = make_run(runs, name="again", done=60, state="failed")
    async with opened(runs) as (pilot, app, _bench):
        writer = RunWriter(folder)
        last = writer._connection.execute("SELECT max(id) FROM events").fetchone()[0]
        writer.event("resumed", "going on", 60)
        writer.event("finished", "all steps done", 200)
        writer.set_status("finished", step=200)
        writer.close()
        app.post_message(RunStarted(folder, after=last))
        await until(pilot, lambda: bool(told(app)), "the notice")
        assert [notification.title for notification in told(app)] == ["Finished: again"]
        shutil.rmtree(folder.path)  # and what is removed ends nothing
        await until(pilot, lambda: not app.alerts._watched, "the run to be let go of")


def test_the_title_is_kept_shown_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Xterm's orders, once each; no sign of a name's own reaches the terminal, and a console that takes none gets none."""
    monkeypatch.setenv("TERM", "xterm-256color")
    title = WindowTitle()
    assert title.give_back() == ""
    assert title.show("50% a\x07b") == "\x1b[22;2t\x1b]2;50% a\\x07b\x07"
    assert title.show("50% a\x07b") == ""
    assert title.show("51% a") == "\x1b]2;51% a\x07"
    assert title.give_back() == "\x1b]2;\x07\x1b[23;2t"
    monkeypatch.setenv("TERM", "linux")
    assert title.show("words") == ""


@pytest.mark.parametrize(
    ("line", "command", "wrong"),
    [
        ('notify = "notify-send done"', "notify-send done", ""),
        ('notify = "\'"', "", 'notify: got "\'"'),
        ("notify = 3", "", "got 3"),
    ],
)
def test_the_settings_name_a_command(config_folder: Path, line: str, command: str, wrong: str) -> None:
    """What cannot be one is said, and none is called."""
    config_folder.mkdir(parents=True, exist_ok=True)
    (config_folder / "settings.toml").write_text(f"{line}\n")
    settings = load_settings()
    assert settings.notify == command
    assert wrong in settings.problem
    assert bool(wrong) == bool(settings.problem)
