"""The terminal that is drawn on: whether it is still there, and the title of its window."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable

from workbench.saying import one_line

__all__ = ["WindowTitle", "is_terminal", "understands", "when_gone"]

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


_KEEP_TITLE, _TITLE, _GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b]2;{}\x07", "\x1b]2;\x07\x1b[23;2t"
"""xterm's orders: keep the title, set it (OSC 2), and set what was kept. One that keeps none is left without a title of ours."""
_LONGEST_TITLE = 120


def understands() -> bool:
    """Whether the terminal takes orders such as a title for its window; the console of Linux and `dumb` ones take none."""
    return os.environ.get("TERM", "") not in ("", "dumb", "linux")


class WindowTitle:
    """The title of the terminal's window, as what is to be written to it.

    Attributes:
        shown: the words that stand there, "" for the title that was there before.
    """

    def __init__(self) -> None:
        self.shown = ""

    def show(self, words: str) -> str:
        """What shows these words; the title that was there is kept before the first ones."""
        if words == self.shown or not understands():
            return ""
        keep = "" if self.shown else _KEEP_TITLE
        self.shown = words
        return keep + _TITLE.format(one_line(words)[:_LONGEST_TITLE])

    def give_back(self) -> str:
        """What shows the title that was there."""
        shown, self.shown = self.shown, ""
        return _GIVE_TITLE_BACK if shown else ""
