"""Foreign text in the interface: whatever it holds, it is shown as it is, ends nothing, and orders the terminal nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._toast import Toast

import workbench.tui
from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, opened, quiet, until
from workbench.experiment import Experiment
from workbench.experiment.presets import Preset
from workbench.runs.folder import RunFolder
from workbench.runs.listing import note_run
from workbench.runs.writer import RunWriter
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.untrusted_text import NoControls
from workbench.tui.bench.panel_area import Panels
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog, ConfirmDialog, TextDialog
from workbench.tui.screens.presets import PresetsScreen
from workbench.tui.screens.runs import RunsScreen

HOSTILE = {
    "closing": "[/x]",
    "path": "[/tmp/x] cannot be read",
    "colour": "[red]no",
    "action": "[@click=app.quit]quit[/]",
    "table": "[training] clip_norm: got -1",
    "escape": "\x1b[31mred\x1b]0;title\x07 \x9b2J",
    "lines": "one\ntwo\r\nthree\ttab",
    "wide": "漢字\U0001f469\u200d\U0001f52c\ufe0f",
    "zero": "a\u200b\u0301\u202e\u2066b\u00ad",
    "surrogate": "a\udcffb",
    "long": "w" * 10_000,
}
"""Texts that a name, a note, an event or a file may hold."""


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Cards that are there at once."""
    with fixed_cards():
        yield


