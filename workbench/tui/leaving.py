"""Every way to leave: by a key, by a signal, with the terminal gone. What was being done is kept, and runs go on."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.worker import WorkerFailed

from workbench.errors import WorkbenchError
from workbench.tui.background import BackgroundFailed, in_thread
from workbench.tui.fault import said_of, write_traceback
from workbench.tui.opening import Opening
from workbench.tui.settings import config_folder, load_session, save_session
from workbench.tui.terminal import is_terminal, when_gone

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.training.launch import WarmWorker

__all__ = ["Leaving"]

_STOP_S = 15.0
"""How long leaving waits for a run to stop."""
_SAVE_AFTER_S = 1.0
_ORDERLY_S = 3.0
"""How long leaving in order may take after SIGTERM."""
_ABRUPT_S = 2.0
"""How long the last things may take once the terminal is gone: some milliseconds, but on a busy machine they wait their turn."""


class Leaving(Opening):
    """The part of the app that ends it, and that remembers what the next session begins with.

    Attributes:
        session: what the next session begins with.
        started: runs that a worker was started on here.
        worker: the process that waits for the next one, if any.
        beginning: whether a worker is being started right now.
        fault: what the interface itself failed at, as a line; "" as long as it is well.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session = load_session()
        self.started: list[RunFolder] = []
        self.worker: WarmWorker | None = None
        self.beginning = False
        self.fault = ""
        self._leave_then = False
        self._saved = self.session

    def on_mount(self) -> None:
        """From now on signals and a lost terminal are noticed, and the session is saved."""
        self.set_interval(_SAVE_AFTER_S, self._save_session)
        if self.is_headless or threading.current_thread() is not threading.main_thread():
            return
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def end(number: int, _frame: object) -> None:
            _end_in(_ORDERLY_S, 128 + number)
            loop.call_soon_threadsafe(self.exit, context=context)

        # Not the loop's own handlers: those wait for their turn, which never comes while the loop waits for a dead terminal.
        signal.signal(signal.SIGTERM, end)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda _number, _frame: self._leave_at_once())
            if is_terminal():
                when_gone(self._leave_at_once)

    def on_unmount(self) -> None:
        """Let the waiting worker go; runs go on."""
        self._save_session()
        if self.worker is not None:
            self.worker.close()

    def _leave_at_once(self) -> None:
        """Leave without another word to the terminal: it is gone, and writing to it may wait for ever."""
        code = 128 + signal.SIGHUP
        _end_in(_ABRUPT_S, code)
        try:
            self.on_unmount()
        finally:
            os._exit(code)

    def _handle_exception(self, error: Exception) -> None:
        """End after a fault of our own: what was being done is kept, and where the fault came from is written down."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            with suppress(Exception):  # whatever is broken, the rest is kept
                self.remember_form()
            self._save_session()
            cause = error.error if isinstance(error, WorkerFailed) else error
            self.fault = said_of(cause, "the interface", write_traceback(cause, config_folder()))
        self._close_messages_no_wait()

    @on(BackgroundFailed)
    def _background_failed(self, message: BackgroundFailed) -> None:
        """Work in a thread failed at something unforeseen: say so, and go on."""
        words = said_of(
            message.error, f"work in the background ({message.group})", write_traceback(message.error, config_folder())
        )
        self.notify(words, severity="error", timeout=15)

    def remember_form(self) -> None:
        """Keep what stands in the form for the next session; who has a form says how."""

    # By a key ----------------------------------------------------------------------------------------------------------

    async def action_ask_quit(self) -> None:
        """Leave; where runs started here go on, ask what becomes of them. A run that is only beginning is waited for."""
        from workbench.runs.reader import RunReader
        from workbench.tui.dialogs.prompts import QuitDialog

        if self.beginning and not self._leave_then:
            self._leave_then = True
            self.notify("The run is starting. Once it has begun you are asked what becomes of it; the key again leaves at once.")
            return
        live = []
        for folder in self.started:
            with suppress(WorkbenchError), RunReader(folder) as reader:
                if reader.status().alive:
                    live.append(folder)
        if not live:
            self.exit()
        else:
            self.push_screen(QuitDialog([folder.id for folder in live]), lambda answer: self._leave(answer, live))

    async def begun(self, folder: RunFolder | None) -> None:
        """A worker has been started on this run, or on none; who asked to leave meanwhile is answered now."""
        self.beginning = False
        if folder is not None:
            self.started = [*(other for other in self.started if other != folder), folder]
            if self._leave_then:
                await self.action_ask_quit()
        self._leave_then = False

    def _leave(self, answer: str | None, live: list[RunFolder]) -> None:
        if answer == "detach":
            self.exit()
        elif answer == "stop":
            self.notify("Stopping; a checkpoint is being saved.")
            self._stop_and_leave(live)

    @in_thread("leave")
    def _stop_and_leave(self, live: list[RunFolder]) -> None:
        from workbench.runs import control

        for folder in live:
            with suppress(WorkbenchError):  # it ended by itself meanwhile
                control.wait(folder, control.send(folder, "stop"), timeout_s=_STOP_S)
        self.call_from_thread(self.exit)

    # What is remembered ------------------------------------------------------------------------------------------------

    def remember(self, **changes: Any) -> None:
        """Keep something for the next session (fields of `Session`)."""
        self.session = replace(self.session, **changes)

    def _save_session(self) -> None:
        session = self.session
        if session is not self._saved:
            save_session(session)
            self._saved = session  # not before: a signal may end the process in the midst of saving, and saves again then


def _end_in(seconds: float, code: int) -> None:
    """End the process after a time, whatever it is waiting for then."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()
