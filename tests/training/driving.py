"""What the tests of training share: small experiments, a scripted control, runs in real processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from tests.waiting import wait_until
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training.events import Event, Request
from workbench.training.loop import train
from workbench.training.state import TrainingState

SMALL: dict[str, Any] = {
    "model": {"name": "elman", "hidden_size": 8},
    "data": {"name": "echo", "length": 10, "delay": 2},
    "optimizer": {"name": "adam", "lr": 1e-2},
    "training": {"steps": 20, "batch_size": 8, "eval_every": 10, "eval_samples": 100, "checkpoint_every": 5},
    "inspect": {"share": 1.0},  # when a snapshot is taken does not hang on time
}


def experiment(**changes: Any) -> Experiment:
    """The small experiment with "table__key" changes (`training__steps=5`)."""
    return Experiment.from_dict(SMALL, changes={key.replace("__", "."): value for key, value in changes.items()})


def state_of(wanted: Experiment) -> TrainingState:
    """The experiment before its first step, on the CPU."""
    return TrainingState(wanted, wanted.dataset_card.open(wanted.data.config), torch.device("cpu"))


class Script:
    """A control that asks for things at given steps: step -> requests."""

    def __init__(self, state: TrainingState, requests: Mapping[int, Sequence[Request]] | None = None) -> None:
        self.state = state
        self.requests = {step: list(items) for step, items in (requests or {}).items()}
        self.waiting: list[list[Request]] = []
        self.outcomes: list[tuple[str, str]] = []

    def poll(self) -> list[Request]:
        return self.requests.pop(self.state.step, [])

    def wait(self) -> list[Request]:
        assert self.waiting, "the loop waits, and the script has nothing more to ask"
        return self.waiting.pop(0)

    def answer(self, request: Request, outcome: str) -> None:
        self.outcomes.append((request.verb, outcome))


def run_all(state: TrainingState, script: Script | None = None) -> list[Event]:
    """Every event of a run from this state to its end."""
    return list(train(state, script or Script(state)))


def weights(state: TrainingState) -> list[torch.Tensor]:
    """Copies of all parameters."""
    return [parameter.detach().clone() for parameter in state.model.parameters()]


def status_of(folder: RunFolder) -> str:
    """The run's state as a viewer sees it."""
    with RunReader(folder) as reader:
        return reader.status().state


def steps_of(folder: RunFolder) -> int:
    """Steps that the run's database knows."""
    with RunReader(folder) as reader:
        return int(reader.status().step)


def wait_for(folder: RunFolder, *states: str) -> None:
    """Return when the run is in one of the states."""
    wait_until(lambda: status_of(folder) in states, f"{folder.id} to be {' or '.join(states)}")


def scalars_of(folder: RunFolder) -> dict[str, tuple[list[int], bytes]]:
    """Every scalar of a run, bit for bit: tag -> (steps, bytes of the values)."""
    with RunReader(folder) as reader:
        found = {tag: reader.scalars(tag) for tag in reader.tags()}
    return {tag: (steps.tolist(), values.tobytes()) for tag, (steps, values) in found.items()}


def drawings_of(folder: RunFolder) -> dict[tuple[str, str, int], bytes]:
    """Every array that is kept to be drawn, bit for bit, by kind, name and step.

    Without histograms of the weights' last update: a life that makes the evaluation of the life before it does not know that.
    """
    found = {}
    with RunReader(folder) as reader:
        for kind in [kind for kind in reader.probe_kinds() if kind != "weights"]:
            for step in reader.probe_steps(kind):
                for probe in reader.probes(kind, step=step):
                    found[kind, probe.name, step] = b"" if probe.array is None else probe.array.tobytes()
    return found


def new_run(root: Path, wanted: Experiment) -> RunFolder:
    """A run folder for the experiment."""
    return RunFolder.create(root, wanted)
