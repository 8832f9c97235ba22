"""The panel Ablation on real checkpoints: the numbers of the command line, at every size, by keys and by mouse."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Tab, Tabs

from tests.training.driving import experiment
from tests.tui.running import HereAnswered, opened, quiet, until
from workbench.cli.app import run as run_command
from workbench.experiment.presets import DEFAULT_PRESET
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import checkpoint_path
from workbench.training.parts import Part
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bench.panel_area import Panels
from workbench.tui.glyphs import UNICODE
from workbench.tui.panels._ablation_scores import AblationScores
from workbench.tui.panels._parts_list import PartsList, part_rows
from workbench.tui.panels.ablation import AblationBoard
from workbench.tui.run.ablations import Ablations
from workbench.tui.screens.bench import BenchScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
LAYER = "backbone.layers.0"
SAMPLES = 100
"""As many as an evaluation of the run takes."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small GRU on the echo task, at its end after 20 steps, with checkpoints at 10, 15 and 20."""
    from workbench.training import worker  # torch

    folder = RunFolder.create(tmp_path_factory.mktemp("trained"), experiment(model__name="gru", training__keep_last=3), "gru")
    assert worker.work(folder) == 0
    return folder


@pytest.fixture
def run(trained: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of it that may be changed."""
    folder = RunFolder(tmp_path / "runs" / trained.id)
    shutil.copytree(trained.path, folder.path)
    return folder


Told = Mapping[str, dict[str, Any]]
"""Part -> what it scores; `intact` too."""


def told(run: RunFolder, step: int, *parts: str) -> Told:
    """What `workbench ablate --json` says."""
    words = ["ablate", f"{run.id}@{step}", *parts, "--samples", str(SAMPLES), "--json", "--runs-dir", str(run.path.parent)]
    with redirect_stdout(StringIO()) as out:
        assert run_command(words) == 0
    answer = json.loads(out.getvalue())
    return {"intact": answer["intact"], **{one["part"]: one for one in answer["ablated"]}}


@pytest.fixture(scope="module")
def expected(trained: RunFolder) -> Told:
    """What it says of the newest checkpoint."""
    return told(trained, 20, "reset_gate", "update_gate", *(f"unit:{number}" for number in range(8)))


def board_of(bench: BenchScreen) -> AblationBoard:
    return bench.query_one(Panels).query_one("#ablation AblationBoard", AblationBoard)


def said(bench: BenchScreen) -> str:
    """The line of words above, as far as it is seen."""
    words = board_of(bench).query_one(".summary", Words)
    return " ".join(" ".join(words.render_line(row).text for row in range(words.size.height)).split())


def listed(bench: BenchScreen) -> list[str]:
    """The lines of the list, each with single blanks."""
    parts = board_of(bench).query_one(PartsList)
    return [" ".join(str(option.prompt).split()) for option in parts.options]


def scores(bench: BenchScreen) -> list[str]:
    """The lines at the right."""
    text = board_of(bench).query_one(AblationScores).query_one(Words)
    return [text.render_line(row).text.rstrip() for row in range(text.size.height)]


@asynccontextmanager
async def looked_at(
    run: RunFolder, size: tuple[int, int] = (120, 40), *, measured: bool = True
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, BenchScreen]]:
    """The app on the run, its panel in front, and by default the intact model measured."""
    async with opened(run.path.parent, run=run, size=size, preset=DEFAULT_PRESET) as (pilot, app, bench):
        panels = bench.query_one(Panels)
        panels.query_one(Tabs).focus()  # as a click on the tab does
        panels.active = "ablation"
        await until(pilot, lambda: panels.shown == "ablation" and bool(said(bench)), "the panel")
        if measured:
            await until(pilot, lambda: board_of(bench)._shown.intact is not None, "the intact model")
        board_of(bench).query_one(PartsList).focus()
        await pilot.pause()
        yield pilot, app, bench


async def idle(pilot: Pilot[None], bench: BenchScreen) -> None:
    """Nothing is being measured."""
    await until(pilot, lambda: not board_of(bench)._shown.busy, "the measuring")
    await quiet(pilot)


def test_many_parts_are_folded_and_paged() -> None:
    """Of sixty-four units there is one line; unfolded, half of them and a line for the others. Layers have headings."""
    parts = {"layers.0/unit": 64, "layers.0/skip": 0, "layers.1/unit": 64}

    def labels(**opened: int) -> list[str]:
        pages = {f"layers.{name[-1]}/unit": count for name, count in opened.items()}
        rows = part_rows(parts, pages, Ablations(20), "loss", UNICODE)
        assert len({row.id for row in rows}) == len(rows)
        return [f"{row.before}{row.label}" for row in rows]

    folded = ["layers.0", "▸ unit ×64", "  skip", "layers.1", "▸ unit ×64"]
    assert labels() == folded
    first = [f"    {number}" for number in range(32)]
    assert labels(of_0=1) == [folded[0], "▾ unit ×64", *first, "    32 more …", *folded[2:]]
    assert labels(of_1=2) == [*folded[:4], "▾ unit ×64", *first, *(f"    {number}" for number in range(32, 64))]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_part_is_switched_off_at_every_size(
    here: HereAnswered, run: RunFolder, expected: Told, size: tuple[int, int]
) -> None:
    """Its scores stand beside the intact ones, as the command line has them, with the change; and in the whole screen."""
    before, after = (expected[name]["metrics"] for name in ("intact", f"{LAYER}/update_gate"))
    async with looked_at(run, size) as (pilot, _app, bench):
        assert said(bench).startswith(f"step 20 · {SAMPLES} validation samples")
        assert listed(bench) == ["reset_gate", "update_gate", "▸ unit ×8"]
        await pilot.press("down", "enter")
        await idle(pilot, bench)
        known = board_of(bench)._shown.off[Part(f"{LAYER}/update_gate")]
        assert known.metrics == after
        intact = board_of(bench)._shown.intact
        assert intact is not None
        assert intact.metrics == before
        change = after["accuracy"] - before["accuracy"]
        assert listed(bench)[1].endswith(f"{change:+.3g} ✗")
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is not None, "the whole screen")
        await pilot.pause()
        lines = scores(bench)
        assert all(len(line) <= board_of(bench).query_one(AblationScores).size.width for line in lines)
        (accuracy,) = (line.split() for line in lines if line.startswith("accuracy"))
        assert accuracy[1:3] == [f"{before['accuracy']:.4g}", f"{after['accuracy']:.4g}"]
        assert accuracy[3] == f"{change:+.3g}"
        assert accuracy[4] in ("worse", "✗")
        assert any("intact" in line and expected["intact"]["items"][0]["predicted"] in line for line in lines)
        assert any("without" in line and expected[f"{LAYER}/update_gate"]["items"][0]["predicted"] in line for line in lines)
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is None, "the charts again")


@pytest.mark.slow
async def test_all_units_are_ranked_as_they_are_measured(here: HereAnswered, run: RunFolder, expected: Told) -> None:
    """The one that is missed most comes first; `escape` stops, and going on measures the rest alone."""
    names = [f"{LAYER}/unit:{number}" for number in range(8)]
    async with looked_at(run) as (pilot, _app, bench):
        here.gate.clear()
        await pilot.press("down", "down", "a")
        await until(pilot, lambda: "measuring unit:0, 7 to go" in said(bench), "the first unit")
        assert listed(bench)[2:5] == ["▾ unit ×8 0 of 8", "0 now", "1 waits"]
        await pilot.press("escape")
        await until(pilot, lambda: "measuring" not in said(bench), "the end of it")
        assert listed(bench)[2:5] == ["▾ unit ×8", "0", "1"]
        here.gate.set()
        await quiet(pilot)
        assert not board_of(bench)._shown.off
        await pilot.press("a")
        await idle(pilot, bench)
        drop = {name: expected["intact"]["metrics"]["accuracy"] - expected[name]["metrics"]["accuracy"] for name in names}
        order = sorted(names, key=lambda name: -drop[name])
        assert [row.split()[0] for row in listed(bench)[3:]] == [name.rpartition(":")[2] for name in order]
        worst = order[0].rpartition("/")[2]
        assert f"missed most: {worst} {-drop[order[0]]:.3g}" in said(bench)
        assert listed(bench)[2].startswith(f"▾ unit ×8 :{worst.rpartition(':')[2]} ")
        await pilot.press("v")
        loss = {name: expected[name]["metrics"]["loss"] for name in names}
        assert [int(row.split()[0]) for row in listed(bench)[3:]] == [
            int(name.rpartition(":")[2]) for name in sorted(names, key=lambda name: -loss[name])
        ]
        asked = len(here.asked)
        await pilot.press("a", "A")
        await idle(pilot, bench)
        assert len(here.asked) == asked
        await pilot.press("left")
        await until(pilot, lambda: len(listed(bench)) == 3, "the list folded")
        assert board_of(bench).query_one(PartsList).highlighted == 2


async def test_the_mouse_folds_and_switches_off(here: HereAnswered, run: RunFolder) -> None:
    """A click on a part measures it, a click on the head of several unfolds them."""
    async with looked_at(run) as (pilot, _app, bench):
        parts = board_of(bench).query_one(PartsList)
        await pilot.click(parts, offset=(5, 2))
        await until(pilot, lambda: len(listed(bench)) == 11, "the units")
        await pilot.click(parts, offset=(5, 4))
        await until(pilot, lambda: Part(f"{LAYER}/unit", 1) in board_of(bench)._shown.off, "unit 1")
        assert [question for question, _ in here.asked] == ["parts", "ablate", "ablate"]


@pytest.mark.slow
async def test_the_checkpoint_is_that_of_the_moment(here: HereAnswered, run: RunFolder) -> None:
    """The newest one up to the moment shown; the part under the cursor is measured there too, and what is known stays known."""
    async with looked_at(run) as (pilot, _app, bench):
        await pilot.press("enter")
        await idle(pilot, bench)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: said(bench).startswith("step 10 "), "the earlier checkpoint")
        await idle(pilot, bench)
        shown = board_of(bench)._shown
        assert shown.step == 10
        assert shown.off[Part(f"{LAYER}/reset_gate")].metrics == told(run, 10, "reset_gate")[f"{LAYER}/reset_gate"]["metrics"]
        asked = len(here.asked)
        assert bench.workspace is not None
        bench.workspace.show_moment(bench.workspace.moment.at(17))
        await until(pilot, lambda: said(bench).startswith("step 15 · the newest checkpoint up to 17"), "the one before")
        await idle(pilot, bench)
        bench.workspace.show_moment(bench.workspace.moment.at(3))
        await until(pilot, lambda: said(bench).startswith("step 10 · the first checkpoint, past 3"), "the first one")
        await idle(pilot, bench)
        assert len(here.asked) == asked + 2  # intact and without, at 15
        bench.workspace.show_moment(bench.workspace.moment.live)
        await until(pilot, lambda: said(bench).startswith("step 20 "), "the newest")


def saved(writer: RunWriter, step: int) -> None:
    """As a worker saves a checkpoint."""
    shutil.copy(checkpoint_path(writer.folder, 20), checkpoint_path(writer.folder, step))
    writer.event("checkpoint", f"step {step}", step)
    writer.flush()


@pytest.mark.slow
async def test_a_run_that_goes_on(here: HereAnswered, run: RunFolder) -> None:
    """What was measured stays while newer checkpoints come, until one asks; of a paused run its own moment is offered."""
    writer = RunWriter(run)
    writer.set_status("running", step=23, total=100)
    async with looked_at(run) as (pilot, _app, bench):
        assert said(bench).startswith("step 20 · the run is at 23, s saves a checkpoint")
        await pilot.press("enter")
        await idle(pilot, bench)
        checkpoint_path(run, 10).unlink()
        saved(writer, 25)
        writer.set_status("running", step=26, total=100)
        await until(pilot, lambda: "r measures step 25" in said(bench), "the newer checkpoint")
        assert board_of(bench)._shown.step == 20
        await pilot.press("r")
        await until(pilot, lambda: said(bench).startswith("step 25 "), "the newer one")
        await idle(pilot, bench)
        assert Part(f"{LAYER}/reset_gate") in board_of(bench)._shown.off
        writer.set_status("paused", step=28, total=100)
        await until(pilot, lambda: "the run is at 28, s saves a checkpoint" in said(bench), "the pause")
        saved(writer, 28)
        await until(pilot, lambda: said(bench).startswith("step 28 "), "the run's own moment")
        await idle(pilot, bench)
        here.gate.clear()
        await pilot.press("down", "enter")
        await until(pilot, lambda: "measuring" in said(bench), "another part")
        here.gate.set()
        bench.action_close_run()
        await until(pilot, lambda: not said(bench), "no run")
        tab = bench.query_one(Panels).query_one("#--content-tab-ablation", Tab)
        assert tab.has_class("-hidden")
    writer.set_status("stopped")
    writer.close()


async def test_what_cannot_be_is_said_in_a_line(here: HereAnswered, run: RunFolder) -> None:
    """A damaged checkpoint; `r` tries again, and finds what was put right."""
    path = checkpoint_path(run, 20)
    content = path.read_bytes()
    path.write_bytes(content[:1000])
    async with looked_at(run, measured=False) as (pilot, _app, bench):
        await until(pilot, lambda: "not a readable checkpoint" in said(bench), "the problem")
        assert listed(bench) == []
        path.write_bytes(content)
        await pilot.press("r")
        await until(pilot, lambda: len(listed(bench)) == 3, "the parts")
        await idle(pilot, bench)
        assert "readable" not in said(bench)


@pytest.mark.slow
async def test_a_model_without_parts_says_so(here: HereAnswered, run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it loads that is said; then that there is nothing to switch off, and nothing is measured."""
    from workbench.training import questions

    monkeypatch.setitem(questions.QUESTIONS, "parts", lambda run, step: {"parts": {}})
    here.gate.clear()
    async with looked_at(run, measured=False) as (pilot, _app, bench):
        assert said(bench).startswith("step 20 · loading its model in another process")
        here.gate.set()
        await until(pilot, lambda: "nothing to switch off" in said(bench), "the answer")
        await pilot.press("a", "enter", "v", "escape")
        await quiet(pilot)
        assert [question for question, _ in here.asked] == ["parts"]


@pytest.mark.slow
async def test_what_was_measured_is_copied_and_saved(here: HereAnswered, run: RunFolder, expected: Told) -> None:
    """As text, as SVG, and as CSV with the numbers of the command line."""
    async with looked_at(run) as (pilot, app, bench):
        await pilot.press("down", "enter", "down", "right", "down", "enter")
        await idle(pilot, bench)
        await pilot.press("C")
        assert app.clipboard.startswith("step 20, validation\n\nmetric")
        assert "without" in app.clipboard
        assert f"{LAYER}/update_gate" in app.clipboard  # in the table of all
        await pilot.press("w")
        await until(pilot, (run.exports_path / "ablation-20.csv").exists, "the files")
        await quiet(pilot)
    rows = list(csv.DictReader((run.exports_path / "ablation-20.csv").read_text(encoding="utf-8").splitlines()))
    found = {(row["row"], row["column"]): row["value"] for row in rows if row["picture"] == "scores without a part"}
    for part in (f"{LAYER}/update_gate", f"{LAYER}/unit:0"):
        assert float(found[part, "loss"]) == pytest.approx(expected[part]["metrics"]["loss"], rel=1e-3)
        assert found[part, "loss is"] == "worse"
    answers = {(row["row"], row["column"]): row["value"] for row in rows if row["picture"] == "predictions without a part"}
    without = expected[f"{LAYER}/update_gate"]["items"][0]["predicted"]
    assert answers["1", f"without {LAYER}/update_gate"] == without
    assert (run.exports_path / "ablation-20.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (run.exports_path / "ablation-20.txt").read_text(encoding="utf-8") == app.clipboard


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["NO_COLOR", "WORKBENCH_ASCII"])
async def test_nothing_is_told_by_colour_alone(
    here: HereAnswered, run: RunFolder, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verdicts are signs and words, in ASCII where the terminal knows no more."""
    monkeypatch.setenv(variable, "1")
    async with looked_at(run, (120, 40)) as (pilot, app, bench):
        await pilot.press("enter")
        await idle(pilot, bench)
        assert listed(bench)[0].split()[-1] in (("✗", "✓") if variable == "NO_COLOR" else ("!", "ok"))
        strips = app.screen._compositor.render_strips()
        assert variable == "NO_COLOR" or all(segment.text.isascii() for strip in strips[20:-2] for segment in strip)


@pytest.mark.slow
async def test_a_process_of_its_own_answers_and_ends_with_the_interface(run: RunFolder, expected: Told) -> None:
    """Nothing of the run is altered; the second answer needs no loading; leaving in the midst of a question leaves no process."""
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    async with looked_at(run, (80, 24), measured=False) as (pilot, app, bench):
        await until(pilot, lambda: board_of(bench)._shown.intact is not None, "the intact model", 90)
        await pilot.press("enter")
        await idle(pilot, bench)
        assert (
            board_of(bench)._shown.off[Part(f"{LAYER}/reset_gate")].metrics
            == told(run, 20, "reset_gate")[f"{LAYER}/reset_gate"]["metrics"]
        )
        worker = app.run_control.asking._worker
        assert worker is not None
        process = worker._process
        assert process is not None
        assert process.poll() is None
        os.kill(process.pid, signal.SIGSTOP)  # else it might have answered by then
        await pilot.press("down", "enter")
        await until(pilot, lambda: "measuring" in said(bench), "a question")
    assert process.poll() is not None
    assert {path: path.read_bytes() for path in before} == before
