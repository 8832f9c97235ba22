"""Looks inside a model at the evaluations of a run, on samples that stay the same, and within its share of the training time."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from workbench.experiment.settings import LASTING_VIEWS, SNAPSHOT_VIEWS
from workbench.runs.records import Probe
from workbench.saying import duration, one_line
from workbench.training.evaluation import Measured
from workbench.training.looks import Update
from workbench.training.snapshot_plan import SnapshotPlan
from workbench.training.snapshots import choose_samples, take_snapshot
from workbench.training.state import TrainingState

__all__ = ["Inspection"]


_STEPS = 257
"""Steps from whose median it is known what a step takes: the first ones of a process take longer."""


class Inspection:
    """The snapshots of one life of a run. Nothing of the training depends on them.

    Args:
        state: what is looked at.
        plan: after which evaluations; what the first snapshot costs is settled in it.

    Attributes:
        fault: why there are no more of them in this life, or "".
    """

    def __init__(self, state: TrainingState, plan: SnapshotPlan) -> None:
        self.state = state
        self.plan = plan
        self.fault = ""
        self._stamps: deque[float] = deque(maxlen=_STEPS)
        self._chosen: list[int] = []
        self._update: tuple[int, Update] = (-1, {})
        self._noted: dict[str, int] = {}  # what lasts -> the step at which it was seen

    def before_step(self) -> Sequence[Tensor] | None:
        """The parameters as they are, if what the coming step does to them will be asked for."""
        if not self.state.experiment.inspect.every:
            return None
        self._stamps.append(self.state.seconds)
        if not self.plan.wants(self.state.experiment, self.state.step + 1):
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

    def look(self, measured: Measured) -> tuple[tuple[Probe, ...], str]:
        """A snapshot of the model as it was just evaluated, nothing where none is due; and what a person is told of it, or ""."""
        state = self.state
        if self.fault or not self.plan.wants(state.experiment, state.step):
            return (), ""
        step, update = self._update
        self._update = (-1, {})
        try:
            views = self._views()
            rows, took = self._timed(measured, update if step == state.step else None, views)
            self._noted |= {view: state.step for view in views if view in LASTING_VIEWS}
            told = self._settle(measured, took) if self.plan.is_open(state.experiment, state.step) else ""
        except Exception as error:  # noqa: BLE001 - a stranger's layer that shows something odd: training goes on without
            self.fault = one_line(f"no snapshots are taken: {type(error).__name__}: {error}. Set inspect.views to others.")
            return (), self.fault
        return rows, told

    def _timed(self, measured: Measured, update: Update | None, views: Sequence[str]) -> tuple[tuple[Probe, ...], float]:
        """A snapshot, and the seconds that it took."""
        state, inspect = self.state, self.state.experiment.inspect
        began = time.perf_counter()
        rows = take_snapshot(
            state.model,
            state.objective,
            state.dataset,
            self._samples(inspect.samples),
            state.device,
            views=views,
            update=update,
            measured=measured,
        )
        if state.device.type == "cuda":
            torch.cuda.synchronize(state.device)
        took = time.perf_counter() - began
        return tuple(Probe(state.step, row.kind, row.name, row.array, row.info) for row in rows), took

    def _settle(self, measured: Measured, took: float) -> str:
        """Settle by the first snapshot how often there is one; what a person is told of that, or ""."""
        experiment = self.state.experiment
        between = self._step_seconds() * experiment.training.eval_every * experiment.inspect.every
        if took > experiment.inspect.share * between:  # the first one of a process pays for what all later ones find loaded
            views = [view for view in self._views() if view not in LASTING_VIEWS]
            took = min(took, self._timed(measured, None, views)[1])
        every = self.plan.settle(experiment, self.state.step, cost_s=took, between_s=between)
        if every == 1:
            return ""
        return (
            f"a snapshot of the model's inside takes {duration(took)}: one in {every} is taken, which keeps within "
            f"inspect.share = {experiment.inspect.share:g} of the training time"
        )

    def _step_seconds(self) -> float:
        """What a step of training takes."""
        steps = [after - before for before, after in pairwise(self._stamps)]
        return statistics.median(steps) if steps else self.state.seconds / max(1, self.state.step)

    def _views(self) -> list[str]:
        """What is looked at; what lasts only once, and again where the run has gone back behind that."""
        wanted = self.state.experiment.inspect.views or SNAPSHOT_VIEWS
        return [view for view in wanted if self._noted.get(view, self.state.step) >= self.state.step]

    def _samples(self, count: int) -> list[int]:
        """Which ones, for as long as their number is the same."""
        if len(self._chosen) != count:
            held_out = self.state.dataset.held_out("validation")
            self._chosen = choose_samples(held_out, min(count, len(held_out)), self.state.experiment.training.seed)
        return self._chosen
