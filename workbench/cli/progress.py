"""A run as a viewer on the command line sees it: read by cursor, one snapshot at a time."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.records import Event
from workbench.runs.time_left import Ending

__all__ = ["ENDED_STATES", "Progress", "Snapshot"]

ENDED_STATES = frozenset({"finished", "stopped", "failed", "lost"})
_RATE_OVER_S = 8.0
"""The rate shown is the mean over this time: steady enough to read, quick enough to follow a change."""


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment.

    Attributes:
        state: as `Status.state`.
        step, total: steps done and steps in all.
        seconds: training time so far.
        rate: steps per second now, 0 when unknown.
        values: newest value of every series.
        left_s: expected seconds to the end, evaluations included, or None when that cannot be known.
        events: what happened since the last snapshot.
        ended: nothing more will come.
    """

    state: str
    step: int
    total: int
    seconds: float
    rate: float
    values: dict[str, float] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    ended: bool = False
    left_s: float | None = None

    @property
    def is_measuring(self) -> bool:
        """Whether the last step is done, and only evaluations are left."""
        return self.state == "running" and 0 < self.total <= self.step


class Progress:
    """Reads snapshots of a run. Close it, or use it as a context manager.

    Args:
        folder: the run.
        after: events up to this id are old news.
        worker: process id of the worker when this process started it; that it ended before it wrote a word is then seen at once.
    """

    def __init__(self, folder: RunFolder, after: int = 0, worker: int | None = None) -> None:
        self.folder = folder
        self.reader = RunReader(folder)
        self._after = after
        self._worker = worker
        self._ending = Ending()
        self._meta: dict[str, object] = {}
        self._points: deque[tuple[float, int]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the run."""
        self.reader.close()

    def snapshot(self) -> Snapshot:
        """The run now, with the events that no snapshot has told yet."""
        stillborn = self._stillborn()
        status = self.reader.status()  # first: what an ended run wrote last is then in what follows
        state = "lost" if stillborn and status.state == "starting" else status.state
        events = tuple(self.reader.events(self._after))
        if events:
            self._after = events[-1].id
        if events or not self._meta:
            self._meta = self.reader.meta()  # what measuring takes is noted there
        ended = state in ENDED_STATES or not status.alive
        rate = self._rate(state, status.step)
        return Snapshot(
            state,
            status.step,
            status.total,
            self.reader.training_seconds(),
            rate,
            self.reader.latest_values(),
            events,
            ended,
            self._ending.left(status.step, status.total, rate, self._meta, evaluations=False),
        )

    def spark(self, tag: str, width: int) -> list[float]:
        """A series as at most `width` means over equal stretches, for a line of blocks; NaN where there is nothing finite."""
        import numpy as np

        _, values = self.reader.buckets(tag, 4 * width)
        stretches = np.array_split(values, min(width, len(values))) if len(values) else []
        return [float(stretch[np.isfinite(stretch)].mean()) if np.isfinite(stretch).any() else math.nan for stretch in stretches]

    def _stillborn(self) -> bool:
        """Whether the worker that this process started is gone."""
        if self._worker is None:
            return False
        import psutil

        try:
            return psutil.Process(self._worker).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def _rate(self, state: str, step: int) -> float:
        now = time.monotonic()
        if state != "running" or (self._points and step < self._points[-1][1]):  # a pause, or a rewind went back
            self._points.clear()
        self._points.append((now, step))
        while len(self._points) > 2 and now - self._points[1][0] > _RATE_OVER_S:  # noqa: PLR2004 - the first and one more
            self._points.popleft()
        start, first = self._points[0]
        return (step - first) / (now - start) if now > start else 0.0
