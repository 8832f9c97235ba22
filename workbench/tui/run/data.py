"""What is known of one run at one moment, and how it is read: by cursor, in bounded memory, for as long as it goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import StoreError
from workbench.plotting.decimate import halve
from workbench.runs.time_left import Ending

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.runs.records import Event, ProbeKind, Status

__all__ = ["Line", "RunData", "RunFeed"]

_MOST_POINTS = 100_000
"""Points of one series held in memory; past that every four become two, extremes kept."""
_BUCKETS = 16_000
"""Ranges of steps that a long run is opened with."""
_LOG_BYTES = 32_768
_LOOK_EVERY_S = 1.0
"""Time between two looks at the other runs of a folder, for a run that waits for its turn among them."""
_RATE_STEPS = 400
"""Steps over which the rate is measured."""


@dataclass(frozen=True, eq=False)
class Line:
    """A series: steps (n,) int64, ascending, and values (n,) float64."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RunData:
    """One run at one moment.

    Attributes:
        folder: the run.
        status: where it stands.
        meta: what it is (see `RunReader.meta`).
        lines: series by tag; a line that did not grow is the same object as before.
        clock_steps, clock_seconds, clock_samples: seconds of training and samples at steps, ascending, shape (n,).
        seconds: training seconds up to the newest step.
        steps_per_second, samples_per_second: over the newest steps, or None before there are two.
        events: everything that happened.
        probes: what there is of each kind of probe, by kind; their arrays are read when they are looked at.
        checkpoints: steps of those that there are, ascending.
        log: the end of the worker's log.
        version: grows with every change.
        left_s: expected seconds to the end, None when that cannot be known.
        waits: its place among the runs that wait for a free core, and why it waits, in words; "" for a run that does not.
    """

    folder: RunFolder
    status: Status
    meta: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    clock_steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    clock_seconds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    clock_samples: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    seconds: float = 0.0
    steps_per_second: float | None = None
    samples_per_second: float | None = None
    events: tuple[Event, ...] = ()
    probes: Mapping[str, ProbeKind] = field(default_factory=dict)
    checkpoints: tuple[int, ...] = ()
    log: str = ""
    version: int = 0
    left_s: float | None = None
    waits: str = ""

    @property
    def title(self) -> str:
        """The name that a person gave, else the id."""
        return str(self.meta.get("name") or self.folder.id)

    @property
    def eta_s(self) -> float | None:
        """Expected seconds to the end, evaluations included, while the run goes on."""
        return self.left_s if self.status.state == "running" else None

    @property
    def is_measuring(self) -> bool:
        """Whether the last step is done, and only evaluations are left."""
        return self.status.state == "running" and 0 < self.status.total <= self.status.step


