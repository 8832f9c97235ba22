"""A checkpoint that is asked: of which run, and which one of it. While the run trains, the best and the last one move on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.cards import Task
from workbench.errors import CheckpointError, WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training.checkpoint_files import CheckpointInfo, list_checkpoints

__all__ = ["Side", "read_side", "read_task"]


@dataclass(frozen=True)
class Side:
    """A run, and a checkpoint of it.

    Attributes:
        folder: the run.
        which: "best", "last" or a step as text; "" while it has not been read.
        name: what the run is called.
        live: whether it still trains.
        checkpoints: those that there are, oldest first.
        problem: why they cannot be read, or "".
    """

    folder: RunFolder
    which: str = ""
    name: str = ""
    live: bool = False
    checkpoints: tuple[CheckpointInfo, ...] = ()
    problem: str = ""

    @property
    def checkpoint(self) -> CheckpointInfo | None:
        """The one that is asked; None where there is none, or none of that step any more."""
        if not self.checkpoints:
            return None
        best = next((info for info in self.checkpoints if info.is_best), None)
        if self.which == "best" and best is not None:
            return best
        if self.which in ("", "best", "last"):
            return self.checkpoints[-1]
        return next((info for info in self.checkpoints if str(info.step) == self.which), None)

    @property
    def words(self) -> str:
        """Run, step and what that is: `lstm-adding  step 1,200, best`."""
        found = self.checkpoint
        if found is None:
            return f"{self.name}  no checkpoint{f' of step {self.which}' if self.which.isdigit() else ' yet'}"
        return f"{self.name}  {checkpoint_words(found, live=self.live)}"

    def of(self, which: str) -> Side:
        """The same run with another checkpoint."""
        return replace(self, which=which)


def checkpoint_words(info: CheckpointInfo, *, live: bool) -> str:
    """A checkpoint in words; `live`: the run goes on, so that its last one is the newest up to now."""
    what = [word for word, holds in (("best", info.is_best), ("newest" if live else "last", info.is_last)) if holds]
    return ", ".join([f"step {info.step:,}", *what])


def read_side(folder: RunFolder, which: str = "") -> Side:
    """What there is of a run. Called in a thread.

    Args:
        folder: the run.
        which: the checkpoint; "" for the newest one of a run that goes on, the best one of another.
    """
    try:
        with RunReader(folder) as reader:
            status, meta = reader.status(), reader.meta()
        which = which or ("last" if status.alive else "best")
        return Side(folder, which, str(meta.get("name") or folder.id), status.alive, tuple(list_checkpoints(folder)))
    except WorkbenchError as error:
        return Side(folder, which, folder.id, problem=str(error))


def read_task(folder: RunFolder) -> Task:
    """What a run's model was trained to do. Called in a thread.

    Raises:
        WorkbenchError: the run, or its data, cannot be opened here.
    """
    return folder.experiment().open_data(folder.carried()).task


def newest_with_checkpoint(folders: Sequence[RunFolder]) -> RunFolder:
    """The first of some runs that has a checkpoint. Called in a thread.

    Raises:
        CheckpointError: none has.
    """
    for folder in folders:
        if read_side(folder).checkpoints:
            return folder
    raise CheckpointError("playground: no run has a checkpoint yet; expected one. F5 on Bench starts a run, which writes some.")
