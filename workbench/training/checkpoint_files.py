"""The checkpoint files of a run: their names, the list of them, and which ones go. No torch.

checkpoints/step-00001200.safetensors     all that the run was after 1,200 steps
checkpoints/best.safetensors              a link to the best one by the monitored metric
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import CheckpointError, UsageError
from workbench.runs.folder import RunFolder
from workbench.system import remove

__all__ = ["CheckpointInfo", "checkpoint_path", "find_checkpoint", "link_best", "list_checkpoints", "prune"]

_NAME = re.compile(r"step-(\d{8,})\.safetensors")
_BEST = "best.safetensors"


@dataclass(frozen=True)
class CheckpointInfo:
    """A checkpoint by its file alone.

    Attributes:
        step: steps done.
        path: the file.
        is_best: it is the one that best.safetensors names.
        is_last: it is the newest.
    """

    step: int
    path: Path
    is_best: bool
    is_last: bool


def checkpoint_path(folder: RunFolder, step: int) -> Path:
    """The file of the checkpoint after so many steps."""
    return folder.checkpoints_path / f"step-{step:08d}.safetensors"


def list_checkpoints(folder: RunFolder) -> list[CheckpointInfo]:
    """The run's checkpoints, oldest first; unfinished files are not among them."""
    found = {int(match.group(1)): path for path in _files(folder) if (match := _NAME.fullmatch(path.name))}
    best = folder.checkpoints_path / _BEST
    target = best.resolve().name if best.is_symlink() else ""
    last = max(found, default=-1)
    return [CheckpointInfo(step, found[step], found[step].name == target, step == last) for step in sorted(found)]


def find_checkpoint(folder: RunFolder, which: str) -> CheckpointInfo:
    """The checkpoint that a person names.

    Args:
        folder: the run.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.

    Raises:
        UsageError: there is no such checkpoint; the message lists those that there are.
        CheckpointError: there is none at all yet.
    """
    found = list_checkpoints(folder)
    if not found:
        raise CheckpointError(f"{folder.id}: no checkpoint yet; expected at least one. Let the run reach its first checkpoint.")
    best = [info for info in found if info.is_best]
    if which in ("", "best") and best:
        return best[0]
    if which in ("", "last"):
        return found[-1]
    for info in found:
        if which == str(info.step):
            return info
    there = ", ".join([*(["best"] if best else []), "last", *(str(info.step) for info in found)])
    raise UsageError(f"{folder.id}: got checkpoint '{which}'; expected one of {there}.")


def link_best(folder: RunFolder, step: int) -> None:
    """Let best.safetensors name the checkpoint of a step, in one move."""
    temporary = folder.checkpoints_path / f".{_BEST}.tmp"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(checkpoint_path(folder, step).name)
    temporary.replace(folder.checkpoints_path / _BEST)


def prune(folder: RunFolder, keep_last: int, keep_steps: Iterable[int]) -> None:
    """Remove all but the newest `keep_last` checkpoints and those of `keep_steps`."""
    found = list_checkpoints(folder)
    kept = {*keep_steps, *(info.step for info in found[-keep_last:])}
    for info in found:
        if info.step not in kept:
            remove(info.path)


def _files(folder: RunFolder) -> list[Path]:
    return list(folder.checkpoints_path.iterdir()) if folder.checkpoints_path.is_dir() else []
