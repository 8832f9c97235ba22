"""The checkpoint files of a run: their names, and the list of them. No torch.

checkpoints/step-00001200.safetensors     all that the run was after 1,200 steps

Which one is the best by the monitored metric stands in run.db (meta `best`) and in every checkpoint's facts (`best`, `is_best`),
never in the file system: what copies files does not always copy links. A run of an earlier version may have a link
best.safetensors; it is read where run.db says nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import CheckpointError, UsageError, WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.rewinding import REWOUND_TO
from workbench.runs.schema import translate
from workbench.saying import said

__all__ = [
    "CheckpointInfo",
    "checkpoint_before",
    "checkpoint_digest",
    "checkpoint_folder_files",
    "checkpoint_path",
    "checkpoint_paths",
    "checkpoint_steps",
    "find_checkpoint",
    "header_facts",
    "list_checkpoints",
    "unfinished_path",
]

_NAME = re.compile(r"step-(\d{8,})\.safetensors")
_BEST = "best.safetensors"
_LARGEST_HEADER = 100_000_000  # of safetensors


@dataclass(frozen=True)
class CheckpointInfo:
    """A checkpoint by its file alone.

    Attributes:
        step: steps done.
        path: the file.
        is_best: it is the best one by the monitored metric.
        is_last: it is the newest.
    """

    step: int
    path: Path
    is_best: bool
    is_last: bool


def checkpoint_path(folder: RunFolder, step: int) -> Path:
    """The file of the checkpoint after so many steps."""
    return folder.checkpoints_path / f"step-{step:08d}.safetensors"


def checkpoint_digest(path: Path) -> str:
    """SHA-256 of a checkpoint's file, "" where it has been pruned: a run that went back has another one of the same step."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def unfinished_path(path: Path) -> Path:
    """Where a checkpoint is written before it takes its name."""
    return path.with_name(f".{path.name}.tmp")


def list_checkpoints(folder: RunFolder) -> list[CheckpointInfo]:
    """The run's checkpoints, oldest first; unfinished files are not among them, nor those of a way that the run has left."""
    paths = checkpoint_paths(folder)
    meta = _meta(folder) if paths else {}
    paths = {step: paths[step] for step in _counting(paths, meta)}
    last, best = max(paths, default=-1), _best_step(folder, paths, meta.get("best"))
    return [CheckpointInfo(step, paths[step], step == best, step == last) for step in sorted(paths)]


def checkpoint_steps(folder: RunFolder, meta: Mapping[str, Any]) -> tuple[int, ...]:
    """The steps of the same checkpoints, for who has read what run.db says of the run (`RunReader.meta`)."""
    return _counting(checkpoint_paths(folder), meta)


def checkpoint_paths(folder: RunFolder) -> dict[int, Path]:
    """Every whole file of a checkpoint by its step, whether it counts or not (see `list_checkpoints`)."""
    return {int(match.group(1)): path for path in checkpoint_folder_files(folder) if (match := _NAME.fullmatch(path.name))}


def find_checkpoint(folder: RunFolder, which: str | int) -> CheckpointInfo:
    """The checkpoint that a person names.

    Args:
        folder: the run.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.

    Raises:
        UsageError: there is no such checkpoint; the message lists those that there are.
        CheckpointError: there is none at all yet.
    """
    if isinstance(which, bool) or not isinstance(which, str | int):
        raise UsageError(f"{folder.id}: got checkpoint {said(which)}; expected 'best', 'last' or a step.")
    checkpoints = list_checkpoints(folder)
    if not checkpoints:
        raise CheckpointError(
            f"{folder.id}: no checkpoint yet; expected at least one. A run writes one every training.checkpoint_every steps "
            "and at its end: let it go on until then."
        )
    best = [info for info in checkpoints if info.is_best]
    if which in ("", "best") and best:
        return best[0]
    if which in ("", "last"):
        return checkpoints[-1]
    for info in checkpoints:
        if which in (info.step, str(info.step)):
            return info
    there = ", ".join([*(["best"] if best else []), "last", *(str(info.step) for info in checkpoints)])
    raise UsageError(f"{folder.id}: got checkpoint {said(which)}; expected one of {there}.")


def checkpoint_before(folder: RunFolder, step: int) -> CheckpointInfo:
    """The newest checkpoint at or before a step.

    Raises:
        CheckpointError: there is none.
    """
    checkpoints = list_checkpoints(folder)
    before = [info for info in checkpoints if info.step <= step]
    if before:
        return before[-1]
    has = f"Its first one is of step {checkpoints[0].step:,}." if checkpoints else "It has none yet: let it go on."
    raise CheckpointError(f"{folder.id}: no checkpoint at or before step {step:,}; expected one. {has}")


def header_facts(path: Path) -> dict[str, Any]:
    """A checkpoint's facts, read from its header alone, without torch and without its digest; {} where there are none."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(size)) if size <= _LARGEST_HEADER else {}
        facts = json.loads(header["__metadata__"]["facts"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _counting(steps: Iterable[int], meta: Mapping[str, Any]) -> tuple[int, ...]:
    """Those of the way that the run goes, ascending."""
    left_after = meta.get(REWOUND_TO)
    return tuple(sorted(step for step in steps if not isinstance(left_after, int) or step <= left_after))


def _best_step(folder: RunFolder, paths: Mapping[int, Path], best: Any) -> int | None:
    """Step of the best of these checkpoints; `best` is what run.db says of it.

    run.db says it, unless the process ended between a checkpoint and its note: then the newer checkpoint knows better.
    """
    if not paths:
        return None
    noted = best if isinstance(best, dict) else {}
    step = noted.get("step") if isinstance(noted.get("step"), int) else None
    if step in paths and noted.get("at") == max(paths):
        return step
    link = folder.checkpoints_path / _BEST
    if not noted and link.is_symlink():
        target = str(link.readlink())  # a name in the same folder; anything else is not ours
        return next((step for step, path in paths.items() if path.name == target), None)
    for newest in sorted(paths, reverse=True):
        match header_facts(paths[newest]).get("best"):
            case [[_, int() as step_of_best], *_] if step_of_best in paths:
                return step_of_best
    return step if step in paths else None


def _meta(folder: RunFolder) -> dict[str, Any]:
    """The facts in run.db; {} where it is damaged."""
    try:
        with RunReader(folder) as reader:
            return reader.meta()
    except WorkbenchError:
        return {}


def checkpoint_folder_files(folder: RunFolder) -> list[Path]:
    """The files in the folder of checkpoints; links are passed over, and never followed, and so are folders and pipes."""
    path = folder.own(folder.checkpoints_path)
    with translate(path):
        return [file for file in path.iterdir() if file.is_file() and not file.is_symlink()] if path.is_dir() else []
