"""Whether the terminal that the interface draws on is still there."""

from __future__ import annotations

import select
import sys

__all__ = ["hung_up", "is_terminal"]


def is_terminal() -> bool:
    """Whether stdin is a terminal whose end can be noticed."""
    return hasattr(select, "poll") and sys.__stdin__ is not None and sys.__stdin__.isatty()


def hung_up() -> bool:
    """Whether the terminal on stdin was closed without a word: a lost connection, or a window whose SIGHUP went elsewhere.

    Reading from such a terminal returns at once with nothing, which would keep a core busy for ever.
    """
    watched = select.poll()
    watched.register(0, 0)  # a hang-up is always told
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in watched.poll(0))
