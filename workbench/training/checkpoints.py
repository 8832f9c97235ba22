"""Checkpoints: one safetensors file with all tensors, everything else as JSON in its metadata. Never pickle.

tensors     model/<name>, optimizer/<parameter>/<name>, rng/<generator>
metadata    format, facts (step, experiment, counters), versions, digest
"""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from workbench.cards import Carried
from workbench.cards.own_code import offer, offered_in
from workbench.cards.stored_task import carried_from_dict
from workbench.errors import CheckpointError, DiskFullError, StoreError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.saying import one_line, said
from workbench.system import replace, sync_file, sync_folder
from workbench.training.checkpoint_files import checkpoint_path, list_checkpoints, unfinished_path
from workbench.training.checkpoint_retention import prune
from workbench.training.state import TrainingState, unsound

__all__ = [
    "Checkpoint",
    "content_digest",
    "load_checkpoint",
    "restore",
    "restore_latest",
    "save_checkpoint",
    "save_shared",
    "write_checkpoint",
]

FORMAT = "workbench-checkpoint-1"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as read.

    Attributes:
        path: the file.
        tensors: all tensors by full name, on the CPU.
        facts: step, experiment and counters, as `TrainingState.facts` gave them.
    """

    path: Path
    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.facts["step"])

    @property
    def is_best(self) -> bool:
        """Whether it was the best one by the monitored metric when it was saved."""
        best = self.facts.get("best") or [[0.0, -1]]
        return bool(self.facts.get("is_best", best[0][1] == self.step))

    @property
    def experiment(self) -> Experiment:
        """Settings in force when it was saved."""
        carried = self.carried
        task = None if carried is None else carried.task
        offer(offered_in(self.path.parent.parent / "code"))
        return Experiment.from_dict(self.facts["experiment"], where=str(self.path.name), task=task)

    @cached_property
    def carried(self) -> Carried | None:
        """What its model carries of the data; None in a checkpoint that is older than that.

        Raises:
            CheckpointError: it is damaged.
        """
        if "data" not in self.facts:
            return None
        try:
            return carried_from_dict(self.facts["data"])
        except ValueError as error:
            raise CheckpointError(f"{self.path}: damaged: {error}. Use another checkpoint of the run.") from error

    @property
    def model(self) -> dict[str, Tensor]:
        """The model's state dict."""
        return {name.removeprefix("model/"): value for name, value in self.tensors.items() if name.startswith("model/")}


def save_checkpoint(folder: RunFolder, state: TrainingState) -> Path:
    """Save a run's state: written beside, synced, renamed, folder synced; only then are old ones removed.

    Raises:
        StoreError: it could not be written (full disk, no permission); older checkpoints are untouched.
    """
    path = checkpoint_path(folder, state.step)
    write_checkpoint(folder, state, path)
    training = state.experiment.training
    prune(folder, training.keep_last, [step for _, step in state.best[: training.keep_best]])
    return path


def write_checkpoint(folder: RunFolder, state: TrainingState, path: Path) -> None:
    """Write a state into a file of a run, whole or not at all.

    Raises:
        StoreError: it could not be written (full disk, no permission).
    """
    temporary = unfinished_path(path)
    tensors = state.tensors()
    facts = json.dumps({**state.facts(), "is_best": state.best_step == state.step})
    metadata = {
        "format": FORMAT,
        "facts": facts,
        "versions": json.dumps({"torch": torch.__version__}),
        "digest": content_digest(tensors, facts),
    }
    try:
        folder.own(folder.checkpoints_path).mkdir(exist_ok=True)
        save_shared(tensors, temporary, metadata)
        sync_file(temporary)
        replace(temporary, path)
        sync_folder(path.parent)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        if not folder.path.is_dir():
            raise StoreError(
                f"{folder.path}: not there any more, so the checkpoint of step {state.step:,} cannot be written. Do not move, "
                "rename or delete the folder of a run that goes on; moved, the run can be resumed where it is now."
            ) from error
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        kind = DiskFullError if _is_full(error) else StoreError
        raise kind(f"{path}: the checkpoint cannot be written: {reason}. Make room or fix the permissions.") from error


