"""`workbench stop`: end a run with a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.runs.records import Status
from workbench.cli.steering import ANSWER_TIMEOUT_S, ask

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(run: RunName, runs_dir: RunsDir = None) -> None:
    """End a run after the step it is in, with a checkpoint (where the disk takes one) from which 'resume' can go on."""
    from workbench.runs.control import wait_for_end
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    ask(folder, "stop")
    message(f"{folder.id}: {_what_is_left(folder, wait_for_end(folder, ANSWER_TIMEOUT_S))}")


def _what_is_left(folder: RunFolder, status: Status) -> str:
    """The state of a run that was stopped, and from where it can be gone on with: a full disk takes no checkpoint."""
    from workbench.training.checkpoint_files import list_checkpoints

    if status.state == "finished":
        return "finished, with a checkpoint."
    last = max((checkpoint.step for checkpoint in list_checkpoints(folder)), default=None)
    resume = f"'workbench resume {folder.id}'"
    if last == status.step:
        return f"{status.state}, with a checkpoint. {resume} goes on with it."
    place = "the start, since there is no checkpoint" if last is None else f"the checkpoint of step {last:,}"
    return (
        f"{status.state} at step {status.step:,}, of which no checkpoint could be written ('workbench show {folder.id}' has "
        f"the reason). {resume} goes on from {place}."
    )
