"""The panels below the charts: which are there, and which one is in front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Tab, Tabs

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bench.panel_area import Panels
from workbench.tui.charts.chart import Chart
from workbench.tui.panels._pane import PicturePane
from workbench.tui.panels.metrics import MetricsTable
from workbench.tui.panels.predictions import Predictions
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.widgets.event_log import WorkerLog


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


@pytest.mark.slow
async def test_the_first_answers_are_turned_to_unless_a_panel_was_chosen(tmp_path: Path) -> None:
    """Predictions take the place of Concept when they come; a panel that a person chose during the run stays."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        panels = bench.query_one(Panels)
        assert panels.active == "predictions"
        panels.active = "concept"
        await pilot.pause()
        assert bench.workspace is not None
        assert bench.run.data is not None
        bench.workspace._show_front()
        assert panels.active == "concept"
        await app.navigation.open_run(run)
        await until(pilot, lambda: bench.run.data is not None, "the run again")
        assert panels.active == "predictions"
        panels.active = "log"
        await until(pilot, lambda: "the worker is well" in "\n".join(bench.query_one(WorkerLog).lines), "a word in the empty log")


async def test_a_forecast_is_opened_before_the_predictions(tmp_path: Path) -> None:
    """Its tab stands before Predictions, and comes to the front by itself."""
    run = make_run(tmp_path / "runs")
    writer = RunWriter(run)
    writer.probe(200, "forecast", "validation", np.zeros((2, 2, 30)), {})
    writer.close()
    async with opened(run.path.parent, run=run) as (_pilot, _app, bench):
        panels = bench.query_one(Panels)
        assert panels.active == "forecast"
        tabs = [tab.id for tab in panels.query(Tab)]
        assert tabs.index("--content-tab-forecast") < tabs.index("--content-tab-predictions")


async def test_a_panel_is_there_while_the_run_has_its_data(tmp_path: Path) -> None:
    """A run with lengths has that tab and not Ridge; a run without any has neither, and no tab in front that is gone."""
    plain, measured = make_run(tmp_path / "runs", name="plain"), make_run(tmp_path / "runs", name="measured")
    writer = RunWriter(measured)
    writer.probe(200, "lengths", "validation", np.array([[0.0, 0.5, 0.5], [0.0, 0.25, 0.75]]), {})
    writer.probe(200, "ridge", "validation", np.zeros((2, 2)), {})  # not of the form that is drawn
    writer.close()

    def offered() -> set[str]:
        return {tab.id.removeprefix("--content-tab-") for tab in panels.query(Tab) if tab.id and not tab.has_class("-hidden")}

    async with opened(measured.path.parent, run=measured) as (pilot, app, bench):
        panels = bench.query_one(Panels)
        assert offered() == {"concept", "data", "predictions", "metrics", "lengths", "events", "log"}
        panels.active = "lengths"
        board = panels.query_one("#lengths ProbeBoard")
        await until(pilot, lambda: any(pane.size.height for pane in board.query(PicturePane)), "the lengths")
        assert "total variation 0.25" in str(board.query_one(".summary").render())
        drawn = board.query_one(PicturePane)
        assert "share of sequences" in drawn.render_line(0).text
        assert "╰" in "".join(drawn.render_line(row).text for row in range(drawn.size.height))
        await app.navigation.open_run(plain)
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.title == "plain", "the other run")
        await pilot.pause()
        assert offered() == {"concept", "data", "predictions", "metrics", "events", "log"}
        assert panels.active in offered()


async def test_what_leads_comes_to_the_front_again_with_the_next_run(tmp_path: Path) -> None:
    """From one run with a forecast to another the panel in front is theirs, since nobody has chosen the one beside it."""
    runs = [make_run(tmp_path / "runs", name=name) for name in ("first", "second")]
    for run in runs:
        writer = RunWriter(run)
        writer.probe(200, "forecast", "test", np.zeros((2, 2, 5)), {})
        writer.close()
    async with opened(runs[0].path.parent, run=runs[0]) as (pilot, app, bench):
        panels = bench.query_one(Panels)
        await until(pilot, lambda: panels.active == "forecast", "the forecast")
        await app.navigation.open_run(runs[1])
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.title == "second", "the other run")
        await until(pilot, lambda: panels.active == "forecast", "its forecast")


