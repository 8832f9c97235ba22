"""The panels of what was recorded inside a model: at any moment, with cursor, choices and files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Tabs

from tests.plotting.snapshots import EXAMPLES, SAMPLES, example
from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, quiet, until
from workbench.comparison.compared import compare
from workbench.comparison.entries import chosen_entries
from workbench.plotting.probes import probe_views
from workbench.reports.content import Drawing, report_of
from workbench.runs.folder import RunFolder
from workbench.runs.pins import Pin, pins_of
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bench.panel_area import Panels
from workbench.tui.panels._pane import PicturePane
from workbench.tui.panels._probe import ProbeBoard
from workbench.tui.run.data import RunFeed
from workbench.tui.screens.bench import BenchScreen

STEPS = (50, 100, 150, 200)


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A finished run with four snapshots of every kind."""
    return run_of_everything(tmp_path / "runs")


def run_of_everything(root: Path) -> RunFolder:
    """A finished run with the example of every kind at each of STEPS."""
    folder = make_run(root)
    writer = RunWriter(folder)
    for step in STEPS:
        writer.probe(step, "samples", SAMPLES.name, None, SAMPLES.info)
        for kind in EXAMPLES:
            for row in example(kind, step=step):
                writer.probe(step, kind, row.name, row.array, row.info)
    writer.close()
    return folder


def board(bench: BenchScreen, kind: str) -> ProbeBoard:
    """The board of a kind in the first set of tabs."""
    return bench.query_one(Panels).query_one(f"#{kind} ProbeBoard", ProbeBoard)


def said(bench: BenchScreen, kind: str) -> str:
    """The line of words above its pictures, as far as it is seen; "" as long as it has none."""
    lines = [words.render_line(row).text for words in board(bench, kind).query(Words) for row in range(words.size.height)]
    return " ".join(" ".join(lines).split())


def panes(bench: BenchScreen, kind: str) -> list[PicturePane]:
    """The pictures that are seen."""
    return [pane for pane in board(bench, kind).query(PicturePane) if pane.display]


def drawn(pane: PicturePane) -> str:
    """A picture as it is seen."""
    return "\n".join(pane.render_line(row).text for row in range(pane.size.height))


async def turned(pilot: Pilot[None], bench: BenchScreen, kind: str) -> None:
    """The panel of a kind, read and drawn."""
    panels = bench.query_one(Panels)
    panels.query_one(Tabs).focus()  # as a click on the tab does
    panels.active = kind
    await until(pilot, lambda: said(bench, kind).startswith("step "), f"the panel {kind}")
    await quiet(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["NO_COLOR", "WORKBENCH_ASCII"])
async def test_every_kind_is_shown_without_colour(run: RunFolder, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shades are characters then, and nothing but ASCII where the terminal knows no more."""
    monkeypatch.setenv(variable, "1")
    async with opened(run.path.parent, run=run, size=(80, 24)) as (pilot, _app, bench):
        for kind in probe_views():
            await turned(pilot, bench, kind)
            for pane in panes(bench, kind):
                assert pane.mode == ("plain" if variable == "NO_COLOR" else "ascii")
                styles = [segment.style for row in range(pane.size.height) for segment in pane.render_line(row)]
                assert all(style is not None for style in styles), "a line without a style ends the interface"
                assert not any(style.bgcolor and style.bgcolor.triplet == (68, 1, 84) for style in styles if style)
            letters = "".join(map(drawn, panes(bench, kind))).replace("é", "e")
            assert variable == "NO_COLOR" or letters.isascii()


@pytest.mark.slow
async def test_one_key_moves_all_panels_and_crosshairs(run: RunFolder) -> None:
    """`[` and `]` go from snapshot to snapshot, `end` back to the newest; the next panel shows the same moment."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        workspace = bench.workspace
        assert workspace is not None
        await turned(pilot, bench, "states")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: said(bench, "states").startswith("step 100"), "an earlier state")
        assert workspace.charts.first.view.crosshair == workspace.charts.second.view.crosshair == 100
        assert str(bench.query_one(Panels).border_subtitle) == "at step 100, end: newest"
        await turned(pilot, bench, "gates")
        assert said(bench, "gates").startswith("step 100")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: said(bench, "gates").startswith("step 150"), "a later gate")
        panes(bench, "gates")[0].focus()
        await pilot.press("end")
        await until(pilot, lambda: said(bench, "gates").startswith("step 200"), "the newest gate")
        assert workspace.charts.first.view.crosshair is None
        assert not str(bench.query_one(Panels).border_subtitle)


