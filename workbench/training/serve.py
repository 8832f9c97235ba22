"""A warm worker: torch is loaded while the user fills in the form, so that Start feels instant.

Requests come as JSON lines on stdin, answers go as JSON lines to stdout; the process ends when stdin does. Asked to `train`,
it answers, lets go of its pipes and becomes the run's worker.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.training.devices import device_for
from workbench.training.objectives import TensorBatch
from workbench.training.opened import open_model, predict
from workbench.training.state import TrainingState
from workbench.training.worker import work

__all__ = ["describe", "serve"]

MEASURED_STEPS = 3
SLOW_S = 1.0
"""A step slower than this is measured once."""


def describe(experiment: Experiment) -> dict[str, Any]:
    """Size, parts and speed of an experiment's model.

    Returns:
        `parameters`; `modules`, a list of (name, class, parameters) of its direct parts; `step_seconds`, the median of a few
        forward and backward passes.
    """
    dataset = experiment.dataset_card.open(experiment.data.config)
    state = TrainingState(experiment, dataset, device_for(experiment, dataset.task))
    training = experiment.training
    seconds: list[float] = []
    for number in range(MEASURED_STEPS + 1):
        began = time.perf_counter()
        state.optimizer.zero_grad()
        batch = TensorBatch.of(dataset.train_batch(training.seed, number, training.batch_size), state.device)
        state.objective.backward(state.model, batch, training.teacher_forcing)
        state.optimizer.step()
        seconds.append(time.perf_counter() - began)
        if seconds[-1] > SLOW_S:
            break
    modules = [
        (name, type(module).__name__, sum(parameter.numel() for parameter in module.parameters()))
        for name, module in state.model.named_children()
    ]
    step = statistics.median(seconds[1:] or seconds) * training.accumulate
    return {"parameters": state.num_parameters, "modules": modules, "step_seconds": step}


def _answer(verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if verb == "describe":
        return describe(Experiment.from_dict(arguments["experiment"]))
    if verb == "predict":
        opened = open_model(RunFolder(Path(arguments["run"])), arguments.get("checkpoint", ""))
        return {"step": opened.step, "items": predict(opened, arguments["inputs"])}
    return {"error": f"worker: got '{verb}'; expected describe, predict or train."}


def serve() -> int:
    """Answer requests until stdin ends, or until one asks to train; returns the exit code."""
    torch.set_num_threads(1)
    for line in sys.stdin:
        request = json.loads(line)
        if request["verb"] == "train":
            folder = RunFolder(Path(request["arguments"]["run"]))
            _say({"id": request["id"], "pid": os.getpid()})
            _let_go(folder)
            return work(folder, request["arguments"].get("owner", ""))
        try:
            answer = _answer(request["verb"], request["arguments"])
        except WorkbenchError as error:
            answer = {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - a model that cannot be built must not end the process that says so
            answer = {"error": f"worker: {request['verb']} failed: {type(error).__name__}: {error}"}
        _say({"id": request["id"], **answer})
    return 0


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _let_go(folder: RunFolder) -> None:
    """Of the viewer's pipes: from here on the process speaks into the run's log."""
    log = os.open(folder.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)
