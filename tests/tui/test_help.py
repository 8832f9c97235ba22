"""The help page: dense in every width, and true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widget import Widget

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.tui.app import WorkbenchApp
from workbench.tui.bindings import TABLE
from workbench.tui.charts.chart import Chart
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.panels.predictions import Predictions
from workbench.tui.screens.help import KeyGroup, key_groups, laid_out
from workbench.tui.widgets.runs_table import RunsTable
from workbench.tui.widgets.titled_list import TitledList

_WITH_TWO_PAGES = {"grid.next", "grid.back"}
_WITH_SEVERAL_RUNS = {"bench.front", "bench.take_out"}
_WITH_A_LIVE_RUN = {"bench.step", "bench.pause", "bench.stop", "bench.checkpoint", "bench.evaluate", "bench.rate"}


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


@pytest.mark.parametrize(("width", "columns"), [(74, 1), (113, 2), (190, 3)])
def test_the_page_is_dense(width: int, columns: int) -> None:
    """At most one line in eight stays empty, nothing is wider than the page, and columns stand beside each other."""
    lines = [line.plain for line in laid_out("## Part\n\nWhat it is for.", key_groups("bench", {}), width)]
    assert sum(not line.strip() for line in lines) <= len(lines) / 8
    assert max(map(cell_len, lines)) <= width
    assert sum(title in lines[lines.index("") + 1] for title in ("On Bench", "In a chart", "In the form")) == columns


def test_every_key_is_told_once_with_its_sentence() -> None:
    """Charts' keys, vim's keys, C and c, F1 to F4: whatever the table of keys holds, those of the screen first."""
    groups = key_groups("runs", {"app.runs": "f9"})
    assert [group.title for group in groups][:4] == [
        "In Runs (F3)",
        "In a chart, a panel or the table of runs",
        "In a list",
        "Everywhere",
    ]
    told = dict(pair[::-1] for group in groups for pair in group.keys)
    assert len(told) == len(TABLE)
    assert told["Copy it as text."] == "C"
    assert told["Move the crosshair one column to the left."] == "left h"
    assert (told["All runs: sort, filter, tag, delete, open."], told["Choose, tweak, train and watch."]) == ("F9", "F2")
    assert told["What the focused part is for, and every key."] == "F1 ?"


def test_words_are_filled_up_and_items_hang() -> None:
    """Lines of a paragraph are joined, those of a list item begin below its words, backticks go."""
    words = "One\nparagraph with `x`.\n\n- an item that is\n  longer than a line"
    lines = [line.plain.rstrip() for line in laid_out(words, [KeyGroup("Keys", [("x", "Do it.")])], 20)]
    assert lines == ["One paragraph with", "x.", "- an item that is", "  longer than a line", "", "Keys", "x  Do it."]


@pytest.mark.slow
async def test_every_key_works_where_help_says(tmp_path: Path) -> None:
    """Each key is in force in the part whose keys it is told among, but for those of a live run, several runs, a second page."""
    run = make_run(tmp_path / "runs")
    missing: list[tuple[str, str]] = []

    def check(app: WorkbenchApp, *groups: str) -> None:
        active = {key: found.binding.id for key, found in app.screen.active_bindings.items()}
        missing.extend(
            (key.id, name)
            for key in TABLE
            if key.group in groups and key.id not in _WITH_A_LIVE_RUN | _WITH_TWO_PAGES | _WITH_SEVERAL_RUNS
            for name in key.keys.split(",")
            if active.get(name) != key.id and not (groups == ("bench",) and str(active.get(name)).startswith("chart."))
        )

    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        places: list[tuple[type[Widget], tuple[str, ...]]] = [
            (Chart, ("chart", "app")),
            (Predictions, ("page",)),
            (SettingsList, ("form", "list")),
        ]
        for kind, groups in places:
            bench.query_one(kind).focus()
            await until(pilot, lambda kind=kind: isinstance(app.focused, kind), str(kind))  # type: ignore[misc]  # bound now
            check(app, *groups)
        bench.set_focus(None)
        await pilot.pause()
        check(app, "bench")
        await pilot.press("M")
        await until(pilot, lambda: isinstance(app.focused, Chart), "a chart of the grid")
        check(app, "grid", "chart")
        await pilot.press("M")
        for key, group in (("f3", "runs"), ("f4", "presets"), ("c", "concepts")):
            await pilot.press(key)
            await until(pilot, lambda group=group: app.current_mode == group, group)  # type: ignore[misc]  # bound now
            await pilot.pause()
            check(app, group, "list")
    assert missing == [("app.quit", "ctrl+c")]  # Textual copies selected text with it, and passes it on where none is selected


@pytest.mark.slow
async def test_vim_keys_move_in_every_list(tmp_path: Path) -> None:
    """`j` and `k` do what the arrows do in form, runs, gallery and pages; a line being typed takes them."""
    make_run(tmp_path / "runs", name="one")
    run = make_run(tmp_path / "runs", name="two")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        settings = bench.query_one(SettingsList)
        settings.focus()
        await until(pilot, lambda: settings.has_focus, "the settings")
        places: list[object] = [settings.highlighted]
        for key in ("j", "k"):
            await pilot.press(key)
            places.append(settings.highlighted)
        assert places[0] == places[2] != places[1]
        await pilot.press("5", "j")
        assert settings.being_typed is not None
        assert settings.being_typed[1] == "5j"
        await pilot.press("escape", "f3")
        await until(pilot, lambda: app.current_mode == "runs" and app.screen.query_one(RunsTable).row_count == 2, "the runs")
        table = app.screen.query_one(RunsTable)
        await pilot.press("j")
        assert table.cursor_row == 1
        await pilot.press("k")
        assert table.cursor_row == 0
        for key, mode in (("f4", "presets"), ("c", "concepts")):
            await pilot.press(key)
            await until(pilot, lambda mode=mode: app.current_mode == mode, mode)  # type: ignore[misc]  # bound now
            await until(pilot, lambda: isinstance(app.focused, TitledList) and app.focused.highlighted is not None, "its list")
            listed = app.focused
            assert isinstance(listed, TitledList)
            before = listed.highlighted
            await pilot.press("j")
            assert listed.highlighted != before
            await pilot.press("k")
            assert listed.highlighted == before
