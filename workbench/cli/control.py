"""`workbench resume`, `pause`, `stop`, `set` and `attach`: steering a run that goes on, or going on with one that ended."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import AcceptChangedData, Json, RunName, RunsDir, assignments, runs_root
from workbench.cli.output import message, print_json

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.runs.records import Status

__all__ = ["register"]

_POLL_EVERY_S = 0.02
_ANSWER_TIMEOUT_S = 60.0
"""A worker answers between two steps, and an evaluation of a large set lies between two steps as well."""


def resume(
    run: RunName,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Start it and return at once.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's id and nothing else.")] = False,
    accept_changed_data: AcceptChangedData = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Go on with a run: wake a paused one, or restart a stopped, failed or lost one from its last good checkpoint."""
    from workbench.cli.following import follow, leave, run_values
    from workbench.errors import UsageError
    from workbench.runs.control import refusal
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.training import launch

    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        status = reader.status()
        after = max((event.id for event in reader.events()), default=0)
    if reason := refusal(folder, status):
        raise UsageError(reason)
    experiment = folder.experiment()
    worker = None
    if status.alive:
        _ask(folder, "resume")
    else:
        worker = launch.resume(folder, accept_changed_data=accept_changed_data)
    if not detach:
        leave(follow(folder, experiment, quiet=quiet, as_json=as_json, after=after, worker=worker))
    elif as_json:
        print_json(run_values(folder))
    else:
        sys.stdout.write(f"{folder.id}\n")


def pause(run: RunName, runs_dir: RunsDir = None) -> None:
    """Let a run wait after the step it is in; its process stays, and 'resume' wakes it."""
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    _ask(folder, "pause")
    message(f"{folder.id}: paused. 'workbench resume {folder.id}' goes on with it.")


def stop(run: RunName, runs_dir: RunsDir = None) -> None:
    """End a run after the step it is in, with a checkpoint (where the disk takes one) from which 'resume' can go on."""
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    _ask(folder, "stop")
    message(f"{folder.id}: {_what_is_left(folder, _wait_for_end(folder))}")


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


def _wait_for_end(folder: RunFolder) -> Status:
    """Where a run stands at its end that has agreed to stop: its checkpoint is written after its answer.

    Raises:
        WorkerError: it did not end in time.
    """
    from workbench.errors import WorkerError
    from workbench.runs.reader import RunReader

    deadline = time.monotonic() + _ANSWER_TIMEOUT_S
    with RunReader(folder) as reader:
        while (status := reader.status()).alive:
            if time.monotonic() > deadline:
                raise WorkerError(
                    f"{folder.id}: still {status.state} {_ANSWER_TIMEOUT_S:g} s after it agreed to stop. See {folder.log_path}."
                )
            time.sleep(_POLL_EVERY_S)
    return status


def set_(
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
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        in_force = reader.live_changes().until(reader.status().step)
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
    _ask(folder, "set", **wanted)
    for key, value in wanted.items():
        message(f"{folder.id}: {key} is now {value}")


def _ask(folder: RunFolder, verb: str, **arguments: object) -> None:
    """Send a command and wait for the worker's answer.

    Raises:
        UsageError: the worker refused, with its reason.
    """
    from workbench.errors import UsageError
    from workbench.runs.control import send, wait

    outcome = wait(folder, send(folder, verb, **arguments), _ANSWER_TIMEOUT_S)
    if outcome != "done":
        raise UsageError(f"{folder.id}: {verb} refused: {outcome}")


def attach(run: RunName, runs_dir: RunsDir = None) -> None:
    """Open the interface on a run, live or ended."""
    from workbench.cli import open_interface
    from workbench.runs.listing import find_run

    root = runs_root(runs_dir)
    open_interface(attach=find_run(root, run).id, runs_dir=root)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (resume, pause, stop, attach):
        app.command(rich_help_panel="Train")(command)
    app.command("set", rich_help_panel="Train")(set_)
