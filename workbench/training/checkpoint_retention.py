"""Which checkpoints of a run are kept, and which go. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.rewinding import REWOUND_TO, forget_note
from workbench.system import remove, replace
from workbench.training.checkpoint_files import checkpoint_folder_files, checkpoint_paths, list_checkpoints

__all__ = ["forget_left", "prune", "remove_unfinished", "set_aside"]

_UNFINISHED = re.compile(r"\.step-\d{8,}\.safetensors\.tmp|\.tmp[A-Za-z0-9]{6}")
"""A checkpoint that is not whole: under our name for it, or under that which safetensors has for it while it writes."""


def prune(folder: RunFolder, keep_last: int, keep_steps: Iterable[int]) -> None:
    """Remove all but the newest `keep_last` checkpoints and those of `keep_steps`."""
    checkpoints = list_checkpoints(folder)
    steps = {*keep_steps, *(info.step for info in checkpoints[-keep_last:])}
    for info in checkpoints:
        if info.step not in steps:
            remove(info.path)


def remove_unfinished(folder: RunFolder) -> None:
    """Remove what a worker that was killed had begun to write; asked by the one that goes on with the run."""
    for path in checkpoint_folder_files(folder):
        if _UNFINISHED.fullmatch(path.name):
            remove(path)


def set_aside(folder: RunFolder, step: int) -> None:
    """Rename the checkpoints past a step, which a run that goes on from there could not use: it will write its own."""
    for info in list_checkpoints(folder):
        if info.step > step:
            replace(info.path, info.path.with_name(f"{info.path.name}.unusable"))


def forget_left(folder: RunFolder) -> None:
    """Remove the checkpoints of a way that the run has left by going back, and then the note that they do not count.

    Asked after going back, and by who goes on with the run: a process may have been killed in between.
    """
    with RunReader(folder) as reader:
        left_after = reader.meta().get(REWOUND_TO)
    if not isinstance(left_after, int):
        return
    for step, path in checkpoint_paths(folder).items():
        if step > left_after:
            remove(path)
    forget_note(folder)
