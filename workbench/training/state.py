"""All that a training run is at a moment: what a checkpoint must hold so that the rest of the run follows from it."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from workbench.cards import Dataset
from workbench.cards.catalog import lower_is_better, task_kind
from workbench.cards.stored_task import carried_to_dict
from workbench.errors import CheckpointError, ExperimentError, UsageError, WorkbenchError
from workbench.experiment import Experiment
from workbench.nn.closed_form import Recalling
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.windows import Memory
from workbench.saying import nearest, one_line, said
from workbench.training.schedules import Plateau
from workbench.training.uncompiled import leave_out_compiler, take_step

__all__ = ["TrainingState", "choose_threads", "unsound"]

SMALL_MODEL = 2_000_000
"""Parameters up to which one thread is used: below, handing work to other threads costs more than it saves."""


def choose_threads(asked: int, parameters: int, cores: int) -> int:
    """CPU threads to train with: as asked, else 1 for a small model, else all cores but one."""
    if asked:
        return asked
    return 1 if parameters <= SMALL_MODEL else max(1, cores - 1)


class TrainingState:
    """Model, optimiser, random generators and counters of a run.

    Attributes:
        experiment: settings in force now, live changes included.
        dataset: the opened dataset.
        device: where the model is.
        model, optimizer, objective: built from the experiment.
        step: optimiser steps done.
        seconds: training time so far, pauses left out.
        best: (value, step) of the best evaluations by the monitored metric, best first; of equals the earlier one.
        stale: evaluations since the last one that was better by at least `min_delta`.
        reference: value of that one, None before the first.
        plateau: memory of the plateau schedule.
        rewinds: how often the run went back after a non-finite value.
        evaluated: step of the last evaluation that took part in best, patience and plateau, -1 before the first.
        evaluation_due: the evaluation of this very step has still to be made.
        memory: recurrent states after the last batch, for data whose batches go on from each other; None for others.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset, device: torch.device) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.device = device
        self.objective = task_kind(dataset.task)(dataset.task, experiment.training.label_smoothing)
        self.reset()

    def reset(self) -> None:
        """Back to before the first step: everything follows from the seed."""
        torch.manual_seed(self.experiment.training.seed)
        model = self.experiment.model
        self.model = self.experiment.architecture.build(model.config, self.dataset.task).to(self.device)
        self.model.train()
        self._freeze()
        self.parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        leave_out_compiler()
        self.optimizer = self.experiment.optimizer_card.build(self.experiment.optimizer.config, self.parameters)
        self.step = 0
        self.seconds = 0.0
        self.best: list[tuple[float, int]] = []
        self.stale = 0
        self.reference: float | None = None
        self.plateau = Plateau()
        self.rewinds = 0
        self.evaluated = -1
        self.evaluation_due = False
        self.memory: Memory | None = {} if self.dataset.consecutive else None

    def _freeze(self) -> None:
        """Take the parameters out of the training that are to stay as they are.

        Raises:
            UsageError: a pattern matches none, or nothing would be left to train.
        """
        patterns = self.experiment.training.freeze
        named = dict(self.model.named_parameters())
        for pattern in patterns:
            frozen = fnmatch.filter(named, pattern)
            if not frozen:
                raise UsageError(
                    f"training.freeze: got {said(pattern)}; expected a pattern that a parameter's name matches. "
                    f"{nearest(pattern, named)}"
                )
            for name in frozen:
                named[name].requires_grad_(False)
        if patterns and not any(parameter.requires_grad for parameter in named.values()):
            raise UsageError("training.freeze: nothing would be left to train; expected patterns that leave some parameters.")

    @property
    def num_parameters(self) -> int:
        """Trainable numbers of the model."""
        return sum(parameter.numel() for parameter in self.parameters)

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Put live settings in force.

        Raises:
            ExperimentError: a value is out of bounds or a key unknown.
        """
        if not changes:
            return
        self.experiment = self.experiment.with_changes(changes)
        self.experiment.architecture.apply_live(self.model, self.experiment.model.config)

    def take_up(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Put live settings in force that were changed before, on a way on which others may have been in force.

        Returns:
            What holds instead of those that no longer fit, by key.
        """
        instead = {}
        try:
            self.apply(changes)
        except ExperimentError:
            for key, value in changes.items():
                try:
                    self.apply({key: value})
                except ExperimentError:
                    table, name = key.split(".")
                    instead[key] = self.experiment.to_dict()[table][name]
        return instead

    def observe(self, metrics: Mapping[str, float]) -> bool:
        """Take note of a validation result; returns whether it is the best so far. One that is not a number is the worst."""
        training = self.experiment.training
        self.plateau.observe(metrics["loss"], self.experiment.optimizer.config)
        value = metrics[training.monitor]
        sign = 1 if lower_is_better(training.monitor) else -1
        gained = self.reference is None or sign * (self.reference - value) > training.min_delta
        if gained and not math.isnan(value):
            self.reference, self.stale = value, 0
        else:
            self.stale += 1
        if math.isnan(value):
            return False
        ranked = sorted([*self.best, (value, self.step)], key=lambda pair: sign * pair[0])  # stable: the earlier stays ahead
        self.best = ranked[: max(1, training.keep_best)]
        return self.best[0][1] == self.step

    @property
    def best_step(self) -> int | None:
        """Step of the best evaluation so far."""
        return self.best[0][1] if self.best else None

    @property
    def among_best(self) -> bool:
        """Whether this step's evaluation is one of those whose checkpoints are kept."""
        best = self.best[: self.experiment.training.keep_best]
        return any(step == self.step for _, step in best)

    def tensors(self) -> dict[str, Tensor]:
        """Everything that is a tensor, by name; copies on the CPU.

        `model/...`, `optimizer/<parameter>/...`, `memory/<recurrent layer>/...`, `rng/...`.
        """
        tensors = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer/{index}/{key}": value for key, value in values.items() if isinstance(value, Tensor)})
        for place, parts in (self.memory or {}).items():
            tensors.update({f"memory/{place}/{number}": part for number, part in enumerate(parts)})
        tensors["rng/torch"] = torch.get_rng_state()
        if self.device.type == "cuda":
            tensors["rng/cuda"] = torch.cuda.get_rng_state(self.device)
        elif self.device.type == "mps":
            tensors["rng/mps"] = torch.mps.get_rng_state()
        return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in tensors.items()}

    def nonfinite(self) -> str:
        """Name of the first tensor that makes a checkpoint useless, "" when all are sound."""
        tensors = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer/{index}/{key}": value for key, value in values.items() if isinstance(value, Tensor)})
        return unsound(tensors)

    def facts(self) -> dict[str, Any]:
        """Everything that is not a tensor, fit for JSON."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "stale": self.stale,
            "reference": self.reference,
            "plateau": _finite(asdict(self.plateau)),
            "rewinds": self.rewinds,
            "evaluated": self.evaluated,
            "evaluation_due": self.evaluation_due,
            "experiment": self.experiment.to_dict(),
            "data": carried_to_dict(self.dataset.carried()),
        }

    def restore(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Back to the moment at which `tensors()` and `facts()` were taken.

        Raises:
            CheckpointError: they are not those of such a run; the settings are as before, the rest waits for `reset`.
        """
        before = self.experiment
        try:
            self._restore(tensors, facts)
        except (WorkbenchError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            self.experiment = before
            reason = error if not isinstance(error, KeyError) else f"{error} is missing"
            raise CheckpointError(
                f"does not hold a state of this run: {one_line(str(reason))}. Use another checkpoint of the run."
            ) from error
        self._recall()

    def _recall(self) -> None:
        """Show the model again the batch that it was fitted to last, where it speaks of that one."""
        if not (self.step and isinstance(self.model, Recalling)):
            return
        training = self.experiment.training
        last = self.dataset.train_batch(training.seed, self.step * training.accumulate - 1, training.batch_size)
        batch = TensorBatch.of(last, self.device)
        self.model.recall(batch.inputs, batch.targets, batch.lengths)

    def _restore(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        self.experiment = Experiment.from_dict(facts["experiment"], task=self.dataset.task)
        self.reset()
        self.model.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("model/")})
        self.experiment.architecture.apply_live(self.model, self.experiment.model.config)
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("optimizer/"):
                _, index, key = name.split("/", 2)
                state.setdefault(int(index), {})[key] = value
        self._check(tensors, state)
        self._remember(tensors)
        self.optimizer.load_state_dict({"state": state, "param_groups": self.optimizer.state_dict()["param_groups"]})
        self.step, self.seconds = int(facts["step"]), float(facts["seconds"])
        self.best = [(float(value), int(step)) for value, step in facts["best"]]
        self.stale, self.rewinds = int(facts["stale"]), int(facts["rewinds"])
        earlier = self.best[0][0] if self.best else None  # checkpoints before there was a smallest gain have no reference
        self.reference = facts.get("reference", earlier)
        self.evaluated = int(facts.get("evaluated", self.step))  # older checkpoints were all saved after their step's evaluation
        self.evaluation_due = bool(facts.get("evaluation_due", False))
        plateau = facts["plateau"]
        self.plateau = Plateau(plateau["scale"], math.inf if plateau["best"] is None else plateau["best"], plateau["stale"])
        torch.set_rng_state(tensors["rng/torch"])
        if self.device.type == "cuda" and "rng/cuda" in tensors:
            torch.cuda.set_rng_state(tensors["rng/cuda"], self.device)
        elif self.device.type == "mps" and "rng/mps" in tensors:
            torch.mps.set_rng_state(tensors["rng/mps"])

    def _remember(self, tensors: Mapping[str, Tensor]) -> None:
        """The recurrent states that were carried, for data whose batches go on; of others there are none."""
        if self.memory is None:
            return
        places = (tuple(map(int, name.split("/")[1:])) for name in tensors if name.startswith("memory/"))
        for layer, part in sorted(places):
            value = tensors[f"memory/{layer}/{part}"].to(self.device)
            self.memory[layer] = (*self.memory.get(layer, ()), value)

    def _check(self, tensors: Mapping[str, Tensor], state: Mapping[int, Mapping[str, Tensor]]) -> None:
        """Raise ValueError where types or shapes are others than this run's: torch would convert them, or fail steps later."""
        for name, value in self.model.state_dict().items():
            if tensors[f"model/{name}"].dtype != value.dtype:
                raise ValueError(f"model/{name} is {tensors[f'model/{name}'].dtype}; expected {value.dtype}")
        expected = self._optimizer_keys()
        for index, values in state.items():
            if not 0 <= index < len(self.parameters):
                raise ValueError(f"optimizer/{index} is of no parameter; expected 0 to {len(self.parameters) - 1}")
            if expected is not None and values.keys() != expected.keys():
                raise ValueError(f"optimizer/{index} has {said(sorted(values))}; expected {said(sorted(expected))}")
            for key, value in values.items():
                shape = self.parameters[index].shape if expected is None or expected[key] else torch.Size([])
                if value.shape not in (shape, torch.Size([])):
                    raise ValueError(f"optimizer/{index}/{said(key)} has shape {tuple(value.shape)}; expected {tuple(shape)}")

    def _optimizer_keys(self) -> dict[str, bool] | None:
        """What this optimiser keeps of a parameter, and whether in the parameter's shape; None where it does not say."""
        probe = torch.nn.Parameter(torch.zeros(2, 3))
        probe.grad = torch.zeros(2, 3)
        try:
            optimizer = self.experiment.optimizer_card.build(self.experiment.optimizer.config, [probe])
            take_step(optimizer)
        except (RuntimeError, TypeError, ValueError):
            return None
        probe_state = optimizer.state.get(probe, {})
        return {key: value.shape == probe.shape for key, value in probe_state.items() if isinstance(value, Tensor)}


def unsound(tensors: Mapping[str, Tensor]) -> str:
    """Name of the first tensor with which training cannot go on, "" when there is none.

    Weights must be finite; what an optimiser remembers may have overflowed, as squares of large gradients do, but not be NaN.
    """
    for name, value in tensors.items():
        if not value.is_floating_point():
            continue
        if name.startswith("model/") and not value.isfinite().all():
            return name
        if name.startswith("optimizer/") and value.isnan().any():
            return name
    return ""


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no infinity: None stands for it."""
    return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in values.items()}