def save_shared(tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str]) -> None:
    """Write a safetensors file that others may read as the umask says: the library makes its files for the owner alone.

    Raises:
        OSError, SafetensorError: it cannot be written.
    """
    path.unlink(missing_ok=True)
    path.touch(exist_ok=False)
    mode = stat.S_IMODE(path.stat().st_mode)
    save_file(dict(tensors), path, dict(metadata))
    path.chmod(mode)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and compare it with its digest. Nothing in the file is executed.

    Raises:
        CheckpointError: the file is missing, damaged, or not a checkpoint.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except (OSError, SafetensorError, RuntimeError, ValueError, TypeError, LookupError, OverflowError) as error:
        raise CheckpointError(
            f"{path}: not a readable checkpoint: {one_line(str(error)).rstrip('.')}. Use another one of the run."
        ) from error
    if metadata.get("format") != FORMAT:
        got = said(metadata.get("format", "none"))
        raise CheckpointError(f"{path}: got format {got}; expected '{FORMAT}'. Use a checkpoint written by this version.")
    facts = metadata.get("facts", "")
    if metadata.get("digest") != content_digest(tensors, facts):
        raise CheckpointError(f"{path}: damaged, its contents do not equal its digest. Use another checkpoint of the run.")
    return Checkpoint(path, tensors, _checked_facts(path, facts))


def _checked_facts(path: Path, text: str) -> dict[str, Any]:
    """Facts of the kinds that a worker writes.

    Raises:
        CheckpointError: something else stands there.
    """
    try:
        facts = json.loads(text)
        whole = all(isinstance(facts[key], int) for key in ("step", "stale", "rewinds")) and facts["step"] >= 0
        if not (whole and isinstance(facts["experiment"], dict) and isinstance(facts["plateau"], dict)):
            raise TypeError  # noqa: TRY301 - said like what JSON cannot read
        for value, step in facts["best"]:
            if not (isinstance(value, int | float) and isinstance(step, int)):
                raise TypeError  # noqa: TRY301
    except (ValueError, KeyError, TypeError, RecursionError):
        line = f"{path}: damaged, its facts are not those of a checkpoint. Use another checkpoint of the run."
        raise CheckpointError(line) from None
    return dict(facts)


def restore(state: TrainingState, checkpoint: Checkpoint) -> None:
    """Bring a state back to a checkpoint.

    Raises:
        CheckpointError: it lacks something, or holds what does not fit the model or the optimiser.
    """
    try:
        state.restore(checkpoint.tensors, checkpoint.facts)
    except CheckpointError as error:
        raise CheckpointError(f"{checkpoint.path}: {error}") from error
    if extra := checkpoint.tensors.keys() - state.tensors().keys() - {"rng/cuda", "rng/mps"}:
        state.reset()
        raise CheckpointError(
            f"{checkpoint.path}: does not fit the run: got a tensor {said(min(extra))}. Use another checkpoint of the run."
        )


def restore_latest(folder: RunFolder, state: TrainingState, until: int | None = None) -> tuple[Checkpoint | None, list[str]]:
    """Bring a state back to the newest checkpoint that is whole and fits, and give it; one line on each that was passed over.

    Without any it is what the run began with: the checkpoint of a forked run, else the seed.

    Args:
        folder: the run.
        state: of the run's experiment; it is changed.
        until: checkpoints of later steps are left aside.
    Raises:
        CheckpointError: what a forked run began with is damaged.
    """
    damaged: list[str] = []
    for info in reversed(list_checkpoints(folder)):
        if until is not None and info.step > until:
            continue
        try:
            checkpoint = _load_sound(info.path)
            restore(state, checkpoint)
        except CheckpointError as error:
            damaged.append(str(error))
        else:
            return checkpoint, damaged
    if folder.own(folder.begin_path).exists():
        checkpoint = _load_sound(folder.begin_path)
        restore(state, checkpoint)
        return checkpoint, damaged
    state.reset()
    return None, damaged


def _load_sound(path: Path) -> Checkpoint:
    """A checkpoint from which training can go on.

    Raises:
        CheckpointError: as `load_checkpoint`, or its weights are not finite.
    """
    checkpoint = load_checkpoint(path)
    if bad := unsound(checkpoint.tensors):
        raise CheckpointError(f"{path}: passed over, {bad} is not finite; expected finite weights. An earlier one is used.")
    return checkpoint


def _is_full(error: OSError | SafetensorError) -> bool:
    """Whether there was no room; safetensors says so in words alone."""
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if isinstance(error, OSError):
        return error.errno in numbers
    return any(f"os error {number})" in str(error) for number in numbers)


def content_digest(tensors: Mapping[str, Tensor], facts: str) -> str:
    """One number over names, types, shapes and bytes of all tensors, and over the facts."""
    digest = hashlib.blake2b(facts.encode(), digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data if tensor.numel() else b"")
    return digest.hexdigest()
