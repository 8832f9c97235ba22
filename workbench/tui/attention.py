"""Calls somebody who looks elsewhere: a notice that waits for them, the terminal's bell, and the title of its window."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from time import time
from typing import TYPE_CHECKING

from workbench.tui.base.terminal import WindowTitle

if TYPE_CHECKING:
    from textual.notifications import Notification, SeverityLevel

    from workbench.runs.alerts import Alert, AlertState
    from workbench.tui.base.guarded import Guarded
    from workbench.tui.run.data import RunData

__all__ = ["Attention"]

_HEADINGS: dict[AlertState, str] = {
    "finished": "Finished",
    "failed": "Failed",
    "nan": "Not a number",
    "stalled": "Stands still",
}
_WAITS_S = 24 * 3600.0
"""How long a notice waits for somebody."""
_READ_S = 8.0
"""How long it stands there in all once a key is pressed: as long as other problems."""
_SOON_S = 2.0
"""How long it stands there after that key at least."""


class Attention:
    """What the app does to be noticed.

    Args:
        app: whose terminal it is.
    """

    def __init__(self, app: Guarded) -> None:
        self._app = app
        self._title = WindowTitle()
        self._waiting: list[Notification] = []
        self._run_words = self._alert_words = ""

    def alert(self, alert: Alert) -> None:
        """Tell a moment of a run, until a key is pressed."""
        severity: SeverityLevel = "information" if alert.state == "finished" else "error"
        heading = f"{_HEADINGS[alert.state]}: {alert.name}"
        where = "" if alert.state == "finished" else f"step {alert.step:,}: "
        self._waiting.append(self._app.tell(f"{where}{alert.message}", heading, severity, timeout=_WAITS_S))
        self._app.bell()
        self._alert_words = heading
        self._show()

    def show_run(self, run: RunData | None) -> None:
        """How far the run on Bench is stands in the title while it goes on."""
        words = ""
        if run is not None and run.status.alive:
            status = run.status
            share = f"{status.step / status.total:.0%}" if status.state == "running" and status.total else status.state
            words = f"{share} {run.title}"
        if words != self._run_words:
            self._run_words = words
            self._show()

    def noticed(self) -> None:
        """Somebody is there: what was told can be read for a while, and the title is as before."""
        if not (self._waiting or self._alert_words):
            return
        now = time()
        for notification in self._waiting:
            left = max(_SOON_S, notification.raised_at + _READ_S - now)
            self._app.set_timer(left, partial(self._app.take_back, notification))
        self._waiting.clear()
        self._alert_words = ""
        self._show()

    def _show(self) -> None:
        words = self._alert_words or self._run_words
        self._app.order(self._title.show(f"{words} - workbench" if words else "workbench"))

    def leave(self) -> None:
        """Give the window its own title back, once Textual has let go of the terminal."""
        out = sys.__stdout__
        if out is not None and self._title.shown:
            with suppress(OSError, ValueError):
                out.write(self._title.give_back())
                out.flush()
