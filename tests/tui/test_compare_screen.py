"""The Compare screen: marked runs beside each other, their curves, their tables, and what is measured meanwhile."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, quiet, until
from workbench.plotting.pictures import Plot, Sheet
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.untrusted_text import Words
from workbench.tui.panels._pane import PicturePane
from workbench.tui.requests import AskModel, ModelAnswered
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.runs import RunsScreen


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three runs."""
    for name, done in (("alpha", 200), ("beta", 50), ("[red]gamma", 200)):
        make_run(tmp_path / "runs", name=name, done=done, state="finished")
    return tmp_path / "runs"


@asynccontextmanager
async def compared(
    root: Path, marks: int, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, CompareScreen]]:
    """The app with the first runs of Runs compared, and their curves drawn."""
    async with opened(root, size=size) as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
        await pilot.press(*["space"] * marks, "x")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the screen")
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: screen.query_one("#curves", PicturePane).picture is not None, "the curves")
        yield pilot, app, screen


def _words(screen: CompareScreen) -> str:
    return str(screen.query_one("#words", Words).render())


def _sheet(screen: CompareScreen, name: str) -> Sheet:
    picture = screen.query_one(f"#{name}", PicturePane).picture
    assert isinstance(picture, Sheet)
    return picture


async def test_marked_runs_stand_beside_each_other_and_keys_turn_what_is_drawn(root: Path) -> None:
    async with compared(root, 3) as (pilot, app, screen):
        curves = screen.query_one("#curves", PicturePane)
        assert isinstance(curves.picture, Plot)
        assert [line.label for line in curves.picture.series] == ["1", "2", "3"]
        assert "[red]gamma" in curves.picture.series[0].name
        styles = curves._styles()
        assert len({styles[line.colour].color for line in curves.picture.series} | {styles["value"].color}) == 4
        assert _sheet(screen, "results").columns[:4] == ("metric", "1", "2", "3")
        assert "1 has no checkpoint" in _words(screen)

        first, log = screen.tag, curves.picture.log_y
        await pilot.press("y")
        assert isinstance(curves.picture, Plot)
        assert curves.picture.log_y != log
        await pilot.press("v")
        await until(pilot, lambda: screen.tag != first and "2 of" in str(curves.border_subtitle), "another series")
        await pilot.press("b")
        await until(pilot, lambda: "seconds" in str(curves.border_subtitle), "seconds, since generated data have no epochs")
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, BenchScreen), "Bench")
        assert isinstance(app.screen, BenchScreen)
        assert app.screen.workspace is not None
        assert len(app.screen.workspace.race.runs) == 3


async def test_one_table_at_a_time_where_there_is_little_room(root: Path) -> None:
    async with compared(root, 2, (80, 24)) as (pilot, app, screen):
        seen = []
        for _ in range(3):
            await pilot.pause()
            seen.append([name for name in ("results", "settings", "said") if screen.query_one(f"#{name}").region.area])
            await pilot.press("p")
        assert seen == [["results"], ["settings"], ["said"]]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen), "Runs")


async def test_a_single_run_is_shown_with_the_hint_to_mark_more(root: Path) -> None:
    async with compared(root, 0) as (_pilot, _app, screen):
        assert "mark two or more runs or groups" in _words(screen)


async def test_runs_with_a_checkpoint_are_measured_one_after_the_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.runs.listing import find_run
    from workbench.training.checkpoint_files import checkpoint_path

    for name in ("alpha", "beta"):
        folder = find_run(root, name)
        checkpoint_path(folder, 50).write_bytes(b"weights")
    asked: list[AskModel] = []
    async with opened(root, size=(120, 40)) as (pilot, app, _bench):
        monkeypatch.setattr(app.run_control.asking, "ask", asked.append)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
        await pilot.press("down", "space", "space", "x")
        await until(pilot, lambda: len(asked) == 1, "the first question")
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: "Measuring the test samples of 2 of the runs" in _words(screen), "that it is said")
        screen.post_message(ModelAnswered(asked[0], None, "[data] gone"))
        await until(pilot, lambda: len(asked) == 2, "the second question")
        screen.post_message(ModelAnswered(asked[1], {"samples": 10}))
        await until(pilot, lambda: "Measuring" not in _words(screen), "the end")

        assert "not measured: [data] gone" in _words(screen)
    assert {request.question for request in asked} == {"evaluate"}
    assert asked[0].folder != asked[1].folder


async def test_what_is_compared_can_be_kept(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves, tables and words in one text and one figure, the numbers as CSV, below the current folder."""
    monkeypatch.chdir(tmp_path)
    async with compared(root, 3) as (pilot, _app, _screen):
        await pilot.press("w")
        paths = [tmp_path / "kept" / f"compare.{suffix}" for suffix in ("txt", "svg", "csv")]
        await until(pilot, lambda: all(path.exists() for path in paths), "the files")
        await quiet(pilot)
        text, svg, data = (path.read_text(encoding="utf-8") for path in paths)
        for name in ("alpha", "beta", "[red]gamma"):
            assert name in text
            assert name in svg
        assert "best of its line" in text
        assert svg.startswith("<svg")
        rows = [row for row in csv.DictReader(data.splitlines()) if row["picture"] == "* best of its line"]
        assert {row["column"] for row in rows} == {"1", "2", "3", "baseline"}
