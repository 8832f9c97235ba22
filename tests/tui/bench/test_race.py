"""Several runs in the same charts: opened together, told apart, steered one at a time; and starting another one meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, quiet, until
from workbench.plotting.race import MOST_RUNS
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.queue import QUEUED
from workbench.runs.writer import RunWriter
from workbench.training import launch
from workbench.tui.app import WorkbenchApp
from workbench.tui.bench.panel_area import Panels
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.bench.race_line import RaceLine
from workbench.tui.dialogs.prompts import ChoiceDialog, ConfirmDialog, TextDialog
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.widgets.event_log import EventList
from workbench.tui.widgets.runs_table import RunsTable
from workbench.tui.widgets.title_bar import TitleBar


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def live(tmp_path: Path) -> Iterator[RunWriter]:
    """A run that this process works on: 40 of 500 steps done, on as many threads as no machine has cores."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    writer.set_meta("threads", 1000)
    writer.event("started", "started", 0)
    fill(writer, 1, 40)
    writer.set_status("running", step=40, total=500)
    yield writer
    writer.close()


@pytest.fixture
def three(tmp_path: Path) -> list[RunFolder]:
    """Runs at rest of different lengths."""
    runs = (("long", 200, "finished"), ("middle", 120, "stopped"), ("short", 40, "failed"))
    return [make_run(tmp_path / "runs", name=name, done=done, state=state) for name, done, state in runs]


async def together(pilot: Pilot[None], app: WorkbenchApp, bench: BenchScreen, count: int) -> None:
    """Wait until so many runs are drawn."""

    def drawn() -> bool:
        race = bench.workspace.race if bench.workspace is not None else None
        return race is not None and len(race.runs) == count and all(racer.data is not None for racer in race.runs)

    await until(pilot, drawn, f"{count} runs")
    await quiet(pilot)
    await until(pilot, lambda: app.screen is bench, "Bench")


def line_of(bench: BenchScreen) -> str:
    return str(bench.query_one(RaceLine).render())


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_marked_runs_open_together(three: list[RunFolder], size: tuple[int, int]) -> None:
    """The one under the cursor in front; all have number, name and standing above, and sign and value in the charts."""
    async with opened(three[0].path.parent, size=size) as (pilot, app, bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == 3, "the rows")
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        await pilot.press("space", "space", "space")
        offered = [item.binding.description for item in screen.active_bindings.values() if item.binding.id == "runs.open"]
        assert offered == ["Open 3 together"]
        screen.query_one(RunsTable).move_cursor(row=screen.query_one(RunsTable).get_row_index(three[1].id))
        await pilot.press("enter")
        await together(pilot, app, bench, 3)
        assert bench.run.folder == three[1]
        assert bench.workspace is not None
        numbers = {racer.folder: str(racer.number) for racer in bench.workspace.race.runs}
        shown = line_of(bench)
        for folder, name, standing in zip(three, ("long", "middle", "short"), ("200/200", "120/200", "40/200"), strict=True):
            assert f"{numbers[folder]} {name}" in shown
            assert standing in shown
        assert "\u25b8 1 middle" in shown
        assert max(map(len, shown.splitlines())) <= bench.query_one(RaceLine).content_size.width
        chart = bench.workspace.charts.first
        assert chart.view.words()[0] == "train"
        lines = chart.figure_text().splitlines()
        rows = [re.split("[\u2502\u2524]", line) for line in lines]  # an axis, with or without a tick
        first = next(place for place, row in enumerate(rows) if len(row) > 1)
        assert set(numbers.values()) <= set("".join(row[1] for row in rows[first:] if len(row) > 1))
        legend = "\n".join(lines[:first])
        assert all(name in legend for name in ("long", "middle", "short"))
        assert chart.view.drawing.x_axis.high == 200
        assert "middle" in str(bench.query_one(TitleBar).render())
        assert "120 / 200" in str(bench.query_one(ProgressLine).render())


