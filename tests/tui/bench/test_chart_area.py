"""What each chart of Bench shows: chosen by a person, or left to the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, until
from workbench.experiment.settings import Claim
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.bench.chart_area import ChartArea
from workbench.tui.charts.run_charts import main_metric, metric_chart
from workbench.tui.dialogs.prompts import ChoiceDialog
from workbench.tui.run.data import RunFeed
from workbench.tui.run.outcome import Requirement
from workbench.tui.run.watcher import RunFacts
from workbench.tui.screens.bench import BenchScreen


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every test."""
    with fixed_cards():
        yield


def charts_of(bench: BenchScreen) -> ChartArea:
    """The charts, which are there once a run is shown."""
    assert bench.workspace is not None
    return bench.workspace.charts


def claiming(metric: str, **more: object) -> Claim:
    """A claim about a metric."""
    return Claim.model_validate({"sentence": "It learns.", "metric": metric, "operator": "<", "threshold": 0.5, **more})


@pytest.mark.parametrize(
    ("claimed", "metric"),
    [("", "mse"), ("test/gradient_ratio", "gradient_ratio"), ("test/loss", "mse"), ("max train/loss", "mse")],
)
def test_the_second_chart_opens_on_what_the_run_is_about(claimed: str, metric: str) -> None:
    """On the claim's metric, else on the task's headline; the loss has the first chart already."""
    experiment = example()
    if claimed:
        experiment = replace(experiment, claim=claiming(claimed))
    assert main_metric(experiment, None) == metric
    assert main_metric(example(), Requirement.of_own(claiming("test/accuracy"))) == "accuracy"


def test_what_the_claim_asks_is_a_level(tmp_path: Path) -> None:
    """The bound stands in the chart of its metric with its name, not in others; so does the contrast's, as what it is."""
    run = make_run(tmp_path / "runs")
    feed = RunFeed(run)
    data = feed.poll()
    feed.close()
    experiment = replace(example(training__clip_norm=1.0), claim=claiming("test/mse"))
    facts = RunFacts(experiment)
    assert metric_chart("mse", data, facts).levels == ((0.5, "claim: test < 0.5"),)
    assert metric_chart("loss", data, facts).levels == ()
    assert metric_chart("grad_norm", data, facts).levels == ((1.0, "clip 1"),)
    contrast = Requirement.of_contrast(claiming("test/mse", against_operator=">=", against_threshold=2.0), "memory/other")
    facts = RunFacts(example(), requirement=contrast)
    assert metric_chart("mse", data, facts).levels == ((2.0, "as contrast of other: test >= 2"),)


@pytest.mark.slow
async def test_any_recorded_metric_is_charted(tmp_path: Path) -> None:
    """`v` lists every metric of the run with its splits, direction and meaning; the one chosen is drawn, and kept."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        charts = charts_of(bench)
        assert [chart.metric for chart in (charts.first, charts.second)] == ["loss", "mse"]
        charts.first.focus()
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the picker")
        listed = app.screen.query_one(OptionList)
        words = [str(option.prompt) for option in listed.options]
        assert words[0].startswith("loss   train, validation\n")
        assert "mean squared error; lower is better" in words[1]
        assert words[-2].startswith("learning rate (lr)   train\n")
        assert listed.highlighted == 0
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: charts.first.metric == "lr", "the learning rate")
        assert charts.first.view.data.lines[0].steps.tolist() == list(range(1, 201))
        assert not charts.first.view.options.log_y
        assert str(charts.first.border_title) == "learning rate"
        assert app.store.session.metrics == ("lr", "")
    async with opened(run.path.parent, run=run) as (_pilot, _app, bench):
        assert charts_of(bench).first.metric == "lr", "the next session begins with it"


async def test_a_choice_holds_for_runs_that_have_the_metric(tmp_path: Path) -> None:
    """A run without it shows what it would by itself, and the choice is there again in the next one that has it."""
    run = make_run(tmp_path / "runs", name="one")
    bare = RunFolder.create(tmp_path / "runs", example(), name="bare")
    writer = RunWriter(bare)
    writer.log(1, {"train/loss": 1.0}, 0.1, 32)
    writer.set_status("finished", step=1, total=200)
    writer.close()
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        charts = charts_of(bench)
        charts._choose(charts.first, "lr")
        for folder, metric in ((bare, "loss"), (run, "lr")):
            await app.navigation.open_run(folder)
            await until(pilot, lambda folder=folder: bench.run.data is not None and bench.run.data.folder == folder, "the run")  # type: ignore[misc]  # bound now
            await until(pilot, lambda metric=metric: charts.first.metric == metric, metric)  # type: ignore[misc]  # bound now


async def test_the_gradient_norm_is_one_key_away(tmp_path: Path) -> None:
    """`G` turns the second chart to the gradient norm with its threshold and back, from anywhere; in a chart, that one."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        charts = charts_of(bench)
        bench.set_focus(None)
        await pilot.press("G")
        await until(pilot, lambda: charts.second.has_focus, "the second chart")
        assert charts.second.metric == "grad_norm"
        assert charts.second.view.data.levels == ((1.0, "clip 1"),)
        await pilot.press("G")
        assert charts.second.metric == "mse"
        charts.first.focus()
        await pilot.press("G")
        assert [chart.metric for chart in (charts.first, charts.second)] == ["grad_norm", "mse"]
        await pilot.press("G")
        assert charts.first.metric == "loss"


async def test_a_chart_is_drawn_as_its_metric_was(tmp_path: Path) -> None:
    """Smoothing and x axis go with every metric, log y with the one that it was turned on for."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        charts = charts_of(bench)
        charts.first.focus()
        await pilot.press("y", "right_curly_bracket", "G")
        assert charts.first.view.options.log_y
        assert charts.first.view.options.smoothing == 0.9
        await pilot.press("G")
        assert not charts.first.view.options.log_y
        assert charts.first.view.options.smoothing == charts.second.view.options.smoothing == 0.9


async def test_a_live_run_offers_what_it_will_measure(tmp_path: Path) -> None:
    """Before the first evaluation the second chart says what it waits for, and the picker has the metric already."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    fill(writer, 1, 10)
    writer.set_status("running", step=10, total=500)
    async with opened(tmp_path / "runs", run=writer.folder) as (pilot, _app, bench):
        charts = charts_of(bench)
        await until(pilot, lambda: charts.second.hint == "waiting for the first evaluation", "the hint")
        assert [metric.name for metric in charts._metrics()] == ["loss", "mse", "grad_norm", "lr"]
        fill(writer, 11, 40)
        writer.set_status("running", step=40, total=500)
        await until(pilot, lambda: not charts.second.view.data.empty, "the first evaluation")
    writer.close()
