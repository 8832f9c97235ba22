"""Runs without torch: a folder and its database, written as a worker would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Answer, Command, fill
from workbench.cli.app import run as run_command
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.root import RUNS_ENV
from workbench.runs.writer import RunWriter


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs one command in this process."""

    def call(*words: str) -> Answer:
        capsys.readouterr()
        code = run_command(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture(autouse=True)
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for runs, and a cache of its own."""
    monkeypatch.setenv(RUNS_ENV, str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "runs"


@pytest.fixture
def experiment() -> Experiment:
    """A small experiment of 100 steps."""
    return Experiment.from_dict(
        {
            "title": "A small LSTM",
            "model": {"name": "lstm", "hidden_size": 8},
            "data": {"name": "adding", "length": 10},
            "optimizer": {"name": "adam", "lr": 0.01},
            "training": {"steps": 100, "eval_every": 50},
        }
    )


@pytest.fixture
def finished(runs_dir: Path, experiment: Experiment) -> RunFolder:
    """A finished run named `first`."""
    folder = RunFolder.create(runs_dir, experiment, "first", preset="gated/adding_lstm")
    fill(folder, "finished")
    return folder


@pytest.fixture
def live(runs_dir: Path, experiment: Experiment) -> Iterator[tuple[RunFolder, RunWriter]]:
    """A run at step 10 whose worker is this process, with the worker's side of its database."""
    folder = RunFolder.create(runs_dir, experiment, "live")
    writer = RunWriter(folder)
    writer.log(10, {"train/loss": 0.5}, 0.1, 320)
    writer.set_status("running", step=10, total=100)
    writer.flush()
    yield folder, writer
    writer.set_status("stopped")
    writer.close()