@pytest.mark.slow
async def test_another_run_is_put_in_front_and_taken_out(three: list[RunFolder]) -> None:
    """Panels, progress and form are about it; the moment and the panel that is seen stay; numbers stay with their runs."""
    RunWriter(three[1]).close()
    async with opened(three[0].path.parent) as (pilot, app, bench):
        await app.navigation.open_run(three[0], three[1:])
        await together(pilot, app, bench, 3)
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        panels = bench.query_one(Panels)
        panels.active = "events"
        bench.workspace.charts.first.action_view("point_at", 20)
        await pilot.pause()
        pointed = bench.workspace.pointed_step
        assert pointed is not None
        events = bench.query_one(EventList)
        await until(pilot, lambda: events.option_count == 6, "the events")
        await pilot.press("b")
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.title == "middle", "the next one")
        assert panels.active == "events"
        assert bench.workspace.pointed_step == pointed
        await until(pilot, lambda: events.option_count == 4, "its events")
        assert "\u25b8 2 middle" in line_of(bench)
        assert "120 / 200" in str(bench.query_one(ProgressLine).render())
        await pilot.press("B")
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.title == "long", "the one left")
        assert [racer.number for racer in bench.workspace.race.runs] == [1, 3]
        await pilot.press("b", "B")
        await until(pilot, lambda: not bench.query_one(RaceLine).display, "a run alone")
        assert [line.name for line in bench.workspace.charts.first.view.lines] == ["train", "validation"]
        assert not bench.check_action("turn_front", (1,))


@pytest.mark.slow
async def test_a_metric_is_drawn_of_all_that_record_it(three: list[RunFolder]) -> None:
    """One split at a time, which `t` turns; what one run alone has is offered as well."""
    writer = RunWriter(three[2])
    writer.log(41, {"validation/odd": 3.0}, 1.0, 1000)
    writer.close()
    async with opened(three[0].path.parent, size=(200, 60)) as (pilot, app, bench):
        await app.navigation.open_run(three[0], three[1:])
        await together(pilot, app, bench, 3)
        assert bench.workspace is not None
        charts = bench.workspace.charts
        assert {"odd", "mse", "loss"} <= {metric.name for metric in charts._metrics()}
        charts._choose(charts.first, "odd")
        assert [(line.name, line.group) for line in charts.first.view.lines] == [("short", "validation")]
        charts._choose(charts.first, "loss")
        assert [(line.name, line.group) for line in charts.first.view.lines] == [
            (name, "train") for name in ("long", "middle", "short")
        ]
        charts.first.focus()
        await pilot.press("t")
        assert charts.first.view.group == "validation"
        assert [line.label for line in charts.first.view.series(raw=False)] == ["1", "2", "3"]


@pytest.mark.slow
async def test_all_draw_on_while_they_train(live: RunWriter, three: list[RunFolder]) -> None:
    """Whichever is in front; its end is seen above the charts."""
    async with opened(three[0].path.parent) as (pilot, app, bench):
        await app.navigation.open_run(three[0], [live.folder])
        await together(pilot, app, bench, 2)
        assert bench.workspace is not None
        line = bench.workspace.charts.first.view.lines[1]
        assert (line.name, int(line.steps[-1])) == ("live", 40)
        fill(live, 41, 60)
        live.set_status("running", step=60, total=500)
        await until(pilot, lambda: int(bench.workspace.charts.first.view.lines[1].steps[-1]) == 60, "the new steps")  # type: ignore[union-attr]
        live.set_status("finished", step=60, total=500)
        await until(pilot, lambda: "\u2713 60/500" in line_of(bench), "its end")
        assert bench.run.folder == three[0]


@pytest.mark.slow
async def test_what_does_not_compare_is_said(tmp_path: Path) -> None:
    """A run on other data, and one on the same data of another length."""
    make_run(tmp_path / "runs", name="one")
    runs = [RunFolder.create(tmp_path / "runs", example(data__length=length), name=f"of {length}") for length in (20, 30)]
    for folder in runs:
        writer = RunWriter(folder)
        fill(writer, 1, 20)
        writer.set_status("stopped", step=20)
        writer.close()
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        await app.navigation.open_run(runs[0], runs[1:])
        await together(pilot, app, bench, 2)
        assert "Scores do not compare: 2 on other data (length=30)" in line_of(bench)


@pytest.mark.slow
async def test_more_runs_than_can_be_told_apart(tmp_path: Path) -> None:
    """The first ones are drawn, and it is said."""
    runs = [make_run(tmp_path / "runs", name=f"run {n}", done=20, state="stopped") for n in range(MOST_RUNS + 2)]
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        await app.navigation.open_run(runs[0], runs[1:])
        said = f"{MOST_RUNS} runs can be told apart in one chart; 2 of {MOST_RUNS + 2} are not drawn."
        await until(pilot, lambda: any(note.message == said for note in app._notifications), "the words")
        await together(pilot, app, bench, MOST_RUNS)


