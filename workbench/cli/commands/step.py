"""`workbench step`: let a run take some steps."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message
from workbench.cli.steering import ANSWER_TIMEOUT_S, require_done

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: RunName,
    count: Annotated[int, typer.Argument(metavar="[N]", min=1, help="How many steps.", show_default=True)] = 1,
    runs_dir: RunsDir = None,
) -> None:
    """Let a run take N steps, with the evaluations that fall due; it is paused after them. Ctrl-C leaves it to its steps.

    A paused run takes them at once. One that was stopped, has failed or is lost goes on from its last good checkpoint for it, as
    with 'resume', and waits paused then.
    """
    from workbench.runs.control import wait, wait_for_end
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.saying import number
    from workbench.training import launch

    folder = find_run(runs_root(runs_dir), run)
    require_done(folder, "step", wait(folder, launch.take_steps(folder, count), math.inf))
    with RunReader(folder) as reader:
        status, loss = reader.status(), reader.last("train/loss")
    if status.step >= status.total:  # that was its last one: it is measured once more, and ends
        status = wait_for_end(folder, ANSWER_TIMEOUT_S)
    measured = f", train/loss {number(loss[1])}" if loss is not None and loss[0] == status.step else ""
    message(f"{folder.id}: {status.state} at step {status.step:,}{measured}.")