class RunFeed:
    """Reads one run again and again. Not thread-safe: one thread at a time.

    Raises:
        StoreError: the run cannot be read.
    """

    def __init__(self, folder: RunFolder) -> None:
        from workbench.runs.reader import RunReader  # here: it costs the first frame pydantic, 60 ms

        self.folder = folder
        self._reader = RunReader(folder)
        self._meta = self._reader.meta()
        self._ending = Ending()
        self._revision = -1
        self._version = 0
        self._seen: tuple[Any, ...] = ()
        self._next_look_s, self._waits = 0.0, ""
        self._start()

    def close(self) -> None:
        """Let go of the database."""
        self._reader.close()

    def _start(self) -> None:
        self._lines: dict[str, Line] = {}
        self._clock = Line(np.zeros(0, np.int64), np.zeros(0))
        self._samples = Line(np.zeros(0, np.int64), np.zeros(0))
        self._recent = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        self._events: tuple[Event, ...] = ()
        self._probes: dict[str, ProbeKind] = {}
        self._checkpoints: tuple[int, ...] | None = None

    def poll(self) -> RunData:
        """The run as it is now."""
        from workbench.training.checkpoint_files import checkpoint_steps  # here, as above

        status = self._reader.status()
        if status.revision != self._revision:
            self._start()
            self._revision = status.revision
        tags = self._reader.tags()
        for tag in tags:
            self._read(tag, status.step)
        self._read_clock(status.step)
        events = self._reader.events(self._events[-1].id if self._events else 0)
        self._events += tuple(events)
        if events or not self._probes:
            self._probes = self._reader.probe_kinds()
        if events:
            self._meta = self._reader.meta()  # what measuring takes is noted there
        if events or self._checkpoints is None:
            self._checkpoints = checkpoint_steps(self.folder, self._meta)
        log = _tail(self.folder.log_path)
        rate, samples = self._rates()
        waits = self._wait_words() if status.alive and status.state == "starting" else ""
        seen = (status.state, status.step, status.total, len(self._events), len(log), self._revision, len(tags), waits)
        if seen != self._seen:
            self._seen, self._version = seen, self._version + 1
        return RunData(
            folder=self.folder,
            status=status,
            meta=self._meta,
            lines=dict(self._lines),
            clock_steps=self._clock.steps,
            clock_seconds=self._clock.values,
            clock_samples=self._samples.values,
            seconds=self._reader.training_seconds(),
            steps_per_second=rate,
            samples_per_second=samples,
            events=self._events,
            probes=self._probes,
            checkpoints=self._checkpoints,
            log=log,
            version=self._version,
            left_s=self._ending.left(status.step, status.total, rate, self._meta, evaluations=True),
            waits=waits,
        )

    def _wait_words(self) -> str:
        """Where the run stands among those that wait for a core: seen by looking at all of them, so now and then only."""
        from workbench.runs.queue import QUEUED, place_in_queue
        from workbench.system import cores

        if time.monotonic() >= self._next_look_s:
            self._next_look_s, self._waits = time.monotonic() + _LOOK_EVERY_S, ""
            self._meta = self._reader.meta()
            since = self._meta.get(QUEUED)
            if isinstance(since, int | float):
                with suppress(StoreError):  # the folder of runs cannot be read just now
                    place = place_in_queue(self.folder, since)
                    self._waits = f"waiting #{len(place.ahead) + 1}: {place.words(cores(), by_name=True)}"
        return self._waits

    def _read(self, tag: str, step: int) -> None:
        known = self._lines.get(tag)
        if known is None and step > _MOST_POINTS:
            steps, values = self._reader.buckets(tag, _BUCKETS)
            self._lines[tag] = Line(steps, values)
            return
        after = int(known.steps[-1]) if known is not None and len(known.steps) else -1
        steps, values = self._reader.scalars(tag, after)
        if known is not None:
            if len(steps) == 0:
                return
            steps, values = np.concatenate((known.steps, steps)), np.concatenate((known.values, values))
        self._lines[tag] = _bounded(steps, values)

    def _read_clock(self, step: int) -> None:
        after = int(self._clock.steps[-1]) if len(self._clock.steps) else -1
        every = max(1, step // _BUCKETS) if after < 0 and step > _MOST_POINTS else 1
        steps, seconds, samples = self._reader.timing(after, every)
        if len(steps) == 0:
            return
        recent = tuple(
            np.concatenate((old, new))[-_RATE_STEPS:] for old, new in zip(self._recent, (steps, seconds, samples), strict=True)
        )
        self._recent = (recent[0].astype(np.int64), recent[1].astype(np.float64), recent[2].astype(np.int64))
        self._clock = _bounded(np.concatenate((self._clock.steps, steps)), np.concatenate((self._clock.values, seconds)))
        self._samples = _bounded(
            np.concatenate((self._samples.steps, steps)), np.concatenate((self._samples.values, samples.astype(np.float64)))
        )

    def _rates(self) -> tuple[float | None, float | None]:
        steps, seconds, samples = self._recent
        if len(steps) < 2 or not seconds[-1] > seconds[0]:  # noqa: PLR2004 - a rate needs two points
            return None, None
        span = float(seconds[-1] - seconds[0])
        return float(steps[-1] - steps[0]) / span, float(samples[-1] - samples[0]) / span


def _bounded(steps: NDArray[np.int64], values: NDArray[np.float64]) -> Line:
    if len(steps) <= _MOST_POINTS:
        return Line(steps, values)
    fewer, extremes = halve(steps.astype(np.float64), values)
    return Line(fewer.astype(np.int64), extremes)


def _tail(path: Path) -> str:
    """The last lines of a log, whole lines only; empty where there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LOG_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return text if size <= _LOG_BYTES else text.partition("\n")[2]
