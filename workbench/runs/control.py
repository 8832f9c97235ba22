"""How a viewer steers a run: commands written into its database, which the worker takes between steps and answers."""

from __future__ import annotations

import json
import os
import shlex
import time
from dataclasses import dataclass
from typing import Any

from workbench.errors import UsageError, WorkerError
from workbench.runs import ownership
from workbench.runs.folder import RunFolder
from workbench.runs.pending import STATEMENTS, Statement, load_pending
from workbench.runs.process import process_start
from workbench.runs.reader import RunReader
from workbench.runs.records import QUEUED, Status
from workbench.runs.schema import connect_writable, examine_database, transaction, translate

__all__ = [
    "VERBS",
    "Claim",
    "claim",
    "give_up",
    "hand_over",
    "note",
    "refusal",
    "require_worker",
    "send",
    "steps_from_rest",
    "tell",
    "wait",
    "wait_for_end",
]

VERBS = ("pause", "resume", "stop", "step", "checkpoint", "evaluate", "set")

_POLL_EVERY_S = 0.02


@dataclass(frozen=True)
class Claim:
    """The right to start a worker on a run.

    Attributes:
        token: what the worker shows for it.
        before: the state in which the run was.
    """

    token: str
    before: str


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
        require_worker(folder, verb, reader.status())
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            # looked at again: whoever notes a run's end answers the commands that are there, and none comes after them
            require_worker(folder, verb, ownership.read_status(connection, folder.path))
            cursor = connection.execute(
                "INSERT INTO commands (verb, arguments, sent) VALUES (?, ?, ?)", (verb, json.dumps(arguments), time.time())
            )
        return int(cursor.lastrowid or 0)
    finally:
        connection.close()


def steps_from_rest(folder: RunFolder, status: Status) -> bool:
    """Whether a run needs a process before it can take a step: one at rest goes on paused, and takes it then.

    A process that is there answers for itself, also where it does not take the step.

    Raises:
        UsageError: the run is at rest and has no step left.
    """
    if status.alive:
        return False
    if reason := refusal(folder, status, "take a step"):
        raise UsageError(reason)
    return True


def require_worker(folder: RunFolder, verb: str, status: Status) -> None:
    """Refuse what only a process at work on the run could do; `verb` is one of VERBS.

    Raises:
        UsageError: there is none; the message says what can be done instead.
    """
    if status.alive:
        return
    again = f" 'workbench resume {folder.id}' goes on with it." if status.resumable else ""
    if verb == "set" and not again:
        again = " A new run can have other settings: 'workbench run PRESET --set KEY=VALUE'."
    gone = " and has no process any more" if status.state == "paused" else ""
    raise UsageError(f"{folder.id}: cannot {verb} a run that is {status.state}{gone}; expected one that is running.{again}")


def wait(folder: RunFolder, command_id: int, timeout_s: float = 10.0) -> str:
    """The worker's answer to a command: "done", or why not. Blocks; call it in a thread.

    A change of settings and its answer are noted as one: without an answer there was no change.

    Raises:
        WorkerError: no answer in time, or the worker ended without one.
    """
    deadline = time.monotonic() + timeout_s
    with RunReader(folder) as reader:
        while True:
            alive = reader.status().alive  # before the answer is looked for: an answer may be the last thing a worker does
            asked = next((command for command in reader.commands() if command.id == command_id), None)
            if asked is not None and asked.outcome is not None:
                return asked.outcome
            if not alive:
                if (spooled := _spooled_answer(folder, command_id)) is not None:
                    return spooled
                nothing = " Nothing was changed." if asked is not None and asked.verb == "set" else ""
                raise WorkerError(f"{folder.id}: the worker ended before it answered.{nothing} See {folder.log_path}.")
            if time.monotonic() > deadline:
                raise WorkerError(f"{folder.id}: no answer from the worker within {timeout_s:g} s. A long step may keep it busy.")
            time.sleep(_POLL_EVERY_S)


def wait_for_end(folder: RunFolder, timeout_s: float) -> Status:
    """Where a run stands at its end that has agreed to stop: its checkpoint is written after its answer. Blocks.

    Raises:
        WorkerError: it did not end in time.
    """
    deadline = time.monotonic() + timeout_s
    with RunReader(folder) as reader:
        while (status := reader.status()).alive:
            if time.monotonic() > deadline:
                raise WorkerError(
                    f"{folder.id}: still {status.state} {timeout_s:g} s after it agreed to stop. See {folder.log_path}."
                )
            time.sleep(_POLL_EVERY_S)
    return status


