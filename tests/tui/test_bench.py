"""Bench on run folders: what is shown, what each key asks of the worker, and layouts from tiny to wide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, until
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.app import WorkbenchApp
from workbench.tui.bench.panel_area import Panels
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.bindings import TABLE
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.view import ChartView
from workbench.tui.panels.predictions import Predictions
from workbench.tui.run.data import RunData
from workbench.tui.run.watcher import RunWatcher
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.session import Session, save_session
from workbench.tui.widgets.event_log import EventList, WorkerLog
from workbench.tui.widgets.title_bar import TitleBar


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def live(tmp_path: Path) -> Iterator[RunWriter]:
    """A run that this process works on: 40 of 500 steps done."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(training__steps=500), name="live"))
    writer.event("started", "started", 0)
    fill(writer, 1, 40)
    writer.set_status("running", step=40, total=500)
    yield writer
    writer.close()


@pytest.mark.parametrize(("left", "words"), [(0.0, "ETA 1 s"), (0.012, "ETA 1 s"), (12.0, "ETA 12 s")])
async def test_what_is_left_is_told_in_whole_seconds(
    left: float, words: str, live: RunWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the last moment: nobody waits for milliseconds."""
    monkeypatch.setattr(RunData, "eta_s", property(lambda _run: left))
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        line = bench.query_one(ProgressLine)
        await until(pilot, lambda: words in str(line.render()), words)


async def test_an_ended_run_is_shown_whole(tmp_path: Path) -> None:
    """Charts, progress, title, predictions, events and log of a finished run stand on the screen."""
    run = make_run(tmp_path / "runs")
    run.log_path.write_text("worker ready\n")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        assert bench.workspace is not None
        assert bench.workspace.charts.first.view.data.lines[0].steps.tolist() == list(range(1, 201))
        assert [line.name for line in bench.workspace.charts.second.view.data.lines] == ["validation"]
        assert "200 / 200" in str(bench.query_one(ProgressLine).render())
        assert "finished" in str(bench.query_one(TitleBar).render())
        assert "demo" in str(bench.query_one(TitleBar).render())
        panels = bench.query_one(Panels)
        for name in ("predictions", "events", "log"):
            panels.active = name
            await pilot.pause()
        text = str(bench.query_one(Predictions).query_one(".summary").render())
        assert "step 200 · validation" in text
        assert bench.query_one(EventList).option_count == 6
        assert "worker ready" in "\n".join(bench.query_one(WorkerLog).lines)


async def test_curves_grow_while_the_run_goes_on(live: RunWriter) -> None:
    """Rows that are written while the run is watched appear without a key, and the last state too."""
    folder = live.folder
    async with opened(folder.path.parent, run=folder) as (pilot, _app, bench):
        assert bench.workspace is not None
        loss = bench.workspace.charts.first
        fill(live, 41, 60)
        live.set_status("running", step=60, total=500)
        await until(pilot, lambda: len(loss.view.data.lines[0].steps) == 60, "the new steps")
        live.set_status("finished", step=60, total=500)
        await until(pilot, lambda: bench.run.data is not None and bench.run.data.status.state == "finished", "the end")


async def test_crosshair_and_options_are_shared(tmp_path: Path) -> None:
    """The crosshair stands at the same step in both charts; smoothing and x axis are shared, log y is each chart's own."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        loss, gradient = bench.workspace.charts.first, bench.workspace.charts.second
        loss.focus()
        await pilot.press("left", "left")
        await pilot.pause()
        assert loss.view.crosshair == gradient.view.crosshair
        await pilot.press("a", "right_curly_bracket", "y")
        await pilot.pause()
        assert loss.view.options.axis is gradient.view.options.axis
        assert loss.view.options.smoothing == gradient.view.options.smoothing
        assert loss.view.options.log_y is not gradient.view.options.log_y
        assert app.store.session.charts["loss"] == loss.view.options


async def test_a_chart_is_written_into_the_run(tmp_path: Path) -> None:
    """`w` writes SVG, text and CSV into the exports of the run."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("w")
        await until(pilot, lambda: any(note.title == "loss written" for note in app._notifications), "the files")
    assert {path.name for path in run.exports_path.iterdir()} == {"loss.svg", "loss.txt", "loss.csv"}


async def test_maximise_a_chart(tmp_path: Path) -> None:
    """`m` gives the focused chart or panel, else the loss chart, the whole screen; `m` and `esc` take it back."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.second.focus()
        await pilot.press("m")
        assert bench.maximized is bench.workspace.charts.second
        await pilot.press("m")
        assert bench.maximized is None
        panels = bench.query_one(Panels)
        panels.query_one("Tabs").focus()
        await pilot.press("m")
        assert bench.maximized is panels
        await pilot.press("escape")
        assert bench.maximized is None
        bench.set_focus(None)
        await pilot.press("m")
        assert bench.maximized is bench.workspace.charts.first
        await pilot.press("left", "escape")
        assert bench.maximized is None


async def test_a_key_turns_to_the_next_panel(tmp_path: Path) -> None:
    """`p` goes round the tabs that the run has, wherever the focus is, and `P` goes back."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        panels = bench.query_one(Panels)
        shown = panels.offered(bench.run.data)
        assert len(shown) > 3
        begun = shown.index(panels.active)
        seen = []
        for _ in shown:
            await pilot.press("p")
            seen.append(panels.active)
        assert seen == [*shown[begun + 1 :], *shown[: begun + 1]]
        await pilot.press("P")
        assert panels.active == shown[begun - 1]


async def test_a_narrow_terminal_has_one_chart_and_a_drawer(tmp_path: Path) -> None:
    """At 80x24 one chart and the progress line are seen, `d` brings the form, `g` the other chart."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run, size=(80, 24)) as (pilot, _app, bench):
        assert bench.workspace is not None
        loss, gradient = bench.workspace.charts.first, bench.workspace.charts.second
        assert loss.size.width > 70
        assert loss.size.height >= 8
        assert not gradient.display
        assert bench.query_one(ProgressLine).size.height == 1
        assert str(loss.border_title) == "loss  1/2, g: mse"
        assert not bench.query_one("#sidebar").display
        await pilot.press("d")
        await until(pilot, lambda: bench.query_one("#sidebar").size.width == 80, "the form over the whole width")
        assert not bench.query_one("#main").display
        await pilot.press("f9")
        assert not bench.query_one("#sidebar").display
        assert bench.query_one("#main").display
        loss.focus()
        await pilot.press("g")
        await until(pilot, lambda: gradient.has_focus, "the other chart")
        assert gradient.display
        assert not loss.display
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: str(loss.border_title) == "loss", "both charts")
        assert loss.display


