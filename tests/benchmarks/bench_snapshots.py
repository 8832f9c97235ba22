"""What looking inside a model costs: a share of the training time at the default interval, room on the disk; off, nothing.

The share is of the processor time of the loop, evaluations included. The graph of a model, which is made once a run, is measured
apart too.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import torch

from tests.benchmarks.result import Result
from tests.training.driving import Script
from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.events import Evaluated, StepDone
from workbench.training.graph import graph_of
from workbench.training.inspecting import Inspection
from workbench.training.loop import train
from workbench.training.snapshot_plan import SnapshotPlan
from workbench.training.state import TrainingState

PRESETS = ("adding_lstm", "translate_attention", "elman_parity")
GRAPHS = ("adding_lstm", "translate_attention", "translate_transformer", "esn_narma", "listops_tree", "permuted_gru")
EVALUATIONS = 8


def state_of(experiment: Experiment) -> TrainingState:
    """The experiment before its first step."""
    return TrainingState(experiment, experiment.open_data(), torch.device("cpu"))


def trained(experiment: Experiment) -> tuple[float, float, list[int]]:
    """Processor time up to the last step's evaluation, that of its snapshots, in seconds, and the size of each in bytes."""
    state, sizes, spent = state_of(experiment), [], 0.0

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            nonlocal spent
            began = time.process_time()
            found = work(*arguments)
            spent += time.process_time() - began
            return found

        return counted

    parts = ("before_step", "after_step", "look")
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(patch.object(Inspection, part, timed(getattr(Inspection, part))))
        began = time.process_time()
        for event in train(state, Script(state)):
            if isinstance(event, Evaluated):
                if event.snapshot:
                    sizes.append(sum(probe.array.nbytes for probe in event.snapshot if probe.array is not None))
                if event.step == experiment.training.steps:
                    break
        return time.process_time() - began, spent, sizes


def share(name: str) -> list[Result]:
    """The share that a preset's snapshots take, the first and the last included, and the largest of them.

    All in one run: two runs differ by more than what is measured.
    """
    preset = load_preset(name)
    steps = EVALUATIONS * preset.training.eval_every
    seconds, spent, sizes = trained(preset.with_changes({"training.steps": steps}))
    title = f"{name}: with {len(sizes)} snapshots in {steps:,} steps / without"
    return [
        Result.below(title, seconds / (seconds - spent), 1.05, "x"),
        Result.below(f"{name}: largest snapshot", max(sizes) / 1e6, 1.0, "MB"),
    ]


def graph(name: str) -> Result:
    """Processor time of the graph, which is made once a run."""
    state, spent = state_of(load_preset(name)), []
    batch = TensorBatch.of(state.dataset.held_out("validation").slice(0, state.experiment.inspect.samples), state.device)
    state.model.eval()
    for _ in range(5):
        began = time.process_time()
        graph_of(state.model, state.objective, batch)
        spent.append(time.process_time() - began)
    return Result.below(f"{name}: graph", 1e3 * statistics.median(spent), 50, "ms")


def off() -> Result:
    """What is asked before each step when snapshots are off, as a share of a short step."""
    experiment = load_preset("elman_parity").with_changes({"inspect.every": 0, "training.steps": 200})
    state = state_of(experiment)
    stamps = [time.process_time() for event in train(state, Script(state)) if isinstance(event, StepDone)]
    step = statistics.median(after - before for before, after in pairwise(stamps))
    inspection, calls = Inspection(state, SnapshotPlan()), 20_000
    began = time.process_time()
    for _ in range(calls):
        inspection.after_step(inspection.before_step())
    return Result.below("off: asked before a step / a step", (time.process_time() - began) / calls / step, 0.01, "x")


def main() -> list[Result]:
    """All presets, and the cost of nothing."""
    torch.set_num_threads(1)
    return [*(result for name in PRESETS for result in share(name)), *map(graph, GRAPHS), off()]
