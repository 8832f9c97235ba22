"""Following a run to its end from the command line, and what Ctrl-C means meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import typer

from workbench.cli.output import message, print_json
from workbench.cli.progress import Progress, Snapshot
from workbench.cli.views import View, choose_view
from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.paths import resolved
from workbench.runs.alerts import Alerts
from workbench.runs.control import send
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.saying import number, took

__all__ = ["INTERRUPTED", "POLL_EVERY_S", "end_words", "follow", "leave", "run_as_json", "tell_detached"]

INTERRUPTED = 130
POLL_EVERY_S = 0.25


def follow(
    folder: RunFolder,
    experiment: Experiment,
    *,
    quiet: bool,
    as_json: bool,
    after: int = 0,
    worker: int | None = None,
    finish: Callable[[], None] | None = None,
) -> int:
    """Show a run until it ends, then say how it ended; the id (or the JSON) comes last on stdout.

    The first Ctrl-C asks the run to stop, which keeps a checkpoint; a second one does not wait for that.

    Args:
        folder: the run.
        experiment: what it trains, for the heading.
        quiet: show nothing but the end.
        as_json: print one JSON object on stdout, everything else on stderr.
        after: events up to this id are old news.
        worker: process id of the worker when this process started it.
        finish: done when the run has finished well, before its id is printed.
    Returns:
        The exit code.
    """
    heading = f"{experiment.title or f'{experiment.model.name} on {experiment.data.name}'}  {folder.id}"
    with Progress(folder, after, worker) as progress, Alerts(folder, after) as alerts:
        view = choose_view(progress, heading, quiet=quiet, as_json=as_json)
        with view:
            last, interrupts = _watch(folder, progress, alerts, view)
    _tell_end(folder, experiment, last, quiet=quiet, as_json=as_json)
    if last.state == "finished" and finish is not None:
        finish()
    if as_json:
        print_json(run_as_json(folder))
    else:
        sys.stdout.write(f"{folder.id}\n")
    if last.state in ("failed", "lost"):
        return 1
    return INTERRUPTED if interrupts and last.state != "finished" else 0


def _watch(folder: RunFolder, progress: Progress, alerts: Alerts, view: View) -> tuple[Snapshot, int]:
    """The last snapshot of a run, and how often Ctrl-C was pressed."""
    interrupts = 0
    while True:
        try:
            snapshot = progress.snapshot()
            view.show(snapshot)
            _tell(alerts, view)
            if snapshot.ended:
                return snapshot, interrupts
            time.sleep(POLL_EVERY_S)
        except KeyboardInterrupt:
            interrupts += 1
            if interrupts > 1:
                return progress.snapshot(), interrupts
            view.tell("Stopping after this step, with a checkpoint. Ctrl-C again does not wait for it.")
            try:
                send(folder, "stop")
            except WorkbenchError:  # it ended in the same moment; the next snapshot says so
                continue


def _tell(alerts: Alerts, view: View) -> None:
    """Ring the terminal's bell for what somebody who looks elsewhere is to know; a standstill is no event, so it is said here."""
    for alert in alerts.look():
        if alert.state == "stalled":
            view.tell(f"step {alert.step:,}  stands still: {alert.message}")
        if sys.stderr.isatty():
            sys.stderr.write("\a")
            sys.stderr.flush()


def _tell_end(folder: RunFolder, experiment: Experiment, last: Snapshot, *, quiet: bool, as_json: bool) -> None:
    """Say how a run ended and what can be done next."""
    stream = sys.stderr if as_json or quiet else sys.stdout
    if words := end_words(folder, last):
        message(words)
    elif not quiet:
        stream.write("".join(f"{line}\n" for line in _results(experiment, last)))


def end_words(folder: RunFolder, last: Snapshot) -> str:
    """How a run ended and what can be done next; "" of one that finished well."""
    if not last.ended:
        return f"{folder.id} goes on without you. 'workbench attach {folder.id}' shows it, 'workbench stop {folder.id}' ends it."
    match last.state:
        case "finished":
            return ""
        case "failed":
            why = _why(folder)
            log = "" if str(folder.log_path) in why else f" The worker's log is {folder.log_path}."
            return f"{folder.id}: failed at step {last.step:,}: {why}{log}"
        case "lost":
            return (
                f"{folder.id}: the worker is gone at step {last.step:,} without a word; its log is {folder.log_path}. "
                f"'workbench resume {folder.id}' goes on from the last checkpoint."
            )
        case _:
            return f"{folder.id}: {last.state} at step {last.step:,}. 'workbench resume {folder.id}' goes on with it."


def _results(experiment: Experiment, last: Snapshot) -> list[str]:
    """What a finished run reached, next to the trivial predictors."""
    lines = [f"Finished {last.step:,} {'step' if last.step == 1 else 'steps'} in {took(last.seconds)}."]
    best = {tag.partition("/")[2]: value for tag, value in last.values.items() if tag.startswith("test_best/")}
    differ = False
    for tag, value in last.values.items():
        if not tag.startswith("test/"):
            continue
        metric = tag.partition("/")[2]
        other, baseline = best.get(metric, value), experiment.task.baseline(tag)
        notes = [] if other == value else [f"best weights: {number(other)}"]
        notes += [baseline.words] if baseline else []
        differ |= other != value
        against = f"   ({'; '.join(notes)})" if notes else ""
        lines.append(f"  {tag} {number(value)}{against}")
    if differ:
        lines.append("  Measured with the last weights; 'export' and 'predict' take the best ones on validation.")
    return lines


def _why(folder: RunFolder) -> str:
    with RunReader(folder) as reader:
        reasons = [event.message for event in reader.events() if event.kind == "failed"]
    return f"{reasons[-1].rstrip('.')}." if reasons and reasons[-1] else "no reason was written."


def run_as_json(folder: RunFolder) -> dict[str, Any]:
    """A run as `run --json` and `resume --json` print it."""
    from workbench.training.checkpoint_files import list_checkpoints

    with RunReader(folder) as reader:
        status, seconds, values = reader.status(), reader.training_seconds(), reader.latest_values()
    return {
        "run": folder.id,
        "path": str(resolved(folder.path)),
        "state": status.state,
        "step": status.step,
        "seconds": seconds,
        "metrics": values,
        "checkpoints": [
            {
                "step": checkpoint.step,
                "path": str(resolved(checkpoint.path)),
                "best": checkpoint.is_best,
                "last": checkpoint.is_last,
            }
            for checkpoint in list_checkpoints(folder)
        ],
    }


def tell_detached(folder: RunFolder, *, quiet: bool, as_json: bool) -> None:
    """Say how a run that nobody follows here is seen and ended; its id (or the JSON) comes last on stdout."""
    if not quiet:
        message(f"'workbench attach {folder.id}' shows it, 'workbench stop {folder.id}' ends it.")
    if as_json:
        print_json(run_as_json(folder))
    else:
        sys.stdout.write(f"{folder.id}\n")


def leave(code: int) -> None:
    """End the command with an exit code other than 0.

    Raises:
        Exit: the code is not 0.
    """
    if code:
        raise typer.Exit(code)