@pytest.mark.slow
async def test_a_run_is_drawn_beside_the_one_on_bench(three: list[RunFolder]) -> None:
    """From the list; the one on Bench stays in front. Opened without marks a run is shown alone."""
    async with opened(three[0].path.parent, run=three[0]) as (pilot, app, bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == 3, "the rows")
        table = app.screen.query_one(RunsTable)
        table.move_cursor(row=table.get_row_index(three[2].id))
        await pilot.press("b")
        await together(pilot, app, bench, 2)
        assert bench.run.folder == three[0]
        await pilot.press("f3", "enter")
        await together(pilot, app, bench, 1)
        assert bench.run.folder == three[2]


# Starting another one ---------------------------------------------------------------------------------------------------


async def asked(pilot: Pilot[None], app: WorkbenchApp) -> ChoiceDialog:
    await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the question")
    assert isinstance(app.screen, ChoiceDialog)
    return app.screen


async def answer(pilot: Pilot[None], dialog: ChoiceDialog, way: str) -> None:
    """Choose an answer by its value."""
    dialog.query_one(OptionList).highlighted = [choice.value for choice in dialog._choices].index(way)
    await pilot.press("enter")


def begun_here(monkeypatch: pytest.MonkeyPatch) -> list[RunWriter]:
    """Runs that are started get no worker: this process writes them, queued ones as waiting."""
    writers: list[RunWriter] = []

    def begin(folder: RunFolder, *, queued: bool = False) -> int:
        writers.append(RunWriter(folder))
        if queued:
            writers[-1].set_meta(QUEUED, 5.0)
        else:
            fill(writers[-1], 1, 20)
            writers[-1].set_status("running", step=20, total=200)
        return 1

    monkeypatch.setattr(launch.WarmWorker, "train", lambda _, folder: begin(folder))
    monkeypatch.setattr(launch, "enqueue", lambda folder: begin(folder, queued=True))
    return writers