# Two side by side ------------------------------------------------------------------------------------------------------

WIDE, NORMAL, SMALL = (200, 60), (120, 40), (80, 24)


def shown(bench: BenchScreen) -> list[str]:
    """The panels that are seen, from left to right, as their borders say; none while one turns."""
    seen = [panels for panels in bench.query(Panels) if panels.display]
    return [str(panels.border_title) for panels in seen] if all(panels.active == panels.shown for panels in seen) else []


async def resized(pilot: Pilot[None], bench: BenchScreen, size: tuple[int, int], count: int) -> None:
    """Another size, and as many panels as there is room for."""
    await pilot.resize_terminal(*size)
    await until(pilot, lambda: bench.size == size and len(shown(bench)) == count, f"{count} panels")
    await pilot.pause()


async def test_two_panels_stand_side_by_side_where_there_is_room(tmp_path: Path) -> None:
    """Before a run what it is about, and its data; with answers those and the scores. What is seen stays when sizes change."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, size=WIDE) as (pilot, app, bench):
        await until(pilot, lambda: shown(bench) == ["Concept", "Data"], "two panels")
        first, second = bench.query(Panels)
        assert first.size.width > 60
        assert abs(first.size.width - second.size.width) <= 1
        await app.navigation.open_run(run)
        await until(pilot, lambda: shown(bench) == ["Predictions", "Metrics"], "answers and scores")
        await resized(pilot, bench, NORMAL, 1)
        assert shown(bench) == ["Predictions"]
        await resized(pilot, bench, SMALL, 1)
        assert shown(bench) == ["Predictions"]
        await resized(pilot, bench, WIDE, 2)
        assert shown(bench) == ["Predictions", "Metrics"]


async def test_the_panel_with_the_focus_turns_and_none_is_seen_twice(tmp_path: Path) -> None:
    """`p` passes over what the other side shows; the left one turns while the focus is elsewhere."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run, size=WIDE) as (pilot, _app, bench):
        await until(pilot, lambda: shown(bench) == ["Predictions", "Metrics"], "two panels")
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("p")
        await until(pilot, lambda: shown(bench) == ["Events", "Metrics"], "the panel behind Metrics")
        await pilot.press("P")
        await until(pilot, lambda: shown(bench) == ["Predictions", "Metrics"], "the panel before")
        second = list(bench.query(Panels))[1]
        second.query_one(Tabs).focus()
        await pilot.press("p")
        await until(pilot, lambda: shown(bench) == ["Predictions", "Events"], "the right one's next")
        second.active = "predictions"  # a click on the tab of what stands at the left
        await until(pilot, lambda: shown(bench) == ["Events", "Predictions"], "both exchanged")