def lines_of(app: WorkbenchApp) -> list[str]:
    """What the terminal would be given, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip if not segment.control) for strip in strips]


async def shows_nothing_raw(pilot: Pilot[None], app: WorkbenchApp, name: str) -> None:
    """Let everything be drawn, and look for characters that a terminal would obey; `name` says with which text."""
    await pilot.pause()
    drawn = "".join(lines_of(app))
    raw = [char for char in drawn if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E]
    assert not raw, name
    drawn.encode("utf-8")
    assert app.return_code is None, name


def run_of(root: Path, text: str) -> RunFolder:
    """A run in which every place for words holds the text."""
    storable = text.encode("utf-8", "replace").decode()
    words = {"title": storable, "about": storable}
    folder = RunFolder.create(root, Experiment.from_dict({**example(training__steps=60).to_dict(), **words}))
    writer = RunWriter(folder)
    writer.event("started", storable, 0)
    fill(writer, 1, 60)
    for tag in (f"validation/{storable}", f"train/{storable}", storable):
        writer.log(60, {tag: 0.5}, seconds=1.3, samples=2000)
    items = [{"input": storable, "target": storable, "predicted": f"{storable}!", "correct": False}]
    writer.probe(60, "predictions", storable, None, {"items": items})
    writer.event("changed", storable, 40, {"optimizer.lr": 0.1})
    writer.event("failed", storable, 60)
    writer.set_status("failed", step=60, total=60)
    writer.close()
    folder.log_path.write_text(storable, encoding="utf-8")
    note_run(folder, storable)
    return folder


def refusing(text: str) -> Callable[[str], str]:
    """A check that answers whatever is typed with the text."""
    return lambda _: text


@pytest.mark.slow
async def test_a_run_may_hold_any_text(tmp_path: Path) -> None:
    """Title, note, events, series, predictions and log of a run are shown in every panel and in the table, as they are."""
    runs = {name: run_of(tmp_path / name, text) for name, text in HOSTILE.items()}
    async with opened(tmp_path / "runs", size=(150, 50)) as (pilot, app, bench):
        for name, run in runs.items():
            await app.navigation.open_run(run)
            await until(pilot, lambda run=run: bench.run.data is not None and bench.run.data.folder == run, f"the run {name}")  # type: ignore[misc]
            panels = bench.query_one(Panels)
            for pane in [pane.id or "" for pane in panels.query("TabPane")]:
                if panels.get_tab(pane).display:
                    panels.active = pane
                    await shows_nothing_raw(pilot, app, f"{name}, {pane}")


@pytest.mark.slow
async def test_the_table_shows_runs_that_hold_any_text(tmp_path: Path) -> None:
    """Each in its row, and its note in the line where it is changed."""
    for text in HOSTILE.values():
        run_of(tmp_path / "runs", text)
    async with opened(tmp_path / "runs", size=(150, 50)) as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == len(HOSTILE), "the table")
        for number in range(len(HOSTILE)):
            await shows_nothing_raw(pilot, app, f"row {number}")
            await pilot.press("n")
            await until(pilot, lambda: isinstance(app.focused, Input), "the note")
            await shows_nothing_raw(pilot, app, f"note {number}")
            await pilot.press("escape", "down")


@pytest.mark.slow
async def test_what_is_said_may_be_any_text(tmp_path: Path) -> None:
    """Notifications, dialogs, tooltips and hits of the palette show a text as it is."""
    async with opened(tmp_path / "runs", size=(150, 50)) as (pilot, app, bench):
        await quiet(pilot)
        for name, text in HOSTILE.items():
            app.clear_notifications()
            app.notify(text, title=text)
            app.notify(text, title=text, markup=True)
            bench.notify(text)
            await until(pilot, lambda: len(app._notifications) == 3, f"what was said to arrive: {name}")
            toasts = [Toast(note) for note in app._notifications]
            await bench.mount_all(toasts)
            await shows_nothing_raw(pilot, app, name)
            for toast in toasts:
                assert text.split(maxsplit=1)[0][:20] in str(toast.render()) or not text.startswith("["), name
            for dialog in (
                ChoiceDialog(text, text, [Choice("a", text, text)]),
                ConfirmDialog(text, text, text, text),
                TextDialog(text, text, text, refusing(text), text),
            ):
                app.push_screen(dialog)
                await shows_nothing_raw(pilot, app, f"{name}, {type(dialog).__name__}")
                app.pop_screen()
            await bench.query(Toast).remove()


@pytest.mark.slow
async def test_a_preset_may_hold_any_text(tmp_path: Path) -> None:
    """The gallery shows the title, words and claim of a preset that somebody wrote."""
    async with opened(tmp_path / "runs", size=(150, 50)) as (pilot, app, _bench):
        await quiet(pilot)
        for name, text in HOSTILE.items():
            values: dict[str, object] = {
                "title": text,
                "about": text,
                "claim": {"sentence": text, "metric": text, "against": text},
            }
            app.push_screen(PresetsScreen([_preset(values)]))
            await shows_nothing_raw(pilot, app, name)
            app.pop_screen()


def _preset(values: dict[str, object]) -> Preset:
    tables = {"model": {"name": "cell"}, "data": {"name": "sums"}, "optimizer": {"name": "adam"}}
    return Preset("own/mine", Path("mine.toml"), str(values["title"]), str(values["about"]), {**tables, **values})


def test_control_characters_are_taken_out_of_a_line() -> None:
    """Every control character goes, every other character stays, and cells that were counted stay counted."""
    segments = [Segment("a\x1b[31mb\n\x9b"), Segment("\x00"), Segment("é\u202e漢\u200d")]
    drawn = "".join(segment.text for segment in NoControls().apply(segments, Color(0, 0, 0)))
    assert drawn == "a[31mbé漢\u200d"


def test_no_string_of_the_interface_is_parsed() -> None:
    """Titles of borders and tooltips are literals or go through `as_is`, and nothing but `Words` is used for text."""
    parsed = {"border_title", "border_subtitle", "tooltip"}
    found = []
    for path in Path(workbench.tui.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "textual.widgets" and path.name != "untrusted_text.py":
                found += [f"{path.name}: {name.name}" for name in node.names if name.name in ("Static", "Label")]
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                named = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(named, values, strict=False):
                    if isinstance(name, ast.Attribute) and name.attr in parsed and not _is_plain(value):
                        found.append(f"{path.name}:{node.lineno}")
    assert not found


def _is_plain(value: ast.expr) -> bool:
    """Whether a value is a literal, content, or a choice between such."""
    match value:
        case ast.Constant(value=str() | None):
            return True
        case ast.Call(func=ast.Name(id="as_is")):
            return True
        case ast.IfExp(body=body, orelse=other):
            return _is_plain(body) and _is_plain(other)
        case ast.Name(id="text" | "content"):
            return True
    return False
