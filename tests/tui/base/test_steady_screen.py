"""Sizes, keys and clicks that come faster than a screen can follow, or when it is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.events import Key, MouseDown, Resize
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

import workbench
from tests.tui.harness import example, fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.plotting.probes import probe_views
from workbench.runs.records import ProbeKind
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.steady_screen import SteadyPalette, SteadyScreen
from workbench.tui.base.untrusted_text import Words
from workbench.tui.dialogs.export_dialog import ExportDialog
from workbench.tui.dialogs.prompts import ConfirmDialog, TextDialog
from workbench.tui.panels import make_panels
from workbench.tui.run.moment import Moment
from workbench.tui.screens.help import HelpScreen


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    with fixed_cards():
        yield


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bench", "runs", "presets", "concepts", "help", "dialog", "palette"])
async def test_two_sizes_at_once_come_to_rest(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two sizes that wait with something between them the newest is taken, and the screen is laid out no more."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        if name in ("help", "dialog"):
            app.push_screen(HelpScreen(None, "bench", {}) if name == "help" else ConfirmDialog("Sure?", "Is it?"))
        elif name == "palette":
            await app.action_command_palette()
        else:
            await app.action_go(name)
        await pilot.pause()
        screen, laid_out = app.screen, list[Size]()
        real = Screen._screen_resized

        def counted(self: Screen[object], size: Size) -> None:
            laid_out.extend([size] * (self is screen))
            assert len(laid_out) < 20, "it goes on and on"
            real(self, size)

        monkeypatch.setattr(Screen, "_screen_resized", counted)
        for size in (Size(80, 24), Size(100, 30)):
            app._driver._size = size  # type: ignore[union-attr]
            app._size = size
            screen.post_message(Resize(size, size))
            screen.call_later(lambda: None)
        await until(pilot, lambda: screen.size == Size(100, 30), "the newest size")
        before = len(laid_out)
        for _ in range(3):
            await pilot.pause()
        assert len(laid_out) == before
        assert Size(80, 24) not in laid_out


def _press(app: WorkbenchApp, *keys: str) -> None:
    """Keys faster than anything can be shown between them."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def test_a_dialog_closed_twice_takes_nothing_else_away(tmp_path: Path) -> None:
    """Two keys in one moment close one dialog: what lies below it stays, and the answer comes once."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        answers: list[object] = []
        for name in ("lower", "upper"):
            app.push_screen(ConfirmDialog(name, "Is it?"), answers.append)
        await pilot.pause()
        lower = app.screen_stack[-2]
        _press(app, "enter", "enter")
        await until(pilot, lambda: app.screen is lower, "one dialog less")
        await pilot.pause()
        assert app.screen is lower
        assert answers == [False]
        _press(app, "escape", "escape")
        await until(pilot, lambda: not app.screen.is_modal, "no dialog")
        assert answers == [False, None]


async def test_a_question_is_answered_with_no_answer_where_another_screen_is_asked_for(tmp_path: Path) -> None:
    """Two dialogs, one over the other, close as by Esc."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        answers: list[object] = []
        for name in ("lower", "upper"):
            app.push_screen(ConfirmDialog(name, "Is it?"), answers.append)
        await pilot.pause()
        await pilot.press("f4")
        await until(pilot, lambda: app.current_mode == "presets" and not app.screen.is_modal, "Presets")
        assert answers == [None, None]


_OPENED: dict[str, Callable[[WorkbenchApp], object]] = {
    "help": lambda app: app.action_help(),
    "palette": lambda app: app.call_later(app.action_command_palette),
    "themes": lambda app: app.call_later(app.action_change_theme),
    "question": lambda app: app.push_screen(ConfirmDialog("Sure?", "Is it?")),
    "line": lambda app: app.push_screen(TextDialog("Name", "Which?")),
    "help over a dialog": lambda app: (app.push_screen(TextDialog("Name", "Which?")), app.call_later(app.action_help)),
}