def _spooled_answer(folder: RunFolder, command_id: int) -> str | None:
    """The answer that the worker could not write into run.db any more, and has left beside it."""
    _, items = load_pending(folder.pending_path)
    return next(
        (
            str(item.values[0])
            for item in items
            if isinstance(item, Statement) and item.name == "answer" and item.values[1] == command_id
        ),
        None,
    )


def refusal(folder: RunFolder, status: Status, what: str = "be resumed") -> str:
    """Why a run cannot be resumed, and so cannot `what`, for a person; "" when it is `Status.resumable`."""
    if status.resumable:
        return ""
    if status.alive:
        return f"{folder.id}: cannot {what}, it is {status.state} already. 'workbench attach {folder.id}' shows it."
    early = status.step < status.total
    done = f"it stopped early at step {status.step:,}" if early else f"it finished all of its {status.total:,} steps"
    change = "training.early_stopping=0" if early else f"training.steps={2 * status.total}"
    command = shlex.join(["workbench", "run", str(folder.experiment_path), "--set", change])
    return f"{folder.id}: cannot {what}, {done}. For a longer run start a new one: {command}"


def claim(folder: RunFolder) -> Claim:
    """Put a new run, or one at rest, into state `starting` on behalf of a worker that is launched next.

    Looking and taking are one: of two that claim a run at the same time, one is refused.

    Raises:
        UsageError: a process belongs to the run already, or it is finished.
        StoreError: the run cannot be written, or is damaged: what is wrong would be carried on.
    """
    folder.refuse_links()
    examine_database(folder.database_path)
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            status, owner = ownership.read_status(connection, folder.path), ownership.owner_of(connection)
            fresh = status.state == "starting" and not owner
            if status.alive and status.state == "paused":
                raise UsageError(f"{folder.id}: its process waits already. 'workbench resume {folder.id}' wakes it.")
            if not fresh and (reason := refusal(folder, status)):
                raise UsageError(reason)
            token = ownership.new_token()
            ownership.write(connection, token, folder.path)
            connection.execute("UPDATE status SET state = 'starting'")
            connection.execute("DELETE FROM meta WHERE key = ?", (QUEUED,))  # left by a worker that was killed while it waited
            # nobody waits any more for what was asked of the worker before this one
            connection.execute(
                "UPDATE commands SET taken = ?, outcome = 'the worker ended first'"
                " || CASE verb WHEN 'set' THEN '; nothing was changed' ELSE '' END WHERE outcome IS NULL",
                (time.time(),),
            )
            return Claim(token, status.state)
    finally:
        connection.close()


def tell(folder: RunFolder, held: Claim, message: str) -> None:
    """Put a notice into the run's event log, before its worker is there to do so.

    Raises:
        StoreError: the run cannot be written.
    """
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            if ownership.owner_of(connection) == held.token:
                step = ownership.read_status(connection, folder.path).step
                connection.execute(STATEMENTS["event"], (step, time.time(), "notice", message, "{}"))
    finally:
        connection.close()


def note(folder: RunFolder, message: str) -> None:
    """Put a notice into a run's event log, whoever works on the run; nothing that trains reads it.

    Raises:
        StoreError: the run cannot be written.
    """
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            step = ownership.read_status(connection, folder.path).step
            connection.execute(STATEMENTS["event"], (step, time.time(), "notice", message, "{}"))
    finally:
        connection.close()


def hand_over(folder: RunFolder, held: Claim, pid: int) -> None:
    """Note the process that was started for a claim, unless it has noted itself already.

    Raises:
        StoreError: the run cannot be written.
    """
    try:
        started = process_start(pid)
    except ProcessLookupError:
        started = 0.0  # it has ended already
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            if ownership.owner_of(connection) == held.token:
                connection.execute(
                    "UPDATE status SET pid = ?, process_start = ? WHERE state = 'starting' AND pid = ?",
                    (pid, started, os.getpid()),
                )
    finally:
        connection.close()


def give_up(folder: RunFolder, held: Claim) -> None:
    """Take a claim back: no worker could be started.

    Raises:
        StoreError: the run cannot be written.
    """
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            if ownership.owner_of(connection) == held.token:
                state = "failed" if held.before in ("starting", "lost") else held.before
                connection.execute("UPDATE status SET state = ?", (state,))
                ownership.let_go(connection)
    finally:
        connection.close()
