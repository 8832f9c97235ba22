"""`workbench resume`: go on with a run that is paused or has ended."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import AcceptChangedData, Json, Notify, RunName, RunsDir, notify_command, runs_root
from workbench.cli.steering import ask

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: RunName,
    notify: Notify = "",
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Start it and return at once.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's id and nothing else.")] = False,
    accept_changed_data: AcceptChangedData = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Go on with a run: wake a paused one, or restart a stopped, failed or lost one from its last good checkpoint."""
    from workbench.cli.following import follow, leave, tell_detached
    from workbench.errors import UsageError
    from workbench.runs.alerts import last_event
    from workbench.runs.control import refusal
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.training import launch
    from workbench.training.notifying import start_notifier

    called = notify_command(notify)
    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        status = reader.status()
    after = last_event(folder)
    if reason := refusal(folder, status):
        raise UsageError(reason)
    experiment = folder.experiment()
    worker = None
    if status.alive:
        ask(folder, "resume")
    else:
        worker = launch.resume(folder, accept_changed_data=accept_changed_data)
    start_notifier(folder, called, after)
    if detach:
        tell_detached(folder, quiet=quiet, as_json=as_json)
    else:
        leave(follow(folder, experiment, quiet=quiet, as_json=as_json, after=after, worker=worker))
