"""`workbench set`: change settings of a run while it goes on."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, assignments, runs_root
from workbench.cli.output import message
from workbench.cli.steering import ask

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: RunName,
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE.KEY=VALUE...",
            help="What to change: optimizer.lr=3e-4; a bare key where it is unique.",
        ),
    ],
    runs_dir: RunsDir = None,
) -> None:
    """Change settings of a run while it goes on: learning rate, clip norm, dropout, intervals and the like."""
    from workbench.errors import ExperimentError, Problem
    from workbench.runs.control import require_worker
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        status = reader.status()
        in_force = reader.live_changes().until(status.step)
    require_worker(folder, "set", status)
    experiment = folder.experiment().with_changes(in_force)
    typed = {experiment.full_key(key): value for key, value in assignments(changes, "workbench set").items()}
    live = experiment.live_settings()
    changed = experiment.with_changes(typed, "workbench set")  # unknown keys and values out of bounds are told here, all at once
    wanted = {key: changed.value(key) for key in typed}
    problems = []
    for key in wanted:
        if key not in live:
            table, _, name = key.rpartition(".")
            reason = f"cannot change while the run goes on; expected one of {', '.join(live)}."
            problems.append(Problem("workbench set", table, name, reason))
    if problems:
        raise ExperimentError(problems)
    ask(folder, "set", **wanted)
    for key, value in wanted.items():
        message(f"{folder.id}: {key} is now {value}")
