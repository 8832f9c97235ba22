"""The bottom line: as many keys as there is room for, each whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets._footer import FooterKey

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.screens.bench import BenchScreen


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


def _words(bench: BenchScreen) -> list[str]:
    return [key.description for key in bench.query(FooterKey)]


def _fits(bench: BenchScreen) -> bool:
    room = bench.app.size.width
    return bench.size.width == room and sum(key.size.width for key in bench.query(FooterKey)) <= room


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
    """While a line is typed F6 stands for d, which would be a letter of it: it is F6 as the others are F2 and F5."""
    async with opened(tmp_path / "runs") as (pilot, _app, bench):
        settings = bench.query_one(SettingsList)
        settings.focus()
        await pilot.press("5")
        await until(pilot, lambda: ("F6", "Form") in [(key.key_display, key.description) for key in bench.query(FooterKey)], "F6")
        await pilot.press("escape")