@pytest.mark.parametrize("name", _OPENED)
async def test_nothing_that_was_open_is_there_at_the_return(name: str, tmp_path: Path) -> None:
    """A key for a screen leaves what is open over the present one, as esc does, and shows that screen itself."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        for key, mode in (("f3", "runs"), ("f4", "presets"), ("f2", "bench")):
            _OPENED[name](app)
            await until(pilot, lambda: len(app.screen_stack) == 2 + (name == "help over a dialog"), f"{name} before {key}")
            await pilot.press(key)
            await until(pilot, lambda mode=mode: app.current_mode == mode and len(app.screen_stack) == 1, f"{mode} alone")  # type: ignore[misc]
            await pilot.press("f2")
            await until(pilot, lambda: app.screen is bench, f"Bench alone after {key}")


async def test_a_dialog_that_is_left_for_another_screen_is_not_answered(tmp_path: Path) -> None:
    """Its question has no answer, and a click that reaches it later closes nothing."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        answers: list[object] = []
        dialog = ConfirmDialog("Sure?", "Is it?")
        await app.push_screen(dialog, answers.append)
        await pilot.press("f3")
        await until(pilot, lambda: app.current_mode == "runs", "Runs")
        dialog.dismiss(True)
        await pilot.pause()
        assert answers == [None]
        assert app.current_mode == "runs"


async def test_a_run_that_begins_takes_no_palette_away(tmp_path: Path) -> None:
    """A run that comes to be shown on the screen where one is leaves what is being typed over it."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent) as (pilot, app, bench):
        await app.action_command_palette()
        await app.navigation.open_run(run)
        await until(pilot, lambda: bench.run.data is not None, "the run")
        assert isinstance(app.screen, SteadyPalette)


@pytest.mark.parametrize("opens", ["the key", "the form"])
async def test_a_screen_key_right_behind_the_palette(opens: str, tmp_path: Path) -> None:
    """A palette that is still being put together when another screen is asked for is left like any other."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        assert bench.form is not None
        if opens == "the key":
            _press(app, "ctrl+p", "f3")
        else:
            bench.form.action_find()
            _press(app, "f3")
        await until(pilot, lambda: app.current_mode == "runs" and not app.screen.is_modal, "Runs")
        await pilot.press("f2")
        await until(pilot, lambda: app.screen is bench, "Bench")


async def test_palettes_one_right_after_the_other(tmp_path: Path) -> None:
    """A palette opens while the one before it is still being taken away."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        _press(app, "ctrl+p", "f3", "ctrl+p", "f2", "ctrl+p")
        await until(pilot, lambda: app.current_mode == "runs", "the screen in between")  # else the first palette is taken for it
        await until(pilot, lambda: app.current_mode == "bench" and isinstance(app.screen, SteadyPalette), "the last palette")


async def test_a_palette_that_has_gone_says_no_more_that_nothing_matches(tmp_path: Path) -> None:
    """Textual says so half a second after the search; by then the list may be gone."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        await app.action_command_palette()
        palette = app.screen
        assert isinstance(palette, SteadyPalette)
        await pilot.pause()
        palette._start_no_matches_countdown("zzz")
        timer = palette._no_matches_timer
        assert timer is not None
        assert timer._callback is not None
        palette._pruning = True
        await palette.query("*").remove()
        timer._callback()  # it would look for the list


@pytest.mark.parametrize("below", ["help", "question"])
async def test_the_palette_offers_what_the_screen_itself_does(below: str, tmp_path: Path) -> None:
    """Opened over help or a dialog it has the keys of the screen, not those of what lies over it."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        _OPENED[below](app)
        await until(pilot, lambda: app.screen.is_modal, below)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, SteadyPalette), "the palette")
        assert app.screen_stack[0] is bench
        assert len(app.screen_stack) == 2
        found = app.screen.query_one(CommandList)
        await until(pilot, lambda: any("(F5)" in str(option.prompt) for option in found.options), "a key of Bench")


async def test_a_dialog_has_help(tmp_path: Path) -> None:
    """F1 says what a dialog is for; closed again, the dialog waits as before."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        dialog = ConfirmDialog("Sure?", "Is it?")
        await app.push_screen(dialog)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "help")
        await until(pilot, lambda: "leaves things as they are" in str(app.screen.query_one(Words).render()), "the dialog's words")
        await pilot.press("f1")
        await until(pilot, lambda: app.screen is dialog, "the dialog")


