"""How long a run will take: its steps, its evaluations, and what comes before and after them."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from workbench.cards import Batch, Dataset, Split
from workbench.experiment import Experiment
from workbench.training.devices import device_for
from workbench.training.evaluation import evaluate
from workbench.training.events import Request, StepDone
from workbench.training.loop import train
from workbench.training.state import TrainingState

__all__ = ["describe", "finish_seconds", "num_evaluations"]

STEPS_S = 0.25
MOST_STEPS = 20
SLOW_S = 1.0
"""A step slower than this is measured once."""
FEW, MORE, MANY = 8, 24, 128
"""Samples of the evaluations that are measured: the first, and MANY where that is quick, else MORE."""
QUICK_S = 0.1
DRAWN, MORE_DRAWN = 256, 2048
"""Samples drawn to see how long that takes: a call has a cost of its own, and each sample one."""
START_S = 0.6
"""What a warm worker needs besides for its folder, database, first commit and checkpoints."""


def describe(experiment: Experiment) -> dict[str, Any]:
    """Size, parts and speed of an experiment's model.

    Returns:
        `parameters`; `modules`, a list of (name, class, parameters) of its direct parts; `step_seconds`, the median of a few
        steps of the loop; `other_seconds`, expected for all that is no step: drawing the data, evaluations, the tests.
    """
    began = time.perf_counter()
    dataset = experiment.dataset_card.open(experiment.data.config)
    opened = time.perf_counter() - began
    quiet = experiment.with_changes({"training.eval_every": 0, "training.checkpoint_every": 0})
    state = TrainingState(quiet, dataset, device_for(experiment, dataset.task))
    modules = [
        (name, type(module).__name__, sum(parameter.numel() for parameter in module.parameters()))
        for name, module in state.model.named_children()
    ]
    step = _step_seconds(state)
    fixed, each = _evaluation_seconds(state)
    training = experiment.training
    samples = num_test_samples(experiment, dataset)
    one = fixed + each * min(training.eval_samples, samples)
    evaluations = num_evaluations(training.steps, training.eval_every) + 1  # one at the end
    other = START_S + opened + 2 * _drawing_seconds(dataset) + evaluations * one
    other += finish_seconds(experiment, one, min(training.eval_samples, samples), samples)
    return {"parameters": state.num_parameters, "modules": modules, "step_seconds": step, "other_seconds": other}


def num_evaluations(steps: int, every: int) -> int:
    """Evaluations during training, the one at the end left out."""
    return max(0, (steps - 1) // every) if every else 0


def num_test_samples(experiment: Experiment, dataset: Dataset) -> int:
    """Samples of the test set, as the card declares them: to draw them for their number alone can take seconds."""
    declared = experiment.dataset_card.held_out.samples
    return len(dataset.held_out("test")) if declared is None else declared


def finish_seconds(experiment: Experiment, evaluation_seconds: float, validated: int, tested: int) -> float:
    """What follows the last evaluation: the test of the last weights, and of the best ones where those are others.

    Args:
        experiment: the run's.
        evaluation_seconds: what an evaluation on validation data took.
        validated: samples of that.
        tested: samples of the test set.
    """
    training = experiment.training
    best = bool(training.keep_best and num_evaluations(training.steps, training.eval_every))
    return evaluation_seconds * tested / max(1, validated) * (1 + best)


class _Alone:
    """Nobody asks anything of these steps."""

    def poll(self) -> list[Request]:
        """Nothing."""
        return []

    def wait(self) -> list[Request]:
        """Nothing."""
        return []

    def ending(self) -> bool:
        """Not asked."""
        return False

    def answer(self, request: Request, outcome: str) -> None:
        """Nobody waits."""


def _step_seconds(state: TrainingState) -> float:
    """The median time of a few steps as the loop takes them, gradient's norm and clipping included."""
    seconds: list[float] = []
    began = last = time.perf_counter()
    for event in train(state, _Alone()):
        if not isinstance(event, StepDone):
            last = time.perf_counter()
            continue
        now = time.perf_counter()
        seconds.append(now - last)
        last = now
        enough = len(seconds) > 1 and (len(seconds) > MOST_STEPS or now - began > STEPS_S)
        if enough or seconds[-1] > SLOW_S or state.step >= state.experiment.training.steps:  # not its end, which measures all
            break
    return statistics.median(seconds[1:] or seconds or [0.0])


class _Few(Dataset):
    """A dataset whose held-out sets are a few samples of training: they take as long, and need not be drawn."""

    def __init__(self, dataset: Dataset, count: int) -> None:
        super().__init__(dataset.task, dataset.num_train)
        self._dataset = dataset
        self._batch = dataset.train_batch(0, 0, count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """As ever."""
        return self._dataset.train_batch(seed, step, size)

    def held_out(self, split: Split) -> Batch:  # noqa: ARG002 - both are alike
        """The few."""
        return self._batch


def _evaluation_seconds(state: TrainingState) -> tuple[float, float]:
    """What an evaluation takes whatever its size, and besides for each sample."""

    def measured(count: int) -> float:
        began = time.perf_counter()
        evaluate(state.model, state.objective, _Few(state.dataset, count), "validation", state.device)
        return time.perf_counter() - began

    few = measured(FEW)
    quick = few < QUICK_S
    few = min(few, measured(FEW)) if quick else few  # the first one warms up
    count = MANY if quick else MORE
    each = max(0.0, measured(count) - few) / (count - FEW)
    return max(0.0, few - each * FEW), each


def _drawing_seconds(dataset: Dataset) -> float:
    """What one held-out set takes to be drawn, where one out of many draws belongs to it."""
    draw, draws = getattr(dataset, "draw", None), getattr(dataset, "draws", None)
    if draw is None or draws is None:  # stored
        return 0.0
    rng = np.random.default_rng(0)
    draw(rng, 1)

    def measured(count: int) -> float:
        began = time.perf_counter()
        draw(rng, count)
        return time.perf_counter() - began

    few, more = measured(DRAWN), measured(MORE_DRAWN)
    each = max(0.0, more - few) / (MORE_DRAWN - DRAWN)
    num_calls, samples = draws()
    return float(num_calls * (max(0.0, few - each * DRAWN) + each * samples))
