"""How a viewer steers a run: commands written into its database, which the worker takes between steps and answers."""

from __future__ import annotations

import json
import time
from typing import Any

from workbench.errors import UsageError, WorkerError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.schema import connect_writable, transaction, translate

__all__ = ["VERBS", "mark_starting", "send", "wait"]

VERBS = ("pause", "resume", "stop", "step", "checkpoint", "evaluate", "set", "probe")

_POLL_EVERY_S = 0.02


def send(folder: RunFolder, verb: str, /, **arguments: Any) -> int:
    """Ask the run's worker for something; returns at once.

    Args:
        folder: the run.
        verb: one of VERBS.
        arguments: what the verb needs, JSON values (`send(folder, "set", **{"optimizer.lr": 3e-4})`).
    Returns:
        The command's id, for `wait`.
    Raises:
        UsageError: there is no such verb, or no process that would take the command.
        StoreError: the run cannot be written.
    """
    if verb not in VERBS:
        raise UsageError(f"{folder.id}: got command '{verb}'; expected one of {', '.join(VERBS)}.")
    with RunReader(folder) as reader:
        status = reader.status()
    if not status.alive:
        again = f" 'workbench resume {folder.id}' goes on with it." if status.state in ("paused", "stopped", "lost") else ""
        if verb == "set" and not again:
            again = " A new run can have other settings: 'workbench run PRESET --set KEY=VALUE'."
        raise UsageError(f"{folder.id}: cannot {verb} a run that is {status.state}; expected one that is running.{again}")
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path):
            cursor = connection.execute(
                "INSERT INTO commands (verb, arguments, sent) VALUES (?, ?, ?)", (verb, json.dumps(arguments), time.time())
            )
        return int(cursor.lastrowid or 0)
    finally:
        connection.close()


def wait(folder: RunFolder, command_id: int, timeout_s: float = 10.0) -> str:
    """The worker's answer to a command: "done", or why not. Blocks; call it in a thread.

    Raises:
        WorkerError: no answer in time, or the worker ended without one.
    """
    deadline = time.monotonic() + timeout_s
    with RunReader(folder) as reader:
        while True:
            alive = reader.status().alive  # before the answer is looked for: an answer may be the last thing a worker does
            outcome = next((command.outcome for command in reader.commands() if command.id == command_id), None)
            if outcome is not None:
                return outcome
            if not alive:
                raise WorkerError(f"{folder.id}: the worker ended before it answered. See {folder.log_path}.")
            if time.monotonic() > deadline:
                raise WorkerError(f"{folder.id}: no answer from the worker within {timeout_s:g} s. A long step may keep it busy.")
            time.sleep(_POLL_EVERY_S)


def mark_starting(folder: RunFolder) -> None:
    """Put a run at rest into state `starting`, before a worker is launched to go on with it.

    Raises:
        UsageError: a process belongs to the run already.
        StoreError: the run cannot be written.
    """
    with RunReader(folder) as reader:
        status = reader.status()
    if status.alive:
        raise UsageError(f"{folder.id}: cannot be resumed, it is {status.state} already. 'workbench attach' shows it.")
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            connection.execute(
                "UPDATE status SET state = 'starting', pid = NULL, process_start = NULL, heartbeat = ?", (time.time(),)
            )
            # nobody waits any more for what was asked of the worker before this one
            connection.execute(
                "UPDATE commands SET taken = ?, outcome = 'the worker ended first' WHERE outcome IS NULL", (time.time(),)
            )
    finally:
        connection.close()