@pytest.mark.slow
async def test_a_run_is_started_beside_one_that_goes_on(live: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5 asks; both are in the same charts then, the new one in front, and leaving asks about it."""
    writers = begun_here(monkeypatch)
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await quiet(pilot)
        await pilot.press("f5")
        dialog = await asked(pilot, app)
        question = str(dialog.query_one(".question").render())
        assert question.startswith("live (running, step 40 of 500): ")
        assert [choice.value for choice in dialog._choices] == ["beside", "queue", "stop", "form", ""]
        assert "comes out the same" in dialog._choices[0].about
        await answer(pilot, dialog, "beside")
        await together(pilot, app, bench, 2)
        assert bench.run.folder == writers[0].folder
        assert app.quitting.started == [writers[0].folder]
        assert "1 live" in line_of(bench)
        writers[0].close()


@pytest.mark.slow
async def test_nothing_is_started_where_nobody_wants_it(live: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question left, the run is shown as before; so also where it is not on Bench."""
    writers = begun_here(monkeypatch)
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await quiet(pilot)
        await pilot.press("f5")
        await asked(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is bench, "Bench")
        assert (bench.run.folder, bench.run.starting) == (live.folder, "")
        bench.action_close_run()
        await pilot.press("f5")
        dialog = await asked(pilot, app)
        assert [choice.value for choice in dialog._choices] == ["beside", "queue", "stop", ""]
        assert bench.run.starting == ""
        await pilot.press("escape")
        assert writers == []


@pytest.mark.slow
async def test_a_run_waits_in_the_queue(live: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that goes on stays in front; place and reason stand on Bench and in the list; `X` there takes it out."""
    writers = begun_here(monkeypatch)
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await quiet(pilot)
        await pilot.press("Q")
        await together(pilot, app, bench, 2)
        assert bench.run.folder == live.folder
        await until(pilot, lambda: "waiting #1" in line_of(bench), "its place")
        await pilot.press("b")
        progress = bench.query_one(ProgressLine)
        await until(pilot, lambda: "waiting #1: 1000 of" in str(progress.render()), "the reason")
        assert "taken by live" in str(progress.render())
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == 2, "the rows")
        table = app.screen.query_one(RunsTable)
        waiting = writers[0].folder.id
        assert "waiting #1" in str(table.get_cell(waiting, "state"))
        table.move_cursor(row=table.get_row_index(waiting))
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        assert "out of the queue" in str(app.screen.query_one(".question").render())
        await pilot.press("y")
        taken: list[Any] = []

        def look() -> bool:
            taken.extend(writers[0].take_commands())
            return bool(taken)

        await until(pilot, look, "the command")
        assert taken[0].verb == "stop"
        writers[0].set_status("stopped", step=0)
        writers[0].set_meta(QUEUED, None)
        writers[0].answer(taken[0].id, "done")
        writers[0].close()
        await until(pilot, lambda: "stopped" in str(table.get_cell(waiting, "state")), "the end of waiting")


@pytest.mark.slow
async def test_the_form_can_be_the_next_runs_while_one_goes_on(live: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is changed then reaches nobody until it is started; turning to another run leaves it as it is."""
    writers = begun_here(monkeypatch)
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await quiet(pilot)
        await pilot.press("f5")
        await answer(pilot, await asked(pilot, app), "form")
        await until(pilot, lambda: app.screen is bench, "Bench")
        form = bench.form
        assert form is not None
        assert not form.model.live
        bench.point_at("model.hidden_size")
        await pilot.press("9", "9", "enter")
        await settled_form(pilot, bench, 99)
        await pilot.press("f5")
        dialog = await asked(pilot, app)
        assert [choice.value for choice in dialog._choices] == ["beside", "queue", "stop", ""]
        await answer(pilot, dialog, "beside")
        await together(pilot, app, bench, 2)
        assert writers[0].folder.experiment().model.config.model_dump()["hidden_size"] == 99
        assert live.take_commands() == []
        assert form.model.live
        writers[0].close()


async def settled_form(pilot: Pilot[None], bench: BenchScreen, size: int) -> None:
    def taken() -> bool:
        experiment = bench.form.experiment if bench.form is not None else None
        return experiment is not None and experiment.model.config.model_dump()["hidden_size"] == size

    await until(pilot, taken, "the value in the form")


@pytest.mark.slow
@pytest.mark.parametrize("named", [False, True])
async def test_the_form_starts_several_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool) -> None:
    """The first begins at once, the others wait for a core where none is free; Bench shows them as one group."""
    writers = begun_here(monkeypatch)
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        assert bench.form is not None
        bench.form.point_at("start.seeds")
        await pilot.press("3")
        await quiet(pilot)
        assert bench.form.experiment is not None
        assert "seeds" not in bench.form.experiment.to_toml()
        if named:
            bench.action_start_named()
            await until(pilot, lambda: isinstance(app.screen, TextDialog), "the question")
            await pilot.press(*"wide", "enter")
        else:
            await pilot.press("f5")
        await together(pilot, app, bench, 3)
        assert [writer.folder.experiment().training.seed for writer in writers] == [0, 1, 2]
        assert app.quitting.started == [writer.folder for writer in writers]
        assert bench.run.folder == writers[0].folder
        assert bench.workspace is not None
        assert bench.workspace.race.is_group
        shown = line_of(bench)
        assert "1 seed 0" in shown
        assert shown.count("waiting #") == 2
        names = {run.name for run in list_runs(tmp_path / "runs")}
        assert names == ({"wide seed 0", "wide seed 1", "wide seed 2"} if named else {""})
        assert all("seeds" not in writer.folder.experiment_path.read_text() for writer in writers)
        await until(pilot, lambda: bench.workspace is not None and bench.workspace.charts.first.view.band is not None, "a band")
        for writer in writers:
            writer.set_status("stopped", step=20)
            writer.close()


@pytest.mark.slow
async def test_a_wrong_number_of_seeds_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says why, F5 too, and with the default again a single run is started."""
    writers = begun_here(monkeypatch)
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        form = bench.form
        assert form is not None
        form.point_at("start.seeds")
        form.model.values.set("start.seeds", 50)
        form._edited()
        await quiet(pilot)
        assert form.experiment is None
        assert "expected a whole number, 1 to 20" in form.model.row_problems()["start", "seeds"]
        await pilot.press("f5")
        await quiet(pilot)
        assert writers == []
        assert any("seeds" in notification.message for notification in app._notifications)
        form.model.values.set("start.seeds", None)
        form._edited()
        await quiet(pilot)
        assert form.experiment is not None
        await pilot.press("f5")
        await until(pilot, lambda: len(writers) == 1, "a single run")
        writers[0].close()