async def test_what_is_shown_is_pinned_for_the_report_and_unpinned(run: RunFolder) -> None:
    """`!` in a panel: the report of the run then draws that step and sample."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        await turned(pilot, bench, "states")
        panes(bench, "states")[0].focus()

        def pins() -> list[Pin]:
            with RunReader(run) as reader:
                return pins_of(reader)

        await pilot.press("exclamation_mark")
        await until(pilot, lambda: len(pins()) == 1, "the pin")
        assert pins()[0].kind == "states"
        (section,) = [
            one for one in report_of(compare(chosen_entries(run.path.parent, [run.id]))).sections if "Inside" in one.heading
        ]
        assert any(isinstance(block, Drawing) and block.picture is not None for block in section.blocks)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: not pins(), "no pin")


async def test_a_click_in_a_chart_chooses_the_moment(run: RunFolder) -> None:
    """Panels show the last snapshot until then; the crosshair stays there when the pointer has gone, and scores are of then."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        workspace = bench.workspace
        assert workspace is not None
        await turned(pilot, bench, "states")
        chart = workspace.charts.first
        column = chart.view.drawing.column_of(120.0)
        assert column is not None
        await pilot.hover(chart, offset=(column + 1, 5))
        await pilot.click(chart, offset=(column + 1, 5))
        await until(pilot, lambda: said(bench, "states").startswith("step 100"), "the state before the click")
        step = workspace.moment.step
        assert step is not None
        assert abs(step - 120) < 10
        await pilot.hover(bench.query_one(Panels))
        await until(pilot, lambda: chart.view.crosshair == step, "the crosshair at the moment")
        bench.query_one(Panels).active = "metrics"
        table = bench.query_one(Panels).query_one("MetricsTable Words", Words)
        await until(
            pilot, lambda: f"at {step}" in "\n".join(table.render_line(row).text for row in range(4)), "the scores of then"
        )


async def test_the_next_panel_comes_from_within_a_picture(run: RunFolder) -> None:
    """`p` turns while a picture has the focus, of one or of several."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        panels = bench.query_one(Panels)
        await turned(pilot, bench, "confusion")
        panes(bench, "confusion")[0].focus()
        await pilot.press("p")
        await until(pilot, lambda: said(bench, "feature_maps").startswith("step "), "the next panel")
        await quiet(pilot)
        assert panels.active == panels.shown == "feature_maps"


async def test_a_live_run_shows_what_is_new(tmp_path: Path) -> None:
    """The newest snapshot comes by itself while nobody looks at an earlier one, and does not while somebody does."""
    folder = make_run(tmp_path / "runs", steps=400, done=40, state="running")
    writer = RunWriter(folder)

    def record(step: int) -> None:
        for row in example("states", step=step):
            writer.probe(step, "states", row.name, row.array, row.info)
        writer.event("evaluated", "validation: loss 1", step)
        writer.flush()

    record(50)
    record(100)
    async with opened(folder.path.parent, run=folder) as (pilot, _app, bench):
        await turned(pilot, bench, "states")
        assert said(bench, "states").startswith("step 100")
        record(150)
        await until(pilot, lambda: said(bench, "states").startswith("step 150"), "the new snapshot")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: said(bench, "states").startswith("step 100"), "an earlier one")
        record(175)
        await until(pilot, lambda: bench.workspace is not None and 175 in bench.workspace.moments, "one more")
        await quiet(pilot)
        assert said(bench, "states").startswith("step 100")
        await pilot.press("end")
        await until(pilot, lambda: said(bench, "states").startswith("step 175"), "the newest")
    writer.close()


async def test_samples_turn_in_all_panels(run: RunFolder) -> None:
    """`.` and `,` go round; the next panel has the same sample."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        await turned(pilot, bench, "attention")
        await pilot.press("full_stop")
        await until(pilot, lambda: "sample 2 of 3" in said(bench, "attention"), "the second sample")
        assert "chien" in drawn(panes(bench, "attention")[0])
        await turned(pilot, bench, "feature_maps")
        assert "sample 2 of 3" in said(bench, "feature_maps")
        await pilot.press("comma", "comma")
        await until(pilot, lambda: "sample 3 of 3" in said(bench, "feature_maps"), "the last sample")


