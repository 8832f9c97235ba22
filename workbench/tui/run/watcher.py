"""Reads a run in a thread for as long as it is watched, and tells the screen what is new. Draws nothing."""

from __future__ import annotations

import threading
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
    from workbench.tui.run.data import RunData
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


class RunWatcher(Widget):
    """Watches one run at a time."""

    DEFAULT_CSS: ClassVar[str] = "RunWatcher { display: none; }"

    @dataclass
    class Read(Message):
        """Something about the run is new."""

        data: RunData

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, RunWatcher.Read)

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

    def watch_run(self, folder: RunFolder) -> None:
        """Watch this run from now on, and no other."""
        self.stop()
        self._stop = threading.Event()
        self._read_on(folder, self._stop)

    def stop(self) -> None:
        """Watch nothing."""
        self._stop.set()

    def on_unmount(self) -> None:
        """The thread ends with the widget."""
        self.stop()

    @in_thread("watch", exclusive=True)
    def _read_on(self, folder: RunFolder, stop: threading.Event) -> None:
        from workbench.tui.run.data import RunFeed

        worker = get_current_worker()
        feed = None
        version = -1
        try:
            feed = RunFeed(folder)
            while not stop.is_set() and not worker.is_cancelled:
                data = feed.poll()
                if data.version != version:
                    self.post_message(self.Read(data))
                if version < 0:
                    self._learn(folder)
                version = data.version
                stop.wait(self._period_s if data.status.alive else max(self._period_s, _IDLE_PERIOD_S))
        except WorkbenchError as error:
            if not stop.is_set():
                self.post_message(self.Failed(folder, str(error)))
        finally:
            if feed is not None:
                feed.close()

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
