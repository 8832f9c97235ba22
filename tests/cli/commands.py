"""What the tests of the command line share: a command's answer, and a run's database as a worker writes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

__all__ = ["Answer", "Command", "fill"]


@dataclass(frozen=True)
class Answer:
    """What a command did: exit code and both streams."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


def fill(folder: RunFolder, state: str, steps: int = 100) -> None:
    """Write a run's database as a worker does, up to a state."""
    writer = RunWriter(folder)
    writer.event("started", "433 parameters on cpu", 0)
    for step in range(1, steps + 1):
        writer.log(step, {"train/loss": 1 / step, "train/grad_norm": math.nan if step == 3 else 0.5}, step * 0.01, step * 32)
        if step % 50 == 0:
            writer.log(step, {"validation/loss": 2 / step}, step * 0.01, step * 32)
    if state == "finished":
        writer.log(steps, {"test/loss": 0.02, "test/mse": 0.02}, steps * 0.01, steps * 32)
    writer.event(state, {"failed": "loss is not finite.", "finished": "all steps done"}.get(state, ""), steps)
    writer.set_status(state, step=steps, total=100)
    writer.close()
