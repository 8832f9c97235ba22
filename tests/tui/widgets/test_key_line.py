"""The bottom line: as many keys as there is room for, each whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.widgets.key_line import KeyLine


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


def _words(bench: BenchScreen) -> list[str]:
    return [key.words for key in bench.query_one(KeyLine).keys]


def _fits(bench: BenchScreen) -> bool:
    room = bench.app.size.width
    line = bench.query_one(KeyLine)
    return bench.size.width == line.size.width == room and cell_len(str(line.render())) <= room


@pytest.mark.slow
async def test_keys_are_left_out_whole(tmp_path: Path) -> None:
    """However narrow the terminal is, no key is cut; help is kept longest, and all are back when there is room."""
    run = make_run(tmp_path / "runs", state="stopped", done=100)
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        await until(pilot, lambda: "Resume" in _words(bench), "all keys")
        every = _words(bench)
        counts = []
        for width in (80, 50, 30, 12):
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda: _fits(bench), "whole keys")
            assert "Help" in _words(bench)
            counts.append(len(_words(bench)))
        assert counts == sorted(counts, reverse=True)
        assert counts[0] > counts[2] > counts[3]
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: _words(bench) == every, "all keys again")


async def test_function_keys_are_written_as_on_the_keyboard(tmp_path: Path) -> None:
    """While a line is typed F9 stands for d, which would be a letter of it: it is F9 as the others are F2 and F5."""
    async with opened(tmp_path / "runs") as (pilot, _app, bench):
        settings = bench.query_one(SettingsList)
        settings.focus()
        await pilot.press("5")
        line = bench.query_one(KeyLine)
        await until(pilot, lambda: ("F9", "Form") in [(key.name, key.words) for key in line.keys], "F9")
        await pilot.press("escape")


@pytest.mark.slow
async def test_a_click_presses_the_key_that_stands_there(tmp_path: Path) -> None:
    """Every column of a key is its own; the pointer shows which it is."""
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        line = bench.query_one(KeyLine)
        await until(pilot, lambda: any(key.words == "Help" for key in line.keys), "keys")
        assert all(before.stop == after.start for before, after in pairwise(line.keys))
        words = str(line.render())
        for key in line.keys:
            assert words[key.start : key.stop] == f" {key.name} {key.words} "
        help_key = next(key for key in line.keys if key.words == "Help")
        await pilot.hover(KeyLine, offset=(help_key.stop - 1, 0))
        await pilot.click(KeyLine, offset=(help_key.stop - 1, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "help")


@pytest.mark.slow
async def test_the_key_that_gives_the_screen_back_says_so(tmp_path: Path) -> None:
    """Also in 80 columns, where others have no room."""
    async with opened(tmp_path / "runs", size=(80, 24)) as (pilot, _app, bench):
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is not None and "Back" in _words(bench), "the way back")
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is None and "Back" not in _words(bench), "the way there")
