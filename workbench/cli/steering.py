"""How a command asks the worker of a run for something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.runs.records import Status

__all__ = ["ANSWER_TIMEOUT_S", "ask", "wait_for_end"]

ANSWER_TIMEOUT_S = 60.0
"""A worker answers between two steps, and an evaluation of a large set lies between two steps as well."""

_POLL_EVERY_S = 0.02


def ask(folder: RunFolder, verb: str, timeout_s: float = ANSWER_TIMEOUT_S, /, **arguments: object) -> None:
    """Send a command and wait for the worker's answer, for so many seconds.

    Raises:
        UsageError: the worker refused, with its reason.
    """
    from workbench.errors import UsageError
    from workbench.runs.control import send, wait

    outcome = wait(folder, send(folder, verb, **arguments), timeout_s)
    if outcome != "done":
        raise UsageError(f"{folder.id}: {verb} refused: {outcome}")


def wait_for_end(folder: RunFolder) -> Status:
    """Where a run stands at its end that has agreed to stop: its checkpoint is written after its answer.

    Raises:
        WorkerError: it did not end in time.
    """
    from workbench.errors import WorkerError
    from workbench.runs.reader import RunReader

    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    with RunReader(folder) as reader:
        while (status := reader.status()).alive:
            if time.monotonic() > deadline:
                raise WorkerError(
                    f"{folder.id}: still {status.state} {ANSWER_TIMEOUT_S:g} s after it agreed to stop. See {folder.log_path}."
                )
            time.sleep(_POLL_EVERY_S)
    return status
