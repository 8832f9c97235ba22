"""The panels below the charts: which are there, and which one is in front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Tab

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.runs.writer import RunWriter
from workbench.tui.widgets.journal import WorkerLog
from workbench.tui.widgets.probe_plot import ProbePlot
from workbench.tui.widgets.workspace import Panels


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


async def test_the_first_answers_are_turned_to_unless_a_panel_was_chosen(tmp_path: Path) -> None:
    """Predictions take the place of Concept when they come; a panel that a person chose during the run stays."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        panels = bench.query_one(Panels)
        assert panels.active == "predictions"
        panels.active = "concept"
        await pilot.pause()
        bench._draw()
        assert panels.active == "concept"
        await app.open_run(run)
        await until(pilot, lambda: bench.run_data is not None, "the run again")
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
        await pilot.pause()
        board = panels.query_one("#lengths ProbeBoard")
        assert "total variation 0.25" in str(board.query_one(".summary").render())
        drawn = board.query_one(ProbePlot)
        assert "share of sequences" in drawn.render_line(0).text
        assert "╰" in "".join(drawn.render_line(row).text for row in range(drawn.size.height))
        await app.open_run(plain)
        await until(pilot, lambda: bench.run_data is not None and bench.run_data.title == "plain", "the other run")
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
        await app.open_run(runs[1])
        await until(pilot, lambda: bench.run_data is not None and bench.run_data.title == "second", "the other run")
        await until(pilot, lambda: panels.active == "forecast", "its forecast")
