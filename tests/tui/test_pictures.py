"""Pictures of the screens at three sizes, from fixed data. `pytest --snapshot-update` renews them after a wanted change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.harness import example, fixed_cards, settled
from tests.tui.running import make_run, quiet, until
from workbench.runs.folder import RunFolder
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.session import Session, save_session
from workbench.tui.widgets import runs_columns

SIZES = [(80, 24), (120, 40), (200, 60)]
Snapshot = Callable[..., bool]


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fixed cards, a fixed clock for ages, a cursor that does not blink, one time zone."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(runs_columns, "age", lambda _seconds: "5 min")
    with fixed_cards():
        save_session(Session(experiment=example().to_dict()))
        yield


async def _ready(pilot: Pilot[None]) -> WorkbenchApp:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    bench = app.navigation.bench
    assert bench is not None
    await until(pilot, lambda: bench.form is not None, "the form")
    await settled(pilot)
    return app


async def _with_run(pilot: Pilot[None], run: RunFolder) -> WorkbenchApp:
    app = await _ready(pilot)
    await app.navigation.open_run(run)
    bench = app.navigation.bench
    assert bench is not None
    await until(pilot, lambda: bench.run.data is not None and bench.run.facts.experiment is not None, "the run")
    await quiet(pilot)
    return app


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_bench_before_a_run(size: tuple[int, int], tmp_path: Path, snap_compare: Snapshot) -> None:
    """Form, empty charts with their hint, concept card."""
    app = WorkbenchApp(runs_dir=tmp_path / "runs", warm=False)
    assert snap_compare(app, terminal_size=size, run_before=_ready)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_bench_with_a_run(size: tuple[int, int], tmp_path: Path, snap_compare: Snapshot) -> None:
    """Both charts with lines, levels and marks, predictions, progress, a crosshair."""
    run = make_run(tmp_path / "runs")

    async def before(pilot: Pilot[None]) -> None:
        app = await _with_run(pilot, run)
        assert app.navigation.bench is not None
        assert app.navigation.bench.workspace is not None
        app.navigation.bench.workspace.charts.first.focus()
        await pilot.press(*["left"] * 12)
        await pilot.pause()

    assert snap_compare(WorkbenchApp(runs_dir=tmp_path / "runs", warm=False), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_runs(size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snap_compare: Snapshot) -> None:
    """The table with one run marked."""
    monkeypatch.chdir(tmp_path)
    root = Path("runs")
    for name, done, state in (("alpha", 200, "finished"), ("beta", 50, "stopped"), ("gamma", 20, "failed")):
        made = make_run(root, name=name, done=done, state=state)
        made.path.rename(root / f"20261123-101500-cell-sums-{name}")

    async def before(pilot: Pilot[None]) -> None:
        app = await _ready(pilot)
        await app.action_go("runs")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
        await pilot.press("s", "s", "down", "space")
        await pilot.pause()

    assert snap_compare(WorkbenchApp(runs_dir=root, warm=False), terminal_size=size, run_before=before)
