"""Every kind of probe that can be drawn has a panel that holds at three sizes of the terminal; a new kind is met without a test.

Two sources: one run with the example of each kind (`tests/plotting/snapshots.py`), and small runs that were really trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.plotting.snapshots import EXAMPLES
from tests.tui.harness import fixed_cards
from tests.tui.running import opened, until
from tests.tui.test_probe_panels import STEPS, board, drawn, panes, run_of_everything, said, turned
from workbench.experiment import Experiment
from workbench.plotting.probes import probe_views
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import worker
from workbench.tui.panels._probe import _shared
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.session import Session, save_session

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run with an example of each kind; the tests read it only."""
    missing = set(probe_views()) - set(EXAMPLES)
    assert not missing, f"tests/plotting/snapshots.py: EXAMPLES has nothing of {', '.join(sorted(missing))}; add an array."
    with fixed_cards():
        return run_of_everything(tmp_path_factory.mktemp("everything"))


async def check_panels(pilot: Pilot[None], bench: BenchScreen, kinds: Mapping[str, tuple[int, ...]]) -> None:
    """Words that name the moment, all pictures in turn, and another moment by one key: an earlier one, or the newest again.

    Args:
        pilot, bench: the app, with the run shown at its newest moment.
        kinds: the steps at which each kind was taken.
    """
    key, place = "left_square_bracket", -1
    for kind, steps in kinds.items():
        await turned(pilot, bench, kind)
        for turn in range(len(board(bench, kind)._pictures)):
            if turn and not board(bench, kind)._hidden:
                break
            if turn:
                board(bench, kind).action_next_picture()
                await pilot.pause()
            check_pictures(bench, kind)
        assert said(bench, kind).startswith(f"step {steps[max(place, -len(steps))]:,} "), kind
        await pilot.press(key)
        key, place = ("end", -2) if place == -1 else ("left_square_bracket", -1)
        wanted = f"step {steps[max(place, -len(steps))]:,} "
        await until(pilot, lambda kind=kind, wanted=wanted: said(bench, kind).startswith(wanted), f"{kind} at {wanted}")  # type: ignore[misc]
        check_pictures(bench, kind)


def check_pictures(bench: BenchScreen, kind: str) -> None:
    """Each picture that is seen fills lines of its pane, which lies within its panel on the screen."""
    area = board(bench, kind).region
    seen = panes(bench, kind)
    assert seen, kind
    for pane in seen:
        assert pane.region.width > 0, kind
        assert pane.region.height > 0, kind
        assert area.contains_region(pane.region), kind
        assert bench.region.contains_region(pane.region), kind
        lines = drawn(pane).split("\n")
        assert any(line.strip() for line in lines), kind
        assert all(cell_len(line) == pane.size.width for line in lines), kind


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_kind_has_a_panel_at_every_size(everything: RunFolder, size: tuple[int, int]) -> None:
    """Words, all of its pictures in turn, and an earlier moment."""
    with fixed_cards():
        async with opened(everything.path.parent, run=everything, size=size) as (pilot, _app, bench):
            await check_panels(pilot, bench, dict.fromkeys(probe_views(), STEPS))


@pytest.mark.slow
async def test_every_kind_takes_the_whole_screen(everything: RunFolder) -> None:
    """And gives it back, where there is least room."""
    with fixed_cards():
        async with opened(everything.path.parent, run=everything, size=SIZES[0]) as (pilot, _app, bench):
            for kind in probe_views():
                await turned(pilot, bench, kind)
                panes(bench, kind)[0].focus()
                await pilot.press("m")
                await until(pilot, lambda: bench.maximized is not None, "the whole screen")
                check_pictures(bench, kind)
                await pilot.press("m")
                await until(pilot, lambda: bench.maximized is None, "the charts again")


SMALL: dict[str, Any] = {
    "optimizer": {"name": "adam", "lr": 1e-3},
    "training": {"steps": 6, "batch_size": 8, "eval_every": 2, "eval_samples": 40, "checkpoint_every": 0, "threads": 1},
    "inspect": {"share": 1.0},
}
TRAINED: dict[str, dict[str, Any]] = {
    "pictures": {"model": {"name": "cnn"}, "data": {"name": "images"}},
    "series": {"model": {"name": "lstm", "hidden_size": 8}, "data": {"name": "latch", "length": 12}},
    "texts": {"model": {"name": "seq2seq", "hidden_size": 12}, "data": {"name": "reversal"}},
    "trees": {"model": {"name": "recursive"}, "data": {"name": "boolean_trees"}},
    "lengths": {"model": {"name": "generator", "hidden_size": 8}, "data": {"name": "two_lengths"}},
    "reservoir": {"model": {"name": "esn", "hidden_size": 20}, "data": {"name": "mackey_glass"}},
}
"""Experiments that together have every kind of probe."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    """The experiments, trained for six steps each."""
    root = tmp_path_factory.mktemp("trained")
    folders = {}
    for name, choice in TRAINED.items():
        folder = RunFolder.create(root, Experiment.from_dict({**SMALL, **choice}), name=name)
        assert worker.work(folder) == 0, name
        folders[name] = folder
    return folders


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
async def test_what_was_really_recorded_is_shown(trained: dict[str, RunFolder], name: str) -> None:
    """All kinds that the run has, each at the steps at which it was taken; the sizes take turns."""
    folder, size = trained[name], SIZES[list(TRAINED).index(name) % len(SIZES)]
    with RunReader(folder) as reader:
        kinds = {kind: has.steps for kind, has in reader.probe_kinds().items() if kind in probe_views()}
    save_session(Session(experiment=folder.experiment().to_dict()))
    async with opened(folder.path.parent, run=folder, size=size) as (pilot, _app, bench):
        await check_panels(pilot, bench, kinds)


@pytest.mark.slow
def test_the_trained_runs_have_every_kind(trained: dict[str, RunFolder]) -> None:
    """A kind that none of them records is not seen as it really is: another experiment has to be added."""
    recorded: set[str] = set()
    for folder in trained.values():
        with RunReader(folder) as reader:
            recorded |= set(reader.probe_kinds())
    assert set(probe_views()) <= recorded


@pytest.mark.parametrize(
    ("wanted", "lines", "heights"),
    [
        ([6, 14], 14, [6, 8]),  # both within what there is: the smaller one is whole
        ([10, None, None], 26, [10, 8, 8]),  # a table is whole as long as the curves have eight lines each
        ([22, None], 26, [18, 8]),
        ([22, 22, 22], 26, [12, 7, 7]),
        ([None, None], 17, [8, 9]),
        ([3], 20, [3]),
        ([9, 9], 1, [1, 1]),  # less than nothing is left: who arranges them shows one only
    ],
)
def test_lines_are_shared_by_what_is_needed(wanted: list[int | None], lines: int, heights: list[int]) -> None:
    """No figure gets more than it wants, and one that wants more than its share leaves the others what they need."""
    assert _shared(wanted, lines) == heights
