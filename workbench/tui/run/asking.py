"""Questions about trained models: a process with torch answers them, one after the other, beside the one that waits for Start."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.paths import resolved
from workbench.tui.base.background import start_in_thread
from workbench.tui.requests import ModelAnswered

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget

    from workbench.training.launch import WarmWorker
    from workbench.tui.requests import AskModel

__all__ = ["Asking"]

_PATIENCE_S = 1.0
"""How long a question that nobody wants answered any more may go on: ending its process costs the next one two seconds."""


class Asking:
    """Has questions answered. The process is started at the first one, and kept with the model that it has loaded.

    Args:
        app: whose threads do it.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._worker: WarmWorker | None = None
        self._lock = threading.RLock()  # a signal may close this in the midst of a call
        self._waiting: dict[Widget, AskModel] = {}
        self._now: AskModel | None = None
        self._wanted = self._busy = self._closed = False

    def ask(self, request: AskModel) -> None:
        """Have a question answered; an earlier one of the same widget is given up."""
        self.give_up(request.asker)
        with self._lock:
            self._waiting[request.asker] = request
            starts, self._busy = not self._busy, True
        if starts:
            start_in_thread(self._app, "ask", self._answer_all)

    def give_up(self, asker: Widget) -> None:
        """A widget wants no answer any more; a question that then goes on for long is ended with its process."""
        with self._lock:
            self._waiting.pop(asker, None)
            now = self._now
            if now is None or now.asker is not asker or not self._wanted:
                return
            self._wanted = False
        self._app.set_timer(_PATIENCE_S, partial(start_in_thread, self._app, "give up", partial(self._end, now)))

    def close(self) -> None:
        """End the process, also in the midst of a question; nothing is answered any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        if self._worker is not None:
            self._worker.close()

    def _end(self, request: AskModel) -> None:
        """In a thread: end the process where it is still at this question."""
        with self._lock:  # else it might be at the next one by then
            if self._now is request and self._worker is not None:
                self._worker.interrupt()

    def _answer_all(self) -> None:
        """In a thread: answer until nothing is waiting; only one thread does."""
        try:
            while (request := self._next()) is not None:
                self._answer(request)
        except Exception:
            with self._lock:
                self._busy, self._now = False, None
            raise

    def _next(self) -> AskModel | None:
        with self._lock:
            if self._closed or not self._waiting:
                self._busy = False
                return None
            self._now, self._wanted = self._waiting.pop(next(iter(self._waiting))), True
            return self._now

    def _answer(self, request: AskModel) -> None:
        run = str(resolved(request.folder.path))
        try:
            answer = self._process().request(request.question, run=run, step=request.step, **request.arguments)
            outcome = ModelAnswered(request, answer)
        except WorkbenchError as error:
            outcome = ModelAnswered(request, None, str(error))
        with self._lock:
            wanted, self._now = self._wanted, None
        if wanted:
            request.asker.post_message(outcome)

    def _process(self) -> WarmWorker:
        """The process that answers; made at the first question."""
        from workbench.training.launch import WarmWorker  # here: most sessions ask nothing

        with self._lock:
            if self._worker is None:
                self._worker = WarmWorker()
            if self._closed:
                self._worker.close()
            return self._worker
