"""A run goes back to an earlier step of its own, bit for bit; what came after is kept as a branch."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import UsageError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.rewinding import keep_branch, rewind_refusal, take_back
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import checkpoint_path, list_checkpoints
from workbench.training.checkpoint_retention import forget_left
from workbench.training.checkpoints import write_checkpoint
from workbench.training.recompute import Done, state_at
from workbench.training.state import TrainingState

__all__ = ["Rewound", "rewind"]


@dataclass(frozen=True)
class Rewound:
    """What has become of a run that went back.

    Attributes:
        before: steps that it had done.
        step: where it stands now.
        branch: the run that it was before.
    """

    before: int
    step: int
    branch: RunFolder


def rewind(folder: RunFolder, step: int, done: Done = lambda _step, _last: None) -> Rewound:
    """Bring a run at rest back to a step: the nearest checkpoint before it is loaded and the steps up to it are taken once more.

    Killed on the way, the run is as it was or as it shall be; a branch may be left of the first.

    Args:
        folder: the run, on which no process works.
        step: steps done, fewer than it has; 0 is the beginning.
        done: told after each step that is taken once more how many are done, and how many will be.
    Raises:
        UsageError: it cannot go back to that step.
        CheckpointError: the state of that step cannot be computed.
        ChangedDataError, DataError: its data are not what they were.
        StoreError: the run, or the branch, cannot be written.
    """
    if folder.own(folder.pending_path).exists():
        RunWriter(folder).close()  # what its worker could not write into run.db is written first
    with RunReader(folder) as reader:
        before = reader.status()
        steps, seconds, _ = reader.timing()
    reason = rewind_refusal(folder, before, step)
    if before.alive and not reason:
        reason = f"{folder.id}: its process waits still; expected none. 'workbench stop {folder.id}' ends it."
    if reason:
        raise UsageError(reason)
    folder.refuse_links()

    def saved(at: int) -> TrainingState:
        """The state after a step, in a checkpoint of its own: at once, since it has the random numbers of this process."""
        state = state_at(folder, at, done)
        taken = seconds[steps <= at]
        state.seconds = float(taken[-1]) if len(taken) else 0.0  # what the steps took when they were first taken
        if at:  # without any checkpoint a run begins anew
            write_checkpoint(folder, state, checkpoint_path(folder, at))
        return state

    checkpoints = list_checkpoints(folder)
    state = saved(step)
    for _, at in state.best[: state.experiment.training.keep_best]:
        if at < step and at not in {info.step for info in checkpoints}:
            saved(at)  # it was removed when a better one came, which the run has not seen now
    branch = keep_branch(folder, step, [info.path for info in checkpoints])
    take_back(folder, before, step, branch, state.best_step)
    forget_left(folder)
    return Rewound(before.step, step, branch)
