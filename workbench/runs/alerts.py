"""The moments of a run that somebody who does other things wants to be told: it finished, failed, went to NaN, or stands still.

One code says them to everybody: notices of the interface, lines of `workbench run`, and the command of `--notify`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.records import WAITS, Event, Status
from workbench.runs.summary import main_metric
from workbench.saying import duration, number, one_line, took

__all__ = ["Alert", "AlertState", "Alerts", "last_event"]

AlertState = Literal["finished", "failed", "nan", "stalled"]

FLOOR_S = 20.0
"""Seconds without a step that are no standstill yet, however short a step is: a checkpoint is written, the machine is busy."""
TIMES_A_STEP = 10.0
"""Usual step times without a step that are a standstill."""
TIMES_MEASURING = 3.0
"""The same for what an evaluation took last: no step is done meanwhile."""
SILENCE_S = 10.0
"""Seconds without a sign of life that are a standstill of the process itself: it gives one every two seconds."""


@dataclass(frozen=True)
class Alert:
    """One such moment.

    Attributes:
        run: the run's id.
        name: what a person calls it.
        state: what happened.
        step: the last step done then.
        message: one line for a person, without the run's name.
    """

    run: str
    name: str
    state: AlertState
    step: int
    message: str


def last_event(folder: RunFolder) -> int:
    """The id of a run's newest event, 0 where it has none: what comes after it is news.

    Raises:
        StoreError: the run cannot be read.
    """
    with RunReader(folder) as reader:
        return max((event.id for event in reader.events()), default=0)


class Alerts:
    """Looks at a run again and again, and tells each moment once. Close it, or use it as a context manager.

    A run that somebody stops or pauses is no news; one that waits for room on the disk stands still. Of a run that ends because
    of a NaN, that is told and not the end as well; where training goes on after one, the first of them is told, until the run
    begins anew or goes back.

    Args:
        folder: the run.
        after: events up to this id are old news.
        clock: a time in seconds that only grows, and stands while the machine sleeps where the system has such a one.
    Attributes:
        after: the newest event that is told, or is none to tell.
        over: no process belongs to the run any more, and all is told.
    Raises:
        StoreError: the run cannot be read.
    """

    def __init__(self, folder: RunFolder, after: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self.over = False
        self._reader = RunReader(folder)
        self.after = after
        self._clock = clock
        self._stopped_by_nan = self._had_nan = self._stands = False
        self._steps = _Since()
        self._signs = _Since()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the run."""
        self._reader.close()

    def look(self) -> list[Alert]:
        """What has happened since the last look.

        Raises:
            StoreError: the run cannot be read.
        """
        status = self._reader.status()  # first: what an ended run wrote last is then among the events
        told = [alert for event in self._new_events() if (alert := self._told_by(event)) is not None]
        was_over, self.over = self.over, not status.alive
        if status.state == "lost" and not was_over:
            words = f"the worker is gone without a word; its log is {self.folder.log_path}"
            told.append(self._alert("failed", status.step, words))
        elif (why := self._standstill(status)) is not None:
            told.append(self._alert("stalled", status.step, why))
        return told

    def _new_events(self) -> list[Event]:
        events = self._reader.events(self.after)
        if events:
            self.after = events[-1].id
        return events

    def _alert(self, state: AlertState, step: int, message: str) -> Alert:
        name = str(self._reader.meta().get("name") or self.folder.id)
        return Alert(self.folder.id, one_line(name), state, step, one_line(message))

    def _told_by(self, event: Event) -> Alert | None:
        """What an event is to somebody who does other things."""
        match event.kind:
            case "started" | "resumed":
                self._stopped_by_nan = self._had_nan = False
            case "nonfinite":
                policy = event.data.get("policy")
                self._stopped_by_nan, again = policy == "stop", self._had_nan and policy == "skip"
                self._had_nan = True
                if not again:
                    return self._alert("nan", event.step, event.message)
            case "paused" if event.data.get(WAITS):
                return self._alert("stalled", event.step, event.message)
            case "failed" if not self._stopped_by_nan:
                return self._alert("failed", event.step, event.message or "no reason was written")
            case "finished":
                return self._alert("finished", event.step, self._result(event.step))
        return None

    def _result(self, step: int) -> str:
        """What a run that has finished reached."""
        latest, experiment = self._reader.latest_values(), self._reader.meta().get("experiment") or {}
        best = main_metric(self._reader, latest, (experiment.get("claim") or {}).get("metric", ""))
        score = f", {best[0]} {number(best[1])}" if best is not None else ""
        return f"{step:,} {'step' if step == 1 else 'steps'} in {took(self._reader.training_seconds())}{score}"

    def _standstill(self, status: Status) -> str | None:
        """Why a run that should go on is said to stand still; None while it goes on, and after it was said."""
        now = self._clock()
        stood = self._steps.seconds(now, (status.state, status.step))
        silent = self._signs.seconds(now, status.heartbeat)
        usual = self._reader.training_seconds() / status.step if status.step else math.inf
        words = None
        if status.state == "running" and status.alive:
            if silent > SILENCE_S:
                words = f"process {status.pid} has given no sign of life for {duration(silent)}"
            elif stood > self._patience_s(usual):
                words = f"no step for {duration(stood)}; one usually takes {duration(usual)}"
        before, self._stands = self._stands, words is not None
        return None if before else words

    def _patience_s(self, usual: float) -> float:
        """How long no step is nothing to speak of, with `usual` seconds for one."""
        meta = self._reader.meta()
        measured = [meta.get(key) for key in ("evaluation_seconds", "finish_seconds")]
        longest = max((float(value) for value in measured if isinstance(value, int | float)), default=0.0)
        return max(FLOOR_S, TIMES_A_STEP * usual, TIMES_MEASURING * longest)


class _Since:
    """Since when something is as it is, by the time of whoever looks: clocks of two machines differ."""

    def __init__(self) -> None:
        self._value: object = None
        self._began = 0.0

    def seconds(self, now: float, value: object) -> float:
        """How long the value has been the same."""
        if value != self._value:
            self._value, self._began = value, now
        return now - self._began
