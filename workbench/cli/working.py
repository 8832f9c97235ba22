"""Says how far a command is that takes longer than a second: a line that goes again, on a terminal's stderr alone."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from workbench.cli.output import console, message
from workbench.saying import clock, eta
from workbench.tui.base.terminal import understands

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

__all__ = ["StepsTold", "Working", "rest_words"]

_AFTER_S = 1.0
"""What takes less is not spoken of."""
_PER_SECOND = 4

T = TypeVar("T")


def rest_words(done: float, total: float, pace: float) -> str:
    """How much is done of something, and what the rest will take: `48 %, ETA 12 s`.

    Args:
        done, total: how much of how much, `total` above 0.
        pace: how much is done in a second, 0 where that is not known yet.
    """
    share = f"{100 * done / total:.0f} %"
    return f"{share}, {eta((total - done) / pace)}" if pace > 0 and done < total else share


class Working:
    """A context in which something is done; called with how much of it is. Without a number the time so far is shown.

    Args:
        what: what is done.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = self._total = self._first = 0
        self._began = self._counting_since = time.monotonic()
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._over = False
        self._timer = threading.Timer(_AFTER_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and understands():
            self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._live is not None:
                self._live.stop()

    def __call__(self, done: int, total: int) -> None:
        """So many are done of so many."""
        if not self._total:
            self._first, self._counting_since = done, time.monotonic()
        self._done, self._total = done, total

    def say(self, what: str) -> None:
        """Something else is done from now on."""
        self._what, self._done, self._total = what, 0, 0

    @property
    def _pace(self) -> float:
        """How many are done in a second."""
        seconds = time.monotonic() - self._counting_since
        return (self._done - self._first) / seconds if seconds > 0 else 0.0

    def over(self, items: Iterable[T], total: int) -> Iterator[T]:
        """The items, each of which is done when the next one is asked for."""
        self(0, total)
        for done, item in enumerate(items, 1):
            yield item
            self(done, total)

    def _show(self) -> None:
        from rich.live import Live

        with self._lock:
            if not self._over:
                self._live = Live(
                    get_renderable=self._line, console=console(stderr=True), refresh_per_second=_PER_SECOND, transient=True
                )
                self._live.start()

    def _line(self) -> Text:
        from rich.text import Text

        done, total = self._done, self._total
        if total:
            words = f"{self._what}  {done:,} of {total:,}, {rest_words(done, total, self._pace)}"
        else:
            words = f"{self._what}  {clock(time.monotonic() - self._began)}"
        return Text(words, style="dim", no_wrap=True, overflow="ellipsis")


class StepsTold(Working):
    """The same for steps of a run that are taken once more.

    Whoever reads stderr without a terminal gets lines, one a second at most, and at most one at each hundredth.

    Args:
        words: what stands behind the numbers.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__(f"steps taken once more{words}")
        self._words = words
        self._next_s, self._share = time.monotonic() + _AFTER_S, 0

    def __call__(self, step: int, last: int) -> None:
        """A step is done."""
        super().__call__(step, last)
        share, now = 100 * step // last, time.monotonic()
        if not sys.stderr.isatty() and share > self._share and now >= self._next_s:
            self._next_s, self._share = now + _AFTER_S, share
            message(f"step {step:,} of {last:,}, {rest_words(step, last, self._pace)}{self._words}")
