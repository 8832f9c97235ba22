"""Watches every run of the folder, on the screen or not, for what a person wants to be told. Works in threads; draws nothing."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.paths import resolved
from workbench.tui.base.background import start_in_thread

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker

    from workbench.runs.alerts import Alert, Alerts
    from workbench.runs.folder import RunFolder

__all__ = ["RunAlerted", "RunAlerts"]

_LOOK_EVERY_S = 1.0
_LIST_EVERY_S = 4.0
"""Time between two looks for runs that were started elsewhere."""


@dataclass
class RunAlerted(Message):
    """A run has finished, failed, gone to NaN, or stands still."""

    alert: Alert


class RunAlerts:
    """Looks at the runs that go on, and posts a `RunAlerted` for each moment.

    Args:
        app: told of them.
        runs_dir: the folder of all runs.
        shown: the runs on Bench, which may lie elsewhere.
    """

    def __init__(self, app: App[None], runs_dir: Path, shown: Callable[[], Sequence[RunFolder]]) -> None:
        self._app, self._runs_dir, self._shown = app, runs_dir, shown
        self._watched: dict[Path, Alerts] = {}
        self._expected: deque[tuple[RunFolder, int]] = deque()
        self._look: Worker[None] | None = None
        self._next_list_s = 0.0

    def begin(self) -> None:
        """From now on."""
        self._app.set_interval(_LOOK_EVERY_S, self._look_soon)

    def expect(self, folder: RunFolder, after: int) -> None:
        """A process works on this run from now on; its events up to `after` are old news."""
        self._expected.append((folder, after))

    def _look_soon(self) -> None:
        """One look at a time: a slow disk may keep it for longer than the time between two."""
        if self._look is None or self._look.is_finished:
            shown = tuple(self._shown())
            self._look = start_in_thread(self._app, "alerts", lambda: self._look_at_all(shown))

    def _look_at_all(self, shown: Sequence[RunFolder]) -> None:
        """In a thread."""
        while self._expected:
            folder, after = self._expected.popleft()
            if (watched := self._watched.pop(resolved(folder.path), None)) is not None:
                watched.close()  # of its life before
            self._watch(folder, after)
        if time.monotonic() >= self._next_list_s:
            self._find(shown)
            self._next_list_s = time.monotonic() + _LIST_EVERY_S
        for path, alerts in list(self._watched.items()):
            try:
                told = alerts.look()
            except WorkbenchError:  # removed, or cannot be read just now: whoever shows it says so
                told, alerts.over = [], not alerts.folder.database_path.exists()
            for alert in told:
                self._app.post_message(RunAlerted(alert))
            if alerts.over:
                alerts.close()
                self._watched.pop(path, None)  # the app may be going meanwhile

    def _find(self, shown: Sequence[RunFolder]) -> None:
        """Watch the runs that a process works on, from their newest event on.

        Those have a write-ahead log, so a thousand others cost a look at their folders and no more.
        """
        from workbench.runs.folder import RunFolder  # here: the first frame does not need it

        try:
            with os.scandir(self._runs_dir) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(".")]
        except OSError:  # there is none yet, or it cannot be read just now
            names = []
        folders = (RunFolder(self._runs_dir / name) for name in names)
        going = [folder for folder in folders if folder.database_path.with_name("run.db-wal").exists()]
        for folder in (*going, *shown):
            self._watch(folder, None)

    def _watch(self, folder: RunFolder, after: int | None) -> None:
        from workbench.runs.alerts import Alerts, last_event
        from workbench.runs.reader import RunReader

        if (path := resolved(folder.path)) in self._watched:
            return
        try:
            if after is None:
                with RunReader(folder) as reader:
                    if not reader.status().alive:
                        return
                after = last_event(folder)
            self._watched[path] = Alerts(folder, after)
        except WorkbenchError:  # as above
            return

    def close(self) -> None:
        """Let go of all runs."""
        for alerts in self._watched.values():
            alerts.close()
        self._watched.clear()
