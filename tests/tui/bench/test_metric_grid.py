"""The grid of all metrics: pages, keys, and what is opened from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, until
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.bench.chart_area import ChartArea
from workbench.tui.bench.metric_grid import MetricGrid
from workbench.tui.charts.chart import Chart
from workbench.tui.dialogs.prompts import ChoiceDialog
from workbench.tui.screens.bench import BenchScreen


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every test."""
    with fixed_cards():
        yield


def many_metrics(root: Path, *, state: str = "finished") -> RunWriter:
    """A run of 40 steps with 15 metrics: those of `fill`, and 11 of its own."""
    writer = RunWriter(RunFolder.create(root, example(training__steps=40), name="many"))
    fill(writer, 1, 39)
    writer.log(40, {f"validation/own_{index:02}": 1.0 + index for index in range(11)}, seconds=1.0, samples=1280)
    writer.set_status(state, step=40, total=40)
    return writer


async def in_grid(pilot: Pilot[None], bench: BenchScreen) -> tuple[ChartArea, MetricGrid]:
    """The charts and their grid, after `M`."""
    assert bench.workspace is not None
    await pilot.press("M")
    grid = bench.query_one(MetricGrid)
    await until(pilot, lambda: any(chart.has_focus for chart in grid.charts), "the grid")
    return bench.workspace.charts, grid


def names(grid: MetricGrid) -> list[str]:
    """The metrics that are seen."""
    return [chart.metric for chart in grid.charts]


@pytest.mark.slow
async def test_all_metrics_are_seen_at_once(tmp_path: Path) -> None:
    """`M` puts a chart of each metric in place of charts and panels, with its line; `M` again takes them back."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        charts, grid = await in_grid(pilot, bench)
        assert names(grid) == ["loss", "mse", "grad_norm", "lr"]
        assert all(not chart.view.data.empty and chart.region.height > 8 for chart in grid.charts)
        assert not charts.first.display
        assert not bench.query_one("#panels").display
        assert isinstance(app.focused, Chart)
        assert app.focused.metric == "mse", "what the second chart shows"
        assert not grid.check_action("turn_page", (1,))
        await pilot.press("M")
        await until(pilot, lambda: charts.second.has_focus, "the second chart")
        assert charts.first.display
        assert bench.query_one("#panels").display


@pytest.mark.slow
async def test_pages_hold_every_metric_once(tmp_path: Path) -> None:
    """Each page is full but the last, page keys go round, `g` goes on to the next page, and a resize keeps the focus in view."""
    writer = many_metrics(tmp_path / "runs")
    writer.close()
    async with opened(tmp_path / "runs", run=writer.folder, size=(80, 24)) as (pilot, app, bench):
        _charts, grid = await in_grid(pilot, bench)
        assert len(grid.charts) == 4
        seen = names(grid)
        for _ in range(3):
            await pilot.press("pagedown")
            seen += names(grid)
        assert len(seen) == len(set(seen)) == 15
        assert grid.page == 3
        await pilot.press("pagedown")
        assert grid.page == 0
        await pilot.press("pageup")
        assert grid.page == 3
        await pilot.press("pageup")
        await until(pilot, lambda: grid.charts[0].has_focus, "the first chart of the page")
        await pilot.press("g", "g", "g")
        await until(pilot, lambda: grid.charts[3].has_focus, "the last chart of the page")
        last = grid.charts[3].metric
        await pilot.press("g")
        await until(pilot, lambda: grid.page == 3 and grid.charts[0].has_focus, "the next page")
        await pilot.press("pageup", "g", "g", "g")
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: len(grid.charts) == 15, "room for all")
        assert isinstance(app.focused, Chart)
        assert app.focused in grid.charts
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: len(grid.charts) == 4, "room for four")
        assert app.focused in grid.charts
        assert last in names(grid)


async def test_one_is_opened_in_a_chart(tmp_path: Path) -> None:
    """`enter` shows the metric in the chart from which the grid was called, which has the focus then; the choice is kept."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        charts, grid = await in_grid(pilot, bench)
        await pilot.press("G")
        await until(pilot, lambda: grid.charts[2].has_focus, "the gradient norm")
        await pilot.press("enter")
        await until(pilot, lambda: charts.first.has_focus, "the first chart")
        assert charts.first.metric == "grad_norm"
        assert app.store.session.metrics == ("grad_norm", "")


