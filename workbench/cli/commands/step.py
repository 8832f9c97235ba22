"""`workbench step`: let a paused run take some steps."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message
from workbench.cli.steering import ask

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: RunName,
    count: Annotated[int, typer.Argument(metavar="[N]", min=1, help="How many steps.", show_default=True)] = 1,
    runs_dir: RunsDir = None,
) -> None:
    """Let a paused run take N steps, with the evaluations that fall due; it stays paused. Ctrl-C leaves it to its steps."""
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.saying import number

    folder = find_run(runs_root(runs_dir), run)
    ask(folder, "step", math.inf, count=count)
    with RunReader(folder) as reader:
        status, loss = reader.status(), reader.last("train/loss")
    measured = f", train/loss {number(loss[1])}" if loss is not None and loss[0] == status.step else ""
    message(f"{folder.id}: {status.state} at step {status.step:,}{measured}.")
