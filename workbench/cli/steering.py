"""How a command asks the worker of a run for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder

__all__ = ["ANSWER_TIMEOUT_S", "ask", "require_done"]

ANSWER_TIMEOUT_S = 60.0
"""A worker answers between two steps, and an evaluation of a large set lies between two steps as well."""


def ask(folder: RunFolder, verb: str, timeout_s: float = ANSWER_TIMEOUT_S, /, **arguments: object) -> None:
    """Send a command and wait for the worker's answer, for so many seconds.

    Raises:
        UsageError: the worker refused, with its reason.
    """
    from workbench.runs.control import send, wait

    require_done(folder, verb, wait(folder, send(folder, verb, **arguments), timeout_s))


def require_done(folder: RunFolder, verb: str, outcome: str) -> None:
    """Raise UsageError where a worker has answered a command with a reason against it."""
    from workbench.errors import UsageError

    if outcome != "done":
        raise UsageError(f"{folder.id}: {verb} refused: {outcome}")