async def test_layers_heads_and_units_have_keys(run: RunFolder) -> None:
    """`y`, `a` and `u` turn where there is a choice, and are no keys where there is none."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        await turned(pilot, bench, "attention")
        panes(bench, "attention")[0].focus()
        await pilot.press("a")
        await until(pilot, lambda: "head 2 of 2" in said(bench, "attention"), "the other head")
        assert "probe.name" not in {active.binding.id for active in bench.active_bindings.values() if active.enabled}
        await turned(pilot, bench, "states")
        panes(bench, "states")[0].focus()
        await pilot.press("y")
        await until(pilot, lambda: "encoder" in said(bench, "states"), "the other layer")
        await pilot.press("u")
        await until(pilot, lambda: any("unit 0 over" in drawn(pane) for pane in panes(bench, "states")), "the first unit")
        await pilot.press("U")
        await until(pilot, lambda: any("unit 4 over" in drawn(pane) for pane in panes(bench, "states")), "the last unit")


async def test_values_are_read_off_by_keys_and_pointer(run: RunFolder) -> None:
    """The words name what is under the cursor; enter chooses its unit; escape gives the summary back."""
    async with opened(run.path.parent, run=run) as (pilot, _app, bench):
        await turned(pilot, bench, "states")
        heatmap = panes(bench, "states")[0]
        heatmap.focus()
        await pilot.press("right", "l", "down")
        await until(pilot, lambda: "step 2 'vieux': " in said(bench, "states"), "a value")
        assert heatmap.cursor == (1, 1)
        assert "+" in drawn(heatmap)
        unit = said(bench, "states").split(",")[0]
        await pilot.press("enter")
        await until(pilot, lambda: any(f"{unit} over" in drawn(pane) for pane in panes(bench, "states")), "that unit")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: bench.workspace is not None and bench.workspace.moment.step == 150, "an earlier moment")
        await quiet(pilot)
        assert heatmap.cursor == (1, 1), "the cursor stays where one reads"
        await pilot.press("escape")
        await until(pilot, lambda: said(bench, "states").startswith("step 150"), "the summary")
        await pilot.hover(heatmap, offset=(heatmap.size.width // 2, heatmap.size.height // 2))
        await until(pilot, lambda: said(bench, "states").startswith("unit "), "the value under the pointer")


async def test_a_long_picture_has_pages(run: RunFolder) -> None:
    """The cursor turns them; a figure without room has a key."""
    async with opened(run.path.parent, run=run, size=(80, 24)) as (pilot, _app, bench):
        await turned(pilot, bench, "ridge")
        await turned(pilot, bench, "spectrum")
        first = panes(bench, "spectrum")
        assert len(first) < 3
        first[0].focus()
        before = drawn(first[0])
        await pilot.press("o")
        await until(pilot, lambda: drawn(panes(bench, "spectrum")[0]) != before, "the next figure")
        await turned(pilot, bench, "confusion")
        pane = panes(bench, "confusion")[0]
        pane.focus()
        await pilot.press("down", "down", "down", "down")
        await until(pilot, lambda: "eel" in drawn(pane), "the last class")


async def test_the_graph_names_what_is_under_the_cursor(run: RunFolder) -> None:
    """Modules from the last one down; another sample has another tree; every module is in the table."""
    async with opened(run.path.parent, run=run, size=(200, 60)) as (pilot, _app, bench):
        await turned(pilot, bench, "graph")
        assert "2,818 parameters in 3 modules" in said(bench, "graph")
        pane, table = panes(bench, "graph")
        assert "cell.symbol" in drawn(table)
        assert "cat    sat" in drawn(pane)
        pane.focus()
        await pilot.press("down")
        await until(pilot, lambda: said(bench, "graph").startswith("linear: linear; N, 2; 66 parameters"), "the last module")
        await pilot.press("down", "down")
        await until(pilot, lambda: said(bench, "graph").startswith("embedding: embedding; nodes, 16"), "a lower one")
        await pilot.press("escape", "full_stop")
        await until(pilot, lambda: "sample 2 of 3" in said(bench, "graph"), "another sample")
        assert "symbol 3" in drawn(pane)


async def test_figures_are_copied_and_written(run: RunFolder) -> None:
    """`C` copies text; `w` writes SVG, text and CSV into the run's folder."""
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        await turned(pilot, bench, "gates")
        panes(bench, "gates")[0].focus()
        await pilot.press("C")
        await until(pilot, lambda: "mean over units by t" in app.clipboard, "the text")
        await pilot.press("w")
        paths = [run.exports_path / f"gates-200.{suffix}" for suffix in ("svg", "txt", "csv")]
        await until(pilot, lambda: all(path.exists() for path in paths), "the files")
        assert paths[0].read_text(encoding="utf-8").startswith("<svg")
        assert paths[2].read_text(encoding="utf-8").startswith("picture,row,column,value\n")


def test_no_array_is_read_by_polling(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Following a run knows kinds, steps and shapes alone, however much was recorded."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an array was read")

    for name in ("probes", "probe_history"):
        monkeypatch.setattr(RunReader, name, refuse)
    feed = RunFeed(run)
    data = feed.poll()
    feed.close()
    assert data.probes["states"].steps == STEPS
    assert data.probes["states"].shapes == {"decoder": (3, 3, 4), "encoder": (3, 6, 5)}
    assert set(data.probes) == {*EXAMPLES, "samples", "predictions"}
