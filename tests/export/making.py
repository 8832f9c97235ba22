"""What the tests of exports share: a run with a checkpoint, made without training it long."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training.checkpoints import save_checkpoint
from workbench.training.state import TrainingState

__all__ = ["ECHO", "run_with_checkpoint"]

ECHO: dict[str, Any] = {
    "title": "Echo of two",
    "about": "Says every bit again two steps later.",
    "model": {"name": "elman", "hidden_size": 8},
    "data": {"name": "echo", "length": 10, "delay": 2},
    "optimizer": {"name": "adam"},
    "training": {"steps": 40, "batch_size": 8},
}


def run_with_checkpoint(root: Path, values: Mapping[str, Any] = ECHO, steps: tuple[int, ...] = (20, 40)) -> RunFolder:
    """A finished run with metrics up to its last step and a checkpoint of freshly drawn weights at each of `steps`."""
    experiment = Experiment.from_dict(values)
    folder = RunFolder.create(root, experiment)
    dataset = experiment.dataset_card.open(experiment.data.config)
    writer = RunWriter(folder)
    for step in range(1, steps[-1] + 1):
        writer.log(step, {"train/loss": 1 / step, "train/lr": 1e-3}, 0.1 * step, 8 * step)
        if step in steps:
            writer.log(step, {"validation/loss": float("nan") if step == steps[0] else 0.1 + 0.2}, 0.1 * step, 8 * step)
    for step in steps:
        torch.manual_seed(step)
        state = TrainingState(experiment, dataset, torch.device("cpu"))
        with torch.no_grad():
            for parameter in state.model.parameters():
                parameter.add_(torch.randn_like(parameter), alpha=0.01)
        state.step = step
        save_checkpoint(folder, state)
    writer.set_status("finished", step=steps[-1])
    writer.close()
    return folder
