"""Passages of alike activity in the panels: steps are marked by keys and pointer, passages found, listed, copied and saved."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.training.driving import experiment
from tests.tui.running import opened, quiet, until
from tests.tui.test_probe_panels import board, drawn, panes, said, turned
from workbench.plotting.pictures import Concordance
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch, worker
from workbench.training.alike import find_alike
from workbench.training.inference import load_model
from workbench.tui.panels._pane import PicturePane
from workbench.tui.panels._probe import ProbeBoard
from workbench.tui.screens.bench import BenchScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
LAYER = "backbone.layers.0"
PRESET = "recurrent/elman_parity"
"""What stands in the form."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small GRU on the parity of bits, with snapshots and checkpoints at steps 10 and 20."""
    wanted = experiment(model__name="gru", data__name="parity", data__length=12, training__keep_last=5)
    folder = RunFolder.create(tmp_path_factory.mktemp("runs"), wanted, "gru")
    assert worker.work(folder) == 0
    return folder


class Process:
    """Stands for the process that answers, which it does from this one, once the test lets it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.may = threading.Event()
        self.may.set()

    def request(self, question: str, **arguments: Any) -> dict[str, Any]:
        from workbench.training.questions import QUESTIONS

        self.asked.append({"question": question, **arguments})
        assert self.may.wait(30)
        return QUESTIONS[question](**arguments)

    def interrupt(self) -> None:
        self.may.set()

    def close(self) -> None:
        self.may.set()


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    """In place of the real one."""
    made = Process()
    monkeypatch.setattr(launch, "WarmWorker", lambda: made)
    return made


def heatmap(bench: BenchScreen, kind: str = "states") -> PicturePane:
    """The pane of units by steps."""
    return next(pane for pane in panes(bench, kind) if pane.picture is not None and pane.picture.step_at(0) is not None)


def listed(bench: BenchScreen, kind: str = "states") -> Concordance | None:
    """The list of passages, where it is seen."""
    pictures = [pane.picture for pane in panes(bench, kind)]
    return next((picture for picture in pictures if isinstance(picture, Concordance)), None)


def key_line(bench: BenchScreen) -> set[str]:
    """Descriptions of the keys that work now."""
    return {active.binding.description for active in bench.active_bindings.values() if active.enabled}


async def marked(pilot: Pilot[None], bench: BenchScreen, kind: str = "states") -> ProbeBoard:
    """The panel with steps 3 to 5 of the first sample marked by keys."""
    await turned(pilot, bench, kind)
    heatmap(bench, kind).focus()
    await pilot.press("right", "right", "right", "shift+right", "shift+right")
    await until(pilot, lambda: "steps 3 to 5 marked" in said_whole(bench, kind), "the mark")
    return board(bench, kind)


def said_whole(bench: BenchScreen, kind: str = "states") -> str:
    """The line of words, also what has no room."""
    return str(board(bench, kind)._said)


def expected(trained: RunFolder, step: int, kind: str = "states", name: str = LAYER, **asked: Any) -> list[tuple[int, int]]:
    """Sample and first step of the passages that the search finds."""
    with RunReader(trained) as reader:
        index = reader.probes("samples")[0].info["indices"][0]
    found = find_alike(load_model(trained, step), kind, name, index, (3, 5), **asked)
    return [(hit.index, hit.first) for hit in found.hits]


def shown(picture: Concordance | None) -> list[tuple[int, int]]:
    """Sample and first step of the listed passages, without the marked one."""
    assert picture is not None
    return [(int(entry.heads[0]), int(entry.heads[1].split("-")[0])) for entry in picture.entries[1:]]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_passages_are_found_listed_and_left(trained: RunFolder, process: Process, size: tuple[int, int]) -> None:
    """Marked by keys, found by F, listed within their room beside or above the marked picture, and taken back step by step."""
    async with opened(trained.path.parent, run=trained, size=size, preset=PRESET) as (pilot, _app, bench):
        await marked(pilot, bench)
        assert {"Find alike", "Alike in unit", "Back"} <= key_line(bench)
        assert any("[" in line and "=]" in line for line in drawn(heatmap(bench)).split("\n")), "seen without colour"
        await pilot.press("F")
        await until(pilot, lambda: listed(bench) is not None, "the passages")
        assert shown(listed(bench)) == expected(trained, 20)
        assert said(bench, "states").startswith("checkpoint of step 20,")
        for pane in panes(bench, "states"):
            assert all(len(line) <= pane.size.width for line in drawn(pane).split("\n"))
        if size[1] >= 40:
            assert "=]" in drawn(heatmap(bench)), "the marked picture is seen too"
        first = panes(bench, "states")[0]
        assert first.has_focus
        await pilot.press("down", *["down"] * 10)
        assert first.cursor == (10, 0)
        assert f"{shown(listed(bench))[9][0]}" in drawn(first), "the page of the cursor"
        await pilot.press("m")
        await until(pilot, lambda: bench.maximized is not None, "the whole screen")
        assert "distance" in drawn(panes(bench, "states")[0])
        await pilot.press("escape")
        await until(pilot, lambda: listed(bench) is None, "the figures")
        assert bench.maximized is not None
        assert "steps 3 to 5 marked" in said_whole(bench)
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in said_whole(bench), "the mark to go")
        assert bench.maximized is not None, "step by step: the whole screen goes last"
        await pilot.press("escape")
        await until(pilot, lambda: bench.maximized is None, "all of it")


async def test_gates_and_single_units_are_compared(trained: RunFolder, process: Process) -> None:
    """The gate that is shown; the unit that was chosen, or the one under the cursor."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, _app, bench):
        await marked(pilot, bench, "gates")
        name = board(bench, "gates")._look.chosen.name  # type: ignore[union-attr]
        await pilot.press("F")
        await until(pilot, lambda: listed(bench, "gates") is not None, "the passages")
        assert shown(listed(bench, "gates")) == expected(trained, 20, "gates", name)
        await marked(pilot, bench)
        pane = heatmap(bench)
        assert pane.picture is not None
        unit = pane.picture.unit_at(0, 0)
        await pilot.press("t")
        await until(pilot, lambda: listed(bench) is not None, "the passages")
        assert process.asked[-1]["unit"] == unit
        assert shown(listed(bench)) == expected(trained, 20, unit=unit)
        await pilot.press("escape", "u", "t")
        await until(pilot, lambda: listed(bench) is not None, "the passages of another unit")
        assert process.asked[-1]["unit"] == 0