async def test_the_panel_in_use_stays_when_there_is_room_for_one(tmp_path: Path) -> None:
    """The right one was in use: its panel is the one that is seen, and has the focus."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run, size=WIDE) as (pilot, _app, bench):
        await until(pilot, lambda: shown(bench) == ["Predictions", "Metrics"], "two panels")
        list(bench.query(Panels))[1].query_one(MetricsTable).focus()
        await pilot.pause()
        await resized(pilot, bench, NORMAL, 1)
        assert shown(bench) == ["Metrics"]
        assert bench.focused is bench.query_one(Panels).query_one(Tabs)
        await resized(pilot, bench, WIDE, 2)
        assert sorted(shown(bench)) == ["Metrics", "Predictions"]


async def test_small_terminals_show_one_panel_or_none(tmp_path: Path) -> None:
    """From 10x3 to 300x80 and back nothing breaks."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run, size=WIDE) as (pilot, _app, bench):
        for size in ((10, 3), (300, 80), (1, 1), (130, 10), (80, 24), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.press("p")
        await until(pilot, lambda: len(shown(bench)) == 2, "two panels")


# What stands in them ---------------------------------------------------------------------------------------------------


def evaluated(tmp_path: Path) -> RunFolder:
    """A run with long wrong answers of the last weights, and test scores of both."""
    run = make_run(tmp_path / "runs")
    writer = RunWriter(run)
    items = [{"input": "01" * 500, "target": "01" * 500, "predicted": "01" * 499 + "00", "correct": False}]
    writer.probe(200, "predictions", "test", None, {"items": items, "answers": "steps"})
    writer.log(200, {"test/mse": 0.25, "test/loss": 0.25, "test_best/mse": 0.125, "test_best/loss": 0.125}, 4.0, 6400)
    writer.set_meta("best", {"step": 180, "at": 200})
    writer.close()
    return run


def words(bench: BenchScreen, selector: str) -> str:
    """What a text of the first panels says."""
    found = bench.query_one(Panels).query_one(selector, Words)
    return "\n".join(found.render_line(row).text.rstrip() for row in range(found.size.height))


async def test_answers_say_whose_they_are_and_are_whole_when_asked_for(tmp_path: Path) -> None:
    """Test answers are those of the last weights; enter shows a thousand steps from end to end, and shortened again."""
    run = evaluated(tmp_path)
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        panel = bench.query_one(Predictions)
        panel.focus()
        said = "step 200 · test (last weights) · 0 of 1 right · enter: whole texts"
        await until(pilot, lambda: said in words(bench, "Predictions > .summary"), "the answers")
        short = words(bench, "Predictions > .items")
        assert "1 of 1,000 steps wrong, the first is step 1,000" in short
        assert "^" in short
        await pilot.press("enter")
        await until(
            pilot, lambda: len(words(bench, "Predictions > .items").splitlines()) > 3 * len(short.splitlines()), "all of it"
        )
        assert "enter: shortened" in words(bench, "Predictions > .summary")
        assert panel.max_scroll_y > 0
        await pilot.press("j", "j", "k")
        await until(pilot, lambda: panel.scroll_target_y == 1, "one line down")
        await pilot.press("enter")
        await until(pilot, lambda: words(bench, "Predictions > .items") == short, "what was there before")


async def test_scores_are_of_the_last_and_of_the_best_weights(tmp_path: Path) -> None:
    """Both stand in the row of their metric, and below it which weights these are."""
    run = evaluated(tmp_path)
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        panels = bench.query_one(Panels)
        panels.active = "metrics"
        await until(pilot, lambda: "mse" in words(bench, "MetricsTable Words"), "the table")
        table = words(bench, "MetricsTable Words")
        head, row = (next(line.split() for line in table.splitlines() if line.startswith(name)) for name in ("metric", "mse"))
        assert head[:6] == ["metric", "newest", "lowest", "highest", "last", "best"]
        assert row[4:6] == ["0.25", "0.125"]
        assert "weights of the last step, 200" in table
        assert "best on validation (step 180); export and predict take these" in " ".join(table.split())


@pytest.mark.slow
async def test_the_panel_just_turned_to_takes_the_whole_screen(tmp_path: Path) -> None:
    """And the keys: what is not seen gets none. After the focus has gone elsewhere, that part does."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        chart, panels = bench.query(Chart).first(), bench.query_one(Panels)
        chart.focus()
        await until(pilot, lambda: app.focused is chart, "the chart")
        await pilot.press("p", "m")
        await until(pilot, lambda: bench.maximized is panels, "the panel")
        assert panels.has_focus_within
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is None, "all of it")
        chart.focus()
        await until(pilot, lambda: app.focused is chart, "the chart again")
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is chart, "the chart alone")