async def test_a_palette_that_is_left_before_it_is_put_together(tmp_path: Path) -> None:
    """Another screen is shown by a message, in the moment between the key and the palette."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        app.push_screen(palette := SteadyPalette())
        app.pop_screen()
        await until(pilot, lambda: not palette.is_running, "the palette's end")
        assert app.screen is bench


async def test_a_palette_searches_nothing_when_it_is_gone(tmp_path: Path) -> None:
    """A search that goes on while the palette is being taken away finds its parts gone, and ends."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        await app.action_command_palette()
        palette = app.screen
        assert isinstance(palette, SteadyPalette)
        await pilot.pause()
        palette._pruning = True
        palette._component_styles.clear()  # while it still searches
        await palette._gather_commands("quit").wait()
        await palette.query("*").remove()
        await palette._gather_commands("x").wait()
        palette._show_busy, palette._list_visible = not palette._show_busy, not palette._list_visible
        await pilot.pause()
        palette.dismiss()
        await until(pilot, lambda: app.screen is bench, "Bench")


async def test_a_screen_that_is_going_looks_for_no_parts(tmp_path: Path) -> None:
    """Answers, messages, sizes and what waits for a refresh find a screen whose parts have gone, and pass."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        dialog = ExportDialog(run)
        await app.push_screen(dialog)
        await pilot.pause()
        dialog._pruning = True
        await dialog.query("*").remove()
        dialog.post_message(ExportDialog._Done(None, "too late"))
        dialog.post_message(Input.Changed(Input(), "x"))
        dialog.post_message(Resize(app.size, app.size))
        dialog.post_message(Key("ctrl+s", None))
        dialog.call_after_refresh(dialog._show_command)
        await pilot.pause()
        dialog.dismiss()
        await until(pilot, lambda: app.screen is bench, "Bench")


async def test_panels_keep_what_they_are_given_before_they_are_there(tmp_path: Path) -> None:
    """Whatever a panel is told before it is composed, it shows when it is, and when it has gone nothing fails."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.run.data is not None
        kinds = {name: ProbeKind((200,), {"validation": (4, 6)}) for name in probe_views()}
        data = replace(bench.run.data, probes={**bench.run.data.probes, **kinds})
        for panel in make_panels():
            widget = panel.widget()
            panel.show_experiment(example())
            panel.show_run(data, Moment())
            await bench.query_one("#main").mount(widget)
            panel.show_run(data, Moment())
            await widget.remove()
            panel.show_run(None, Moment())
            panel.show_run(data, Moment())
            panel.show_experiment(example(data__length=5))
        await pilot.pause()
        assert app.is_running


async def test_a_page_key_in_the_palette_before_its_list_is_drawn(tmp_path: Path) -> None:
    """What was found has no lines yet: the key moves once it has, and ends nothing."""
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        await app.action_command_palette()
        await pilot.pause()
        commands = app.screen.query_one(CommandList)
        await until(pilot, lambda: commands.option_count > 1, "the keys")
        commands.highlighted = 0
        commands._clear_caches()
        commands.action_page_down()  # type: ignore[no-untyped-call]  # Textual has no types there
        assert commands.highlighted != 0


async def test_a_click_on_what_has_just_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button pressed on a part that is drawn still, but was taken away, selects no text of it."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        gone = Static("words")  # as Textual leaves a part that is drawn until the next layout: no parent, no styles

        def draws_it(_x: int, _y: int) -> tuple[Widget, None]:
            return gone, gone.render_line(0) and None  # type: ignore[return-value]

        monkeypatch.setattr(bench._compositor, "get_widget_at", lambda _x, _y: (gone, Region(0, 0, 5, 1)))
        monkeypatch.setattr(bench._compositor, "get_widget_and_offset_at", draws_it)
        app.post_message(MouseDown(None, 3, 0, 0, 0, 1, shift=False, meta=False, ctrl=False))
        await pilot.pause()
        assert app.is_running


def test_every_screen_of_ours_comes_to_rest() -> None:
    """No screen is made of Textual's own class alone."""

    def kinds(of: type[Screen[object]]) -> Iterator[type[Screen[object]]]:
        for kind in of.__subclasses__():
            yield kind
            yield from kinds(kind)

    ours = [kind for kind in kinds(Screen) if kind.__module__.startswith("workbench.")]
    assert len(ours) > 8
    assert [kind for kind in ours if not issubclass(kind, SteadyScreen)] == []


def test_every_palette_is_steady() -> None:
    """No other one is opened anywhere in the interface."""
    folder = Path(workbench.__file__).parent / "tui"
    found = [
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"\bCommandPalette\(|search_commands\(|search_themes\(", path.read_text())
    ]
    assert found == []
