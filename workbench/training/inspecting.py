"""When a run looks inside its model: at evaluations, on samples that stay the same, and within its share of the training time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.experiment.settings import SNAPSHOT_VIEWS
from workbench.runs.records import Probe
from workbench.saying import one_line
from workbench.training.evaluation import Measured
from workbench.training.looks import Update
from workbench.training.snapshots import choose_samples, take_snapshot
from workbench.training.state import TrainingState

__all__ = ["Inspection"]


class Inspection:
    """The snapshots of one life of a run. Nothing of the training depends on them.

    Args:
        state: what is looked at.

    Attributes:
        fault: why there are no more of them in this life, or "".
    """

    def __init__(self, state: TrainingState) -> None:
        self.state = state
        self.fault = ""
        self._seconds = 0.0
        self._longest = 0.0
        self._chosen: list[int] = []
        self._update: tuple[int, Update] = (-1, {})

    def due(self, step: int) -> bool:
        """Whether the evaluation after a step comes with a snapshot, time allowing."""
        training, inspect = self.state.experiment.training, self.state.experiment.inspect
        if not inspect.every:
            return False
        if step >= training.steps:
            return True
        return bool(training.eval_every) and step % training.eval_every == 0 and step // training.eval_every % inspect.every == 0

    def before_step(self) -> Sequence[Tensor] | None:
        """The parameters as they are, if what the coming step does to them will be asked for."""
        if not (self.due(self.state.step + 1) and self._affordable()):
            return None
        return [parameter.detach().clone() for parameter in self.state.parameters]

    def after_step(self, before: Sequence[Tensor] | None) -> None:
        """Note what the step did, which is not counted yet."""
        if before is None:
            return
        paths = [path for path, parameter in self.state.model.named_parameters() if parameter.requires_grad]
        self._update = (
            self.state.step + 1,
            {
                path: (None if parameter.grad is None else parameter.grad.clone(), parameter.detach() - old)
                for path, parameter, old in zip(paths, self.state.parameters, before, strict=True)
            },
        )

    def look(self, measured: Measured) -> tuple[Probe, ...]:
        """A snapshot of the model as it was just evaluated; nothing where none is due or time does not allow it."""
        state, inspect = self.state, self.state.experiment.inspect
        if self.fault or not (self.due(state.step) and self._affordable()):
            return ()
        began = time.perf_counter()
        step, update = self._update
        self._update = (-1, {})
        try:
            rows = take_snapshot(
                state.model,
                state.objective,
                state.dataset,
                self._samples(inspect.samples),
                state.device,
                views=inspect.views or SNAPSHOT_VIEWS,
                update=update if step == state.step else None,
                confusion=state.objective.confusion(list(measured.batch.targets), measured.predicted),
            )
        except Exception as error:  # noqa: BLE001 - a stranger's layer that shows something odd: training goes on without
            self.fault = one_line(f"no snapshots are taken: {type(error).__name__}: {error}. Set inspect.views to others.")
            return ()
        if state.device.type == "cuda":
            torch.cuda.synchronize(state.device)
        took = time.perf_counter() - began
        self._seconds += took
        self._longest = max(self._longest, took)
        return tuple(Probe(state.step, row.kind, row.name, row.array, row.info) for row in rows)

    def _samples(self, count: int) -> list[int]:
        """Which ones, for as long as their number is the same."""
        if len(self._chosen) != count:
            held_out = self.state.dataset.held_out("validation")
            self._chosen = choose_samples(held_out, min(count, len(held_out)), self.state.experiment.training.seed)
        return self._chosen

    def _affordable(self) -> bool:
        """Whether one more stays within the share of the training time; the first and the last are always taken."""
        state, share = self.state, self.state.experiment.inspect.share
        last = state.step >= state.experiment.training.steps - 1
        return share == 1 or last or not self._seconds or self._seconds + self._longest <= share * state.seconds
