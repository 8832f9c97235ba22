"""Whether the terminal that the interface draws on is still there."""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Callable

__all__ = ["is_terminal", "when_gone"]

_GONE = getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0) | getattr(select, "POLLNVAL", 0)


def is_terminal() -> bool:
    """Whether stdin is a terminal whose end can be noticed."""
    return hasattr(select, "poll") and sys.__stdin__ is not None and sys.__stdin__.isatty()


def when_gone(then: Callable[[], None]) -> None:
    """Call something, in a thread, once the terminal on stdin is closed: a lost connection, a window whose SIGHUP went elsewhere.

    Reading from such a terminal returns at once with nothing, which would keep a core busy for ever, and writing to it fills
    a queue that nobody empties; so it cannot be left to the interface's own loop to notice.
    """
    threading.Thread(target=_wait, args=(then,), name="terminal", daemon=True).start()


def _wait(then: Callable[[], None]) -> None:
    watched = select.poll()
    watched.register(0, 0)  # a hang-up is always told
    while not any(event & _GONE for _, event in watched.poll()):
        pass
    then()
