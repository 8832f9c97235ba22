"""`workbench fork`: a new run that begins where another one was."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import Json, Notify, RunsDir, Sets, assignments, complete_run, notify_command, runs_root
from workbench.cli.working import StepsTold

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN[@STEP]",
            help="A run (id, unique beginning or end of it, name, or 'latest') and any of its steps, best or last (default).",
            autocompletion=complete_run,
        ),
    ],
    sets: Sets = None,
    name: Annotated[str, typer.Option("--name", help="A name for the new run.")] = "",
    notify: Notify = "",
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Start it and return at once.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's id and nothing else.")] = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Begin a new run where another one was, with other settings or more steps; the other one stays as it is.

    Weights, optimizer and random numbers are those after that step, recomputed from the checkpoint before it where it has none.
    Any setting may change that keeps shapes and meanings; for more steps: --set training.steps=N.
    """
    from workbench.cli.following import follow, leave, tell_detached
    from workbench.runs.alerts import last_event
    from workbench.runs.listing import find_reference
    from workbench.training import launch
    from workbench.training.forking import fork, step_of
    from workbench.training.notifying import start_notifier

    called = notify_command(notify)
    root = runs_root(runs_dir)
    parent, which = find_reference(root, run)
    step = step_of(parent, which)
    changes = assignments(sets or [])
    if quiet:
        folder = fork(parent, step, changes, root, name)
    else:
        with StepsTold() as told:
            folder = fork(parent, step, changes, root, name, told)
    experiment = folder.experiment()
    launch.check_device(experiment.training.device)
    after = last_event(folder)
    worker = launch.start(folder)
    start_notifier(folder, called, after)
    if detach:
        tell_detached(folder, quiet=quiet, as_json=as_json)
        return
    leave(follow(folder, experiment, quiet=quiet, as_json=as_json, worker=worker))
