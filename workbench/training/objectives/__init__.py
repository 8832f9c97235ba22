"""One file = one kind of task: its loss, its metrics and its predictions."""

from __future__ import annotations

import importlib

from workbench.task import Task
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["Objective", "TensorBatch", "objective_for"]


def objective_for(task: Task, label_smoothing: float) -> Objective:
    """The objective of a task; `objectives/<kind>.py` defines it as `OBJECTIVE`."""
    module = importlib.import_module(f"workbench.training.objectives.{task.kind.value}")
    kind: type[Objective] = module.OBJECTIVE
    return kind(task, label_smoothing)
