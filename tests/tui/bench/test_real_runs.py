"""Real workers under the real app: two runs race, a third waits, one goes back and is computed once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.making import experiment
from tests.tui.running import opened, quiet, until
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.system import cores
from workbench.tui.bench.race_line import RaceLine
from workbench.tui.dialogs.prompts import ChoiceDialog, ConfirmDialog, TextDialog
from workbench.tui.dialogs.replay_dialog import ReplayDialog
from workbench.tui.run.others import stop_and_wait
from workbench.tui.session import Session, save_session


@pytest.fixture
def runs_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder whose runs have ended after the test, however that went: they would train for hours."""
    folder = tmp_path / "runs"
    yield folder
    stop_and_wait([RunFolder(run.path) for run in list_runs(folder)])


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_runs_race_wait_and_go_back(runs_dir: Path) -> None:
    """By keys alone: F5, F5 beside, Q, stop, n, R and V do with workers what they say."""
    wanted = experiment(
        training__steps=200_000, training__threads=cores(), training__eval_every=200, training__checkpoint_every=50
    )
    save_session(Session(experiment=wanted.to_dict()))
    async with opened(runs_dir) as (pilot, app, bench):
        workspace = bench.workspace
        assert workspace is not None

        def steps() -> list[int]:
            return [racer.data.status.step for racer in workspace.race.runs if racer.data is not None]

        def state() -> str:
            return bench.run.data.status.state if bench.run.data is not None else ""

        await pilot.press("f5")
        await until(pilot, lambda: any(step > 5 for step in steps()), "the first run's steps", 200)
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: len(steps()) == 2 and min(steps()) > 5, "both runs' steps", 200)
        lines = workspace.charts.first.view
        await until(pilot, lambda: [len(line.steps) > 0 for line in lines.lines] == [True, True], "both runs' lines")

        await pilot.press("Q")
        await until(pilot, lambda: "waiting #1" in str(bench.query_one(RaceLine).render()), "one that waits", 200)
        assert any(run.standing == "waiting #1" for run in list_runs(runs_dir))

        await pilot.press("x")
        await until(pilot, lambda: state() == "stopped", "the end of the run in front", 200)
        stop_and_wait([folder for folder in workspace.race.folders if folder != bench.run.folder])  # they would take the cores
        at = bench.run.data.status.step if bench.run.data is not None else 0
        await pilot.press("n")
        await until(pilot, lambda: state() == "paused" and at + 1 in steps(), "one step more", 200)

        bench.set_focus(workspace.charts.first)
        workspace.show_moment(workspace.moment.at(3))
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("y")
        await until(pilot, lambda: state() == "stopped" and 3 in steps(), "the way back", 200)
        await until(pilot, lambda: not bench.run.doing, "the word on it", 200)
        assert any(run.step == at + 1 for run in list_runs(runs_dir))

        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the step")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReplayDialog) and bool(app.screen.verdict), "the verdict", 200)
        assert isinstance(app.screen, ReplayDialog)
        assert app.screen.verdict.startswith("The same, bit for bit: steps 1 to 3")
        await pilot.press("enter")
        await quiet(pilot)
