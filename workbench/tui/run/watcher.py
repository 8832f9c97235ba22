"""Reads runs in a thread for as long as they are watched, and tells the screen what is new. Draws nothing."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.tui.base.background import in_thread

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData, RunFeed
    from workbench.tui.run.outcome import Requirement

__all__ = ["RunFacts", "RunWatcher"]

_IDLE_PERIOD_S = 1.0
"""Seconds between two looks at a run that no process works on: somebody may resume it."""


@dataclass(frozen=True)
class RunFacts:
    """What does not change while a run goes on.

    Attributes:
        experiment: what it was started with, or None when this version cannot read it.
        steps_per_epoch: None where data are generated without end.
        problem: why the experiment cannot be read, or "".
        requirement: what a preset's claim asks of a run with these settings, or None.
    """

    experiment: Experiment | None = None
    steps_per_epoch: float | None = None
    problem: str = ""
    requirement: Requirement | None = None


class _Watched:
    """A run that is read again and again, in one thread.

    Attributes:
        folder: the run.
        next_s: when it is looked at next.
        is_live: whether a process worked on it at the last look.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.next_s = 0.0
        self.is_live = False
        self._feed: RunFeed | None = None
        self._version = -1

    def poll(self) -> RunData | None:
        """The run as it is now; None where nothing of it is new."""
        from workbench.tui.run.data import RunFeed

        if self._feed is None:
            self._feed = RunFeed(self.folder)
        data = self._feed.poll()
        is_new, self._version, self.is_live = data.version != self._version, data.version, data.status.alive
        return data if is_new else None

    def close(self) -> None:
        """Let go of its database."""
        if self._feed is not None:
            self._feed.close()


class RunWatcher(Widget):
    """Watches some runs at a time."""

    DEFAULT_CSS: ClassVar[str] = "RunWatcher { display: none; }"

    @dataclass
    class Read(Message):
        """Something about the run is new."""

        data: RunData

        def can_replace(self, message: Message) -> bool:
            """Only the newest state of a run counts."""
            return isinstance(message, RunWatcher.Read) and message.data.folder == self.data.folder

    @dataclass
    class Learned(Message):
        """What the run was started with has been read; comes again when more of it is known."""

        folder: RunFolder
        facts: RunFacts

    @dataclass
    class Failed(Message):
        """The run cannot be read any more."""

        folder: RunFolder
        problem: str

    def __init__(self, refresh_hz: float) -> None:
        super().__init__()
        self._period_s = 1.0 / refresh_hz
        self._stop = threading.Event()

    def watch_runs(self, folders: Sequence[RunFolder]) -> None:
        """Watch these runs from now on, and no others; the first one is read first."""
        self.stop()
        self._stop = threading.Event()
        if folders:
            self._read_on(tuple(folders), self._stop)

    def stop(self) -> None:
        """Watch nothing."""
        self._stop.set()

    def on_unmount(self) -> None:
        """The thread ends with the widget."""
        self.stop()

    @in_thread("watch", exclusive=True)
    def _read_on(self, folders: Sequence[RunFolder], stop: threading.Event) -> None:
        """All runs in one thread: the interface has few threads for everything that takes longer."""
        worker = get_current_worker()
        watched = [_Watched(folder) for folder in folders]
        unlearned = deque(watched)
        try:
            while watched and not stop.is_set() and not worker.is_cancelled:
                for each in [each for each in watched if each.next_s <= time.monotonic()]:
                    if not stop.is_set() and not self._read_one(each, stop):
                        watched.remove(each)
                if unlearned:  # once all are seen: opening data takes its time
                    each = unlearned.popleft()
                    if each in watched:
                        self._learn(each.folder)
                elif watched:
                    stop.wait(max(0.0, min(each.next_s for each in watched) - time.monotonic()))
        finally:
            for each in watched:
                each.close()

    def _read_one(self, watched: _Watched, stop: threading.Event) -> bool:
        """Read a run, and tell what is new; whether it can be read."""
        try:
            data = watched.poll()
        except WorkbenchError as error:
            watched.close()
            if not stop.is_set():
                self.post_message(self.Failed(watched.folder, str(error)))
            return False
        if data is not None:
            self.post_message(self.Read(data))
        watched.next_s = time.monotonic() + (self._period_s if watched.is_live else max(self._period_s, _IDLE_PERIOD_S))
        return True

    def _learn(self, folder: RunFolder) -> None:
        """In the thread: the experiment at once, the length of an epoch when the data have been opened."""
        from workbench.tui.run.outcome import requirement_of

        try:
            experiment = folder.experiment()
            self.post_message(self.Learned(folder, RunFacts(experiment)))
            requirement = requirement_of(experiment)
            if requirement is not None:
                self.post_message(self.Learned(folder, RunFacts(experiment, requirement=requirement)))
            dataset = experiment.dataset_card.open(experiment.data.config)
        except WorkbenchError as error:
            self.post_message(self.Learned(folder, RunFacts(problem=str(error).splitlines()[0])))
            return
        if dataset.num_train:
            a_step = experiment.training.batch_size * experiment.training.accumulate
            self.post_message(self.Learned(folder, RunFacts(experiment, dataset.num_train / a_step, requirement=requirement)))
