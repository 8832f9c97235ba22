"""Every way to leave: by a key, by a signal, with the terminal gone. Runs go on unless they are stopped."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.tui.base.background import start_in_thread
from workbench.tui.base.terminal import is_terminal, when_gone

if TYPE_CHECKING:
    from textual.app import App

    from workbench.runs.folder import RunFolder

__all__ = ["Quitting"]

_STOP_S = 15.0
"""How long leaving waits for a run to stop."""
_ORDERLY_S = 3.0
"""How long leaving in order may take after SIGTERM."""
_ABRUPT_S = 2.0
"""How long the last things may take once the terminal is gone: some milliseconds, but on a busy machine they wait their turn."""


class Quitting:
    """Ends the app, and asks first where runs that were started here go on.

    Attributes:
        started: runs that a worker was started on here.
        beginning: whether a worker is being started right now.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self.started: list[RunFolder] = []
        self.beginning = False
        self._leave_then = False

    # By a signal ---------------------------------------------------------------------------------------------------------

    def watch_signals(self, last_things: Callable[[], None]) -> None:
        """From now on signals and a lost terminal end the app.

        Args:
            last_things: what is done in any case, also when there is no terminal any more.
        """
        if self._app.is_headless or threading.current_thread() is not threading.main_thread():
            return
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def end(number: int, _frame: object) -> None:
            _end_in(_ORDERLY_S, 128 + number)
            loop.call_soon_threadsafe(self._app.exit, context=context)

        def leave_at_once() -> None:
            _leave_at_once(last_things)

        # Not the loop's own handlers: those wait for their turn, which never comes while the loop waits for a dead terminal.
        signal.signal(signal.SIGTERM, end)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda _number, _frame: leave_at_once())
            if is_terminal():
                when_gone(leave_at_once)

    # By a key ------------------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Leave; where runs started here go on, ask what becomes of them. A run that is only beginning is waited for."""
        from workbench.runs.reader import RunReader  # here, both: the first frame needs neither
        from workbench.tui.dialogs.prompts import QuitDialog

        if self.beginning and not self._leave_then:
            self._leave_then = True
            self._app.notify(
                "The run is starting. Once it has begun you are asked what becomes of it; the key again leaves at once."
            )
            return
        live = []
        for folder in self.started:
            with suppress(WorkbenchError), RunReader(folder) as reader:
                if reader.status().alive:
                    live.append(folder)
        if not live:
            self._app.exit()
        else:
            self._app.push_screen(QuitDialog([folder.id for folder in live]), lambda answer: self._answered(answer, live))

    def begun(self, *folders: RunFolder) -> None:
        """Workers have been started on these runs, or on none; who asked to leave meanwhile is answered now."""
        self.beginning = False
        if folders:
            self.started = [*(other for other in self.started if other not in folders), *folders]
            if self._leave_then:
                self.ask()
        self._leave_then = False

    def _answered(self, answer: str | None, live: list[RunFolder]) -> None:
        if answer == "detach":
            self._app.exit()
        elif answer == "stop":
            self._app.notify("Stopping; a checkpoint is being saved.")
            start_in_thread(self._app, "leave", partial(self._stop_and_leave, live))

    def _stop_and_leave(self, live: list[RunFolder]) -> None:
        from workbench.runs import control

        for folder in live:
            with suppress(WorkbenchError):  # it ended by itself meanwhile
                control.wait(folder, control.send(folder, "stop"), timeout_s=_STOP_S)
        self._app.call_from_thread(self._app.exit)


def _leave_at_once(last_things: Callable[[], None]) -> None:
    """Leave without another word to the terminal: it is gone, and writing to it may wait for ever."""
    code = 128 + signal.SIGHUP
    _end_in(_ABRUPT_S, code)
    try:
        last_things()
    finally:
        os._exit(code)


def _end_in(seconds: float, code: int) -> None:
    """End the process after a time, whatever it is waiting for then."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()
