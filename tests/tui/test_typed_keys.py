"""Keys in order: what is typed before the first screen is furnished takes effect afterwards, and no key overtakes another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from tests.tui.harness import example, fixed_cards, settled
from tests.tui.running import make_run, opened, quiet, until
from workbench.tui.app import WorkbenchApp
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.run.control import RunControl
from workbench.tui.session import Session, save_session


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@asynccontextmanager
async def typed_at_once(
    runs_dir: Path, *keys: str | Paste, attach: str | None = None
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp]]:
    """The app, with keys that are typed before it has drawn anything."""
    save_session(Session(experiment=example().to_dict()))
    app = WorkbenchApp(attach=[attach] if attach else (), runs_dir=runs_dir, warm=False)
    task = asyncio.create_task(app.run_async(headless=True, size=(120, 40)))
    for _ in iter(lambda: app._driver is None, False):
        await asyncio.sleep(0)
    assert app._driver is not None
    for key in keys:
        app._driver.process_message(Key(key, key if len(key) == 1 else None) if isinstance(key, str) else key)
    with app._context():
        yield Pilot(app), app
        app.exit()
    await task
    assert app._exception is None


@pytest.mark.slow
async def test_keys_of_the_first_moment_reach_the_form(tmp_path: Path) -> None:
    """Moving to the settings and typing a number there works as if one had waited."""
    keys = ("tab", "tab", "home", "4", Paste("8"), "enter")
    async with typed_at_once(tmp_path / "runs", *keys) as (pilot, app):
        await until(pilot, lambda: app.keys.is_open, "the form")
        await settled(pilot)
        assert app.navigation.bench is not None
        form = app.navigation.bench.form
        assert form is not None
        assert isinstance(app.focused, SettingsList)
        assert form.experiment is not None
        assert form.experiment.to_dict()["model"]["hidden_size"] == 48


@pytest.mark.slow
async def test_screens_asked_for_in_the_first_moment_come_in_order(tmp_path: Path) -> None:
    """Of several screens the last one is shown, and the keys behind it are that screen's."""
    async with typed_at_once(tmp_path / "runs", "f4", "f3", "slash", "x") as (pilot, app):
        await until(pilot, lambda: app.keys.is_open and app.current_mode == "runs", "Runs")
        await until(pilot, lambda: getattr(app.focused, "value", "") == "x", "the filter")


async def test_f5_in_the_first_moment_starts_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run has the settings that the form shows once it is there."""
    started: list[Any] = []
    monkeypatch.setattr(RunControl, "start", lambda _control, request: started.append(request.experiment))
    async with typed_at_once(tmp_path / "runs", "f5") as (pilot, _app):
        await until(pilot, lambda: bool(started), "the start")
        assert started == [example()]


async def test_leaving_in_the_first_moment_waits_for_nothing(tmp_path: Path) -> None:
    """Keys that are kept do not keep from leaving."""
    async with typed_at_once(tmp_path / "runs", "down", "ctrl+c") as (_pilot, app):
        async with asyncio.timeout(40):
            for _ in iter(lambda: app._exit, True):
                await asyncio.sleep(0)


@pytest.mark.parametrize("found", [True, False])
async def test_keys_wait_for_the_run_that_was_asked_for(tmp_path: Path, *, found: bool) -> None:
    """With a run that is to be shown, keys wait for its form; a run that is not there keeps none waiting."""
    run = make_run(tmp_path / "runs")
    async with typed_at_once(run.path.parent, "f3", attach=run.id if found else "nonsense") as (pilot, app):
        await until(pilot, lambda: app.keys.is_open and app.current_mode == "runs", "Runs")
        assert app.navigation.bench is not None
        assert app.navigation.bench.form is not None


def type_at_once(app: WorkbenchApp, *keys: str) -> None:
    """Keys that come in one read of the terminal."""
    assert app._driver is not None
    for key in keys:
        app._driver.process_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("mode", ["runs", "presets", "concepts"])
async def test_what_is_typed_right_behind_the_slash_stands_in_the_filter(tmp_path: Path, mode: str) -> None:
    """In every list with a filter, letters that are keys of the list included; `s` would sort and `n` write a note."""
    make_run(tmp_path / "runs")
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        await app.navigation.go(mode)
        await quiet(pilot)
        type_at_once(app, "slash", "s", "n", "e", "w")
        await until(pilot, lambda: getattr(app.focused, "value", "") == "snew", "the filter")


async def test_what_is_typed_right_behind_a_key_that_asks_stands_in_the_dialog(tmp_path: Path) -> None:
    """The name of a run that is to be started, in one burst with the key that asks for it."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        type_at_once(app, "N", "f", "x", "q")
        await until(pilot, lambda: getattr(app.focused, "value", "") == "fxq", "the name")


async def test_a_key_takes_away_what_was_told(tmp_path: Path) -> None:
    """Once it has stood there for a moment; an error stays, and so does what was told only just now."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        app.notify("told", timeout=60)
        app.notify("wrong", severity="error", timeout=60)
        await until(pilot, lambda: len(app._notifications) == 2, "both")
        await pilot.press("down")
        assert {note.message for note in app._notifications} == {"told", "wrong"}
        for note in app._notifications:
            note.raised_at -= 2
        await pilot.press("down")
        assert [note.message for note in app._notifications] == ["wrong"]
