"""What the tests of runs share: an experiment, a run folder, rows to log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

SMALL: dict[str, Any] = {
    "title": "Echo of two",
    "model": {"name": "elman", "hidden_size": 8},
    "data": {"name": "echo", "length": 10, "delay": 2},
    "optimizer": {"name": "adam"},
    "training": {"steps": 100},
}


def experiment(**changes: Any) -> Experiment:
    """The small experiment with "table__key" changes (`training__steps=5`)."""
    return Experiment.from_dict(SMALL, changes={key.replace("__", "."): value for key, value in changes.items()})


def new_run(root: Path, name: str = "", **changes: Any) -> RunFolder:
    """A run folder in state `starting`."""
    return RunFolder.create(root, experiment(**changes), name)


def finished_run(root: Path, name: str = "", steps: int = 10, scale: float = 1.0, **changes: Any) -> RunFolder:
    """A run that has ended, with a loss that falls from `scale`."""
    folder = new_run(root, name, **changes)
    writer = RunWriter(folder)
    for step in range(1, steps + 1):
        writer.log(step, {"train/loss": scale / step, "train/lr": 1e-3}, 0.5 * step, 32 * step)
    writer.log(steps, {"validation/loss": scale / steps, "validation/accuracy": 0.5}, 0.5 * steps, 32 * steps)
    writer.set_status("finished", step=steps)
    writer.close()
    return folder
