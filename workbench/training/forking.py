"""New runs that begin where another one was: with all that it was after a step (a fork), or with its weights (fine-tuning)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from torch import Tensor

from workbench.cards import Classes, Task, Tokens
from workbench.errors import ExperimentError, UsageError, WorkbenchError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.lineage import Parent, copy_rows
from workbench.runs.reader import RunReader
from workbench.saying import said
from workbench.training.checkpoint_files import checkpoint_path, find_checkpoint, list_checkpoints
from workbench.training.checkpoints import load_checkpoint, write_checkpoint
from workbench.training.devices import device_for
from workbench.training.recompute import Done, state_at
from workbench.training.state import TrainingState

__all__ = ["fine_tune", "fork", "step_of"]


def step_of(folder: RunFolder, which: str | int, default: str = "last") -> int:
    """The step that a person means by RUN@WHICH: "best", "last" or any step.

    Args:
        folder: the run.
        which: what was written; "" for the default.
        default: as `find_checkpoint` takes it.
    Raises:
        UsageError: it is none of these.
        CheckpointError: there is no checkpoint that is called so.
    """
    if isinstance(which, int) or (which.isascii() and which.isdigit()):
        return int(which)
    if which not in ("", "best", "last"):
        raise UsageError(f"{folder.id}: got {said(which)}; expected best, last or a step, which needs no checkpoint.")
    if (which or default) == "last" and not list_checkpoints(folder):
        with RunReader(folder) as reader:
            if reader.status().step == 0:
                return 0  # it has gone back to its beginning, of which there is no checkpoint
    return find_checkpoint(folder, which or default).step


def fork(  # noqa: PLR0913, PLR0917 - what a new run is, and who is told how far it is
    parent: RunFolder,
    which: str | int,
    changes: Mapping[str, Any],
    root: Path,
    name: str = "",
    done: Done = lambda _step, _last: None,
) -> RunFolder:
    """A new run that begins with all that another one was after a step, and goes on with other settings. It is not started.

    Args:
        parent: the run; it may go on meanwhile, and is left as it is.
        which: a step, "best" or "last"; "" is the last checkpoint's.
        changes: "table.key" -> value, what is different from there on.
        root: folder of all runs.
        name: a name for the new run.
        done: told after each step that is taken once more how many are done, and how many will be.
    Raises:
        UsageError: the run has not come so far, or a setting would change the shapes of weights or optimiser, or what the
            inputs and outputs mean; the message names it.
        ExperimentError: the changed experiment does not hold together.
        CheckpointError: the state cannot be computed.
    """
    step = step_of(parent, which)
    state = state_at(parent, step, done)
    tensors, facts, before = state.tensors(), state.facts(), state.experiment
    wanted = before.with_changes(changes, changed_by="--set")
    if wanted.training.steps <= step:
        raise UsageError(
            f"{parent.id}: got {wanted.training.steps:,} steps in all; expected more than the {step:,} that are done by then. "
            f"Set --set training.steps={2 * step or 1}."
        )
    if _misfit(state, wanted):
        raise UsageError(_refusal(parent, state, changes))
    values = wanted.to_dict()
    told = {full: values[full.partition(".")[0]].get(full.partition(".")[2]) for full in map(before.full_key, changes)}
    folder = RunFolder.create(root, wanted, name, Parent(parent.id, step, told).to_dict(), _preset(parent))
    try:
        child = TrainingState(wanted, wanted.open_data(folder.carried()), state.device)
        # which evaluations were the best is told of checkpoints that the new run does not have
        child.restore(tensors, {**facts, "experiment": values, "best": [], "reference": None, "stale": 0})
        write_checkpoint(folder, child, folder.begin_path)
        copy_rows(parent, folder, step)
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)  # half a run would show up in listings
        raise
    return folder


def fine_tune(  # noqa: PLR0913 - what is trained, from where, and what it is called
    parent: RunFolder, which: str | int, wanted: Experiment, root: Path, *, name: str = "", preset: str = ""
) -> RunFolder:
    """A new run of an experiment that begins at step 0 with another run's weights. It is not started.

    Args:
        parent: where the weights come from.
        which: a step, "best" or "last"; "" is the best checkpoint, or the last where none is marked as best.
        wanted: what is trained.
        root: folder of all runs.
        name: a name for the new run.
        preset: the preset that the experiment comes from.
    Raises:
        UsageError: a tensor of the model has no counterpart of its shape; the message names it.
        CheckpointError: there is no such checkpoint, or it is damaged.
    """
    step = step_of(parent, which, default="")
    weights = _weights(parent, step)
    folder = RunFolder.create(root, wanted, name, Parent(parent.id, step, weights_only=True).to_dict(), preset)
    try:
        dataset = wanted.open_data(folder.carried())
        child = TrainingState(wanted, dataset, device_for(wanted, dataset.task))
        _check_weights(f"--from {parent.id}@{step}", weights, child.model.state_dict())
        child.model.load_state_dict(weights)
        write_checkpoint(folder, child, folder.begin_path)
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)  # half a run would show up in listings
        raise
    return folder


def _weights(folder: RunFolder, step: int) -> dict[str, Tensor]:
    """The weights after a step: those of its checkpoint, else computed."""
    if any(info.step == step for info in list_checkpoints(folder)):
        return load_checkpoint(checkpoint_path(folder, step)).model
    return {key: value.detach().cpu() for key, value in state_at(folder, step).model.state_dict().items()}


def _check_weights(where: str, weights: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> None:
    """Raise UsageError where the weights are not those of the model, tensor by tensor."""
    for key, value in own.items():
        got = weights.get(key)
        if got is None or got.shape != value.shape or got.dtype != value.dtype:
            raise UsageError(
                f"{where}: {key}: got {_form(got)}; expected {_form(value)}. "
                "Choose model settings and data with the shapes of that run."
            )
    if extra := sorted(weights.keys() - own.keys()):
        raise UsageError(
            f"{where}: got {extra[0]}, which the model of this experiment does not have. "
            "Choose model settings and data with the shapes of that run."
        )


def _form(tensor: Tensor | None) -> str:
    return "no such tensor" if tensor is None else f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _refusal(parent: RunFolder, state: TrainingState, changes: Mapping[str, Any]) -> str:
    """Which of the changes the state cannot go on with, and why; all of them where none of them alone is to blame."""
    reasons = {}
    for key, value in changes.items():
        with suppress(ExperimentError):  # it holds together with the others alone
            if reason := _misfit(state, state.experiment.with_changes({key: value})):
                reasons[key] = reason
    reasons = reasons or dict.fromkeys(changes, _misfit(state, state.experiment.with_changes(changes)))
    return (
        f"{parent.id}: {', '.join(reasons)}: cannot change in a fork: {next(iter(reasons.values()))}. "
        f"'workbench run PRESET --from {parent.id}@{state.step}' takes over the weights alone, into a model of the same shapes."
    )


def _misfit(state: TrainingState, wanted: Experiment) -> str:
    """Why the state could not go on as another experiment, or ""."""
    try:
        dataset = wanted.open_data()
        if _meaning(dataset.task) != _meaning(state.dataset.task):
            return "inputs or outputs would be others"
        child = TrainingState(wanted, dataset, state.device)
    except WorkbenchError as error:
        return str(error)
    return _unlike(child, state)


def _unlike(child: TrainingState, state: TrainingState) -> str:
    """Which tensor of a state another one would not know what to do with, or ""."""
    own, theirs = child.model.state_dict(), state.model.state_dict()
    shapes = {key: tuple(value.shape) for key, value in theirs.items()}
    for key, value in own.items():
        if shapes.get(key) != value.shape:
            return f"{key} would have shape {tuple(value.shape)}, and has {shapes.get(key, 'none')}"
    if missing := sorted(theirs.keys() - own.keys()):
        return f"the model would be without {missing[0]}"
    if type(child.optimizer) is not type(state.optimizer):
        return "what the optimizer remembers is of another kind"
    if [parameter.shape for parameter in child.parameters] != [parameter.shape for parameter in state.parameters]:
        return "the optimizer would remember other parameters"
    return ""


def _meaning(task: Task) -> tuple[Any, ...]:
    """What the numbers of inputs and outputs stand for."""
    words = tuple(
        signal.symbols if isinstance(signal, Tokens) else signal.names if isinstance(signal, Classes) else type(signal).__name__
        for signal in (task.inputs, task.outputs)
    )
    return (task.kind, *words)


def _preset(parent: RunFolder) -> str:
    with RunReader(parent) as reader:
        return str(reader.meta().get("preset") or "")