async def test_the_pointer_marks_steps(trained: RunFolder, process: Process) -> None:
    """Drawn over them with the button down, in either direction, beyond the edge too; a click marks nothing."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, _app, bench):
        await turned(pilot, bench, "states")
        pane, search = heatmap(bench), board(bench, "states")._alike
        cells = pane._draw()
        assert cells is not None
        columns = [next(x for x in range(pane.size.width) if (cells.at(2, x) or (0, -1))[1] == step) for step in range(12)]
        await pilot.click(pane, offset=(columns[4], 2))
        assert search.mark is None
        await pilot.mouse_down(pane, offset=(columns[4], 2))
        await pilot.hover(pane, offset=(columns[6], 3))
        await pilot.mouse_up(pane, offset=(columns[6], 3))
        await until(pilot, lambda: search.mark == (5, 7), "steps 5 to 7")
        await pilot.hover(pane, offset=(columns[2], 2))
        assert search.mark == (5, 7), "the button is up"
        await pilot.mouse_down(pane, offset=(columns[3], 2))
        await pilot.hover(pane, offset=(columns[5], 2))
        await pilot.hover(pane, offset=(columns[3], 2))
        await until(pilot, lambda: search.mark == (4, 4), "the one step where it began")
        await pilot.hover(pane, offset=(0, 2))
        await pilot.mouse_up(pane, offset=(0, 2))
        await until(pilot, lambda: search.mark == (1, 4), "up to the edge")


async def test_a_search_can_be_given_up(trained: RunFolder, process: Process) -> None:
    """It says that it looks; escape ends that, and what is found later is not shown."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, _app, bench):
        await marked(pilot, bench)
        process.may.clear()
        await pilot.press("F")
        await until(pilot, lambda: "Looking for passages alike to steps 3 to 5 ..." in said_whole(bench), "that it looks")
        assert "Find alike" not in key_line(bench)
        await pilot.press("escape")
        assert "Looking" not in said_whole(bench)
        process.may.set()
        await quiet(pilot)
        assert listed(bench) is None
        assert "steps 3 to 5 marked" in said_whole(bench)


async def test_another_moment_or_sample_has_other_passages(trained: RunFolder, process: Process) -> None:
    """An earlier moment keeps the mark, and its own checkpoint is searched; of another sample nothing is marked."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, _app, bench):
        await marked(pilot, bench)
        await pilot.press("F")
        await until(pilot, lambda: listed(bench) is not None, "the passages")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: listed(bench) is None and "step 10" in said_whole(bench), "the earlier states")
        assert "steps 3 to 5 marked" in said_whole(bench)
        await pilot.press("F")
        await until(pilot, lambda: listed(bench) is not None, "the passages of then")
        assert process.asked[-1]["step"] == 10
        assert shown(listed(bench)) == expected(trained, 10)
        await pilot.press("full_stop")
        await until(pilot, lambda: "sample 2 of 4" in said_whole(bench), "the next sample")
        assert "marked" not in said_whole(bench)


async def test_what_cannot_be_looked_for_is_told(trained: RunFolder, process: Process) -> None:
    """No checkpoint so early; a unit that never changes, in the words of the search."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, app, bench):
        notes: list[str] = []
        app.notify = lambda message, **_: notes.append(message)  # type: ignore[method-assign]
        made = await marked(pilot, bench)
        assert made._run is not None
        object.__setattr__(made._run, "checkpoints", (21,))
        await pilot.press("F")
        await until(pilot, lambda: bool(notes), "a word")
        assert "No checkpoint at or before step 20" in notes[0]
        assert process.asked == []


async def test_passages_are_copied_and_saved(trained: RunFolder, process: Process) -> None:
    """As text with the figures, and as three files of their own name."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, app, bench):
        await marked(pilot, bench)
        await pilot.press("F")
        await until(pilot, lambda: listed(bench) is not None, "the passages")
        await pilot.press("C")
        assert "passages alike to steps 3 to 5" in app.clipboard
        assert "marked" in app.clipboard
        await pilot.press("w")
        path = trained.exports_path / "states-20-alike-3-5.csv"
        await until(pilot, path.exists, "the files")
        await quiet(pilot)
        rows = path.read_text(encoding="utf-8").splitlines()
        assert sum(",distance," in row for row in rows) == 11
        assert path.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg")
        assert "units by steps" in path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.slow
async def test_the_process_that_draws_has_it_done_by_another_one(trained: RunFolder) -> None:
    """The same passages from a real process."""
    async with opened(trained.path.parent, run=trained, preset=PRESET) as (pilot, _app, bench):
        await marked(pilot, bench)
        await pilot.press("F")
        await until(pilot, lambda: listed(bench) is not None, "the passages")
        assert shown(listed(bench)) == expected(trained, 20)