async def test_the_picker_goes_to_a_metric(tmp_path: Path) -> None:
    """`v` in the grid leads to the chart of the metric that is chosen, on whichever page; what the two charts show stays."""
    writer = many_metrics(tmp_path / "runs")
    writer.close()
    async with opened(tmp_path / "runs", run=writer.folder, size=(80, 24)) as (pilot, app, bench):
        charts, grid = await in_grid(pilot, bench)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the picker")
        assert app.screen.query_one(OptionList).option_count == 15
        await pilot.press("end", "enter")
        await until(pilot, lambda: any(chart.has_focus and chart.metric == "own_10" for chart in grid.charts), "its chart")
        assert grid.page == 3
        assert [chart.metric for chart in (charts.first, charts.second)] == ["loss", "mse"]


async def test_crosshair_and_options_are_those_of_all_charts(tmp_path: Path) -> None:
    """What is pointed at in one small chart is pointed at in all, and in the two charts afterwards; smoothing too."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        charts, grid = await in_grid(pilot, bench)
        await pilot.press("left", "left", "left", "right_curly_bracket", "y")
        await pilot.pause()
        step = grid.charts[1].view.crosshair
        assert step is not None
        assert {chart.view.crosshair for chart in grid.charts} == {step}
        assert {chart.view.options.smoothing for chart in grid.charts} == {0.9}
        await pilot.press("M")
        await until(pilot, lambda: charts.second.has_focus, "the second chart")
        assert charts.first.view.crosshair == charts.second.view.crosshair == step
        assert charts.second.view.options == grid.charts[1].view.options


async def test_the_grid_grows_with_the_run(tmp_path: Path) -> None:
    """A metric that is measured for the first time has a chart, new rows are drawn, and no run leaves the charts empty."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    fill(writer, 1, 10)
    writer.set_status("running", step=10, total=500)
    async with opened(tmp_path / "runs", run=writer.folder) as (pilot, _app, bench):
        _charts, grid = await in_grid(pilot, bench)
        assert names(grid) == ["loss", "mse", "grad_norm", "lr"]
        writer.log(11, {"train/loss": 0.5, "validation/own": 0.5}, seconds=1.0, samples=352)
        writer.set_status("running", step=11, total=500)
        await until(pilot, lambda: names(grid)[-1] == "own" and not grid.charts[-1].view.data.empty, "the new metric")
        assert len(grid.charts[0].view.data.lines[0].steps) == 11
        writer.set_status("finished", step=11, total=500)
        await until(pilot, lambda: bench.run.data is not None and not bench.run.data.status.alive, "the end")
        await pilot.press("ctrl+w")
        assert all(chart.view.data.empty for chart in grid.charts)
        assert all(chart.hint == "F5 starts a run" for chart in grid.charts)
    writer.close()


async def test_any_size(tmp_path: Path) -> None:
    """Down to a single cell and back the grid is survived, and a chart can be given the whole screen."""
    writer = many_metrics(tmp_path / "runs")
    writer.close()
    async with opened(tmp_path / "runs", run=writer.folder) as (pilot, _app, bench):
        _charts, grid = await in_grid(pilot, bench)
        for width, height in ((200, 60), (99, 31), (40, 10), (12, 5), (2, 2), (1, 1), (120, 40)):
            await pilot.resize_terminal(width, height)
            await pilot.press("pagedown")
            await pilot.pause()
        assert len(grid.charts) > 4
        grid.charts[1].focus()
        await pilot.press("m")
        assert bench.maximized is grid.charts[1]
        await pilot.press("escape")
        assert bench.maximized is None


async def test_every_chart_of_a_live_run_has_its_turn(tmp_path: Path) -> None:
    """However fast the run is read, the last chart of the grid is drawn as often as the first."""
    writer = many_metrics(tmp_path / "runs", state="running")
    async with opened(tmp_path / "runs", run=writer.folder, size=(200, 60)) as (pilot, _app, bench):
        charts, grid = await in_grid(pilot, bench)
        run = bench.run.data
        assert run is not None
        assert len(grid.charts) == 15
        await until(pilot, lambda: not charts._turns, "the first round")
        shown: set[str] = set()

        def one_more() -> bool:
            assert run is not None
            charts.show_run(run, bench.run.facts)
            shown.update(chart.metric for chart in grid.charts if chart.view.data not in before)
            return len(shown) == 15

        before = [chart.view.data for chart in grid.charts]
        await until(pilot, one_more, "a turn for each chart")
    writer.close()
