"""A run's state after any of its steps: from the nearest checkpoint before it, the steps between taken once more.

Batches are a pure function of seed and step, and live changes take force again at their steps, so what comes out is bit for bit
what the run was then: on the same machine, with as many threads, and on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch

from workbench.errors import CheckpointError, UsageError
from workbench.runs.changes import LiveChanges
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training.checkpoint_files import header_facts
from workbench.training.checkpoints import restore_latest
from workbench.training.devices import device_for, make_deterministic
from workbench.training.events import Evaluated, Event, NonFinite, Request, StepDone
from workbench.training.loop import train
from workbench.training.state import TrainingState

__all__ = ["Done", "opened_state", "retrain", "state_at"]

Done: TypeAlias = Callable[[int, int], None]
"""Told how many steps are done, and how many will be."""


class _Silent:
    """A control that asks for nothing."""

    def poll(self) -> list[Request]:
        """Nothing."""
        return []

    def wait(self) -> list[Request]:
        """Nothing; the loop is never paused."""
        return []

    def answer(self, request: Request, outcome: str) -> None:
        """Nobody waits for it."""


def opened_state(folder: RunFolder, notices: Callable[[str], None] = lambda _: None) -> TrainingState:
    """A run before its first step, with its own data, device and number of threads.

    Args:
        folder: the run.
        notices: told what torch cannot do deterministically on the device.
    Raises:
        ExperimentError: this version cannot read it.
        ChangedDataError, DataError: its data are not what they were.
    """
    experiment = folder.experiment()
    carried = folder.carried()
    if carried is not None:
        carried.check("train a new run on another one")
    dataset = experiment.open_data(carried)
    device = device_for(experiment, dataset.task)
    make_deterministic(device, notices)
    with RunReader(folder) as reader:
        threads = reader.meta().get("threads")
    torch.set_num_threads(max(1, int(threads or experiment.training.threads)))
    return TrainingState(experiment, dataset, device)


def retrain(state: TrainingState, changes: LiveChanges, until: int, seen: Callable[[Event], None] = lambda _: None) -> None:
    """Take the steps up to one, with the evaluations that have a say in what follows. Nothing is written.

    Args:
        state: where to begin; it is changed.
        changes: the run's live changes.
        until: steps done at the end.
        seen: told everything that happens.
    Raises:
        CheckpointError: a value is not finite on the way, where it was in the run.
    """
    if state.step >= until and not state.evaluation_due:
        return
    looked_every = state.experiment.inspect.every
    state.apply({"inspect.every": 0})  # looking has no say in anything
    for event in train(state, _Silent(), changes):
        seen(event)
        if isinstance(event, NonFinite) and event.policy != "skip":
            raise CheckpointError(
                f"step {event.step:,}: {event.what} is not finite, where it was in the run; its state after step {until:,} "
                "cannot be computed here. Use a step at which it has a checkpoint."
            )
        # what follows the last step's own evaluation, tests and checkpoints, has no say in anything either
        if state.step >= until and not state.evaluation_due and isinstance(event, StepDone | Evaluated):
            break
    if not state.experiment.inspect.every:
        state.apply({"inspect.every": looked_every})


def state_at(folder: RunFolder, step: int, done: Done = lambda _step, _last: None) -> TrainingState:
    """All that a run was after a step.

    Args:
        folder: the run; it may go on meanwhile, and is left as it is.
        step: steps done, from 0 up to where the run stands.
        done: told after each step that is taken once more how many are done, and how many will be.
    Raises:
        UsageError: the run has not come so far.
        CheckpointError: it cannot be computed.
        ChangedDataError, DataError: its data are not what they were.
    """
    with RunReader(folder) as reader:
        status, events = reader.status(), reader.events()
    first = int(header_facts(folder.own(folder.begin_path)).get("step", 0))
    if not first <= step <= status.step:
        raise UsageError(f"{folder.id}: got step {step:,}; expected {first:,} to {status.step:,}, where the run stands.")
    state = opened_state(folder)
    restore_latest(folder, state, until=step)
    changes = LiveChanges.of(events)
    changes.go_to(state.step)

    def see(event: Event) -> None:
        if isinstance(event, StepDone):
            done(event.step, step)

    retrain(state, changes, step, see)
    return state