async def test_resizing_while_the_run_goes_on(live: RunWriter) -> None:
    """From 200x60 down to a single cell and back while rows arrive: nothing fails, and the charts are there again."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, _app, bench):
        assert bench.workspace is not None
        step = 41
        for width, height in ((200, 60), (99, 31), (80, 24), (40, 10), (12, 5), (2, 2), (1, 1), (120, 40)):
            fill(live, step, step + 4)
            step += 5
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        last = step - 1
        loss = bench.query_one("#first-chart", Chart)
        await until(pilot, lambda: len(loss.view.data.lines[0].steps) == last, "rows")
        assert loss.size.width > 30


async def test_close_run_clears_the_screen(tmp_path: Path) -> None:
    """`ctrl+w` shows no run any more; the run itself is left as it is."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        await pilot.press("ctrl+w")
        assert bench.run.data is None
        assert bench.workspace.charts.first.view.data.empty
        assert "demo" not in str(bench.query_one(TitleBar).render())
    assert run.database_path.exists()


async def test_a_resize_from_the_first_moment_is_survived(tmp_path: Path) -> None:
    """Sizes that change while the screen is being furnished find the charts, or none yet."""
    save_session(Session(experiment=example().to_dict()))
    app = WorkbenchApp(runs_dir=tmp_path / "runs", warm=False)
    async with app.run_test(size=(80, 24)) as pilot:
        for turn in range(8):
            await pilot.resize_terminal(*((10, 3), (160, 50), (79, 20), (120, 40))[turn % 4])
        await until(pilot, lambda: app.navigation.bench is not None and app.navigation.bench.form is not None, "the form")
    assert app.return_code is None or app.return_code == 0


async def test_a_run_that_disappears_is_no_crash(live: RunWriter) -> None:
    """A run folder deleted under the eyes of the screen is reported in one line."""
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        bench.query_one(RunWatcher).post_message(RunWatcher.Failed(live.folder, f"{live.folder.path}: gone."))
        await until(pilot, lambda: bench.run.data is None, "the screen to be cleared")
        assert any("gone" in note.message for note in app._notifications)


def test_every_bench_action_exists() -> None:
    """Every key of the table has its action."""
    owners = {"app": WorkbenchApp, "bench": BenchScreen, "chart": Chart}
    for key in TABLE:
        if key.group in owners:
            name = key.action.partition("(")[0]
            assert hasattr(owners[key.group], f"action_{name}"), key.id
        if key.action.startswith("view("):
            assert callable(getattr(ChartView, key.action.split("'")[1])), key.id


def test_ids_and_keys_are_unique() -> None:
    """No id is given twice, and within one part of the interface no key either."""
    ids = [key.id for key in TABLE]
    assert len(ids) == len(set(ids))
    for group in {key.group for key in TABLE}:
        keys = [word for key in TABLE if key.group == group for word in key.keys.split(",")]
        assert len(keys) == len(set(keys)), group


async def test_the_end_of_a_run_says_what_came_out(live: RunWriter) -> None:
    """A run that ends while it is watched is announced with its score, and the progress line keeps it."""
    fill(live, 41, 100)
    async with opened(live.folder.path.parent, run=live.folder) as (pilot, app, bench):
        await until(pilot, lambda: bench.run.live_name == "live", "the live run")
        live.log(101, {"test/mse": 0.125}, seconds=4.0, samples=6400)
        live.set_status("finished", step=101, total=500)
        await until(pilot, lambda: any("finished" in note.title for note in app._notifications), "the announcement")
        note = next(note for note in app._notifications if "finished" in note.title)
        assert "test/mse 0.125" in note.message
        line = bench.query_one(ProgressLine)
        await until(pilot, lambda: "test/mse 0.125" in str(line.content), "the result in the progress line")


async def test_a_run_that_was_asked_for_is_shown_as_soon_as_there_is_something(live: RunWriter, tmp_path: Path) -> None:
    """It is said to be on its way, then it is known and read: its curves come, and nothing is starting any more."""
    async with opened(tmp_path / "runs") as (pilot, _, bench):
        bench.run_display.begin("starting ...")
        assert bench.run.starting
        await bench.run_display.show(live.folder)
        await until(pilot, lambda: bench.run.data is not None, "the run's data")
        assert bench.run.starting == ""
        assert bench.workspace is not None
        loss = bench.workspace.charts.first
        await until(pilot, lambda: len(loss.view.data.lines[0].steps) == 40, "its curve")
