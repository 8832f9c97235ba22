"""What a run's database holds, as values: status, events, probes and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LIVE_STATES", "QUEUED", "STATES", "WAITS", "Command", "Event", "Probe", "ProbeKind", "Status"]

STATES = ("starting", "running", "paused", "finished", "stopped", "failed")
"""All states that are written down."""

LIVE_STATES = frozenset({"starting", "running", "paused"})
"""States in which a process belongs to the run (`paused` only while it waits; see `Status`)."""

QUEUED = "queued"
"""Key in meta: when a run began to wait for a core, in seconds; null once it has its turn."""

WAITS = "waits"
"""Key in the data of an event `paused`: nobody asked for it, the run waits for room on the disk or for another process."""


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Attributes:
        state: `starting running paused finished stopped failed` as written, or `lost` when the process that should be
            there is gone. A run paused by SIGTERM has no process and stays `paused`.
        step: last step done.
        total: steps in all.
        heartbeat: Unix time of the worker's last sign of life, in seconds.
        pid: the worker's process, or None.
        alive: whether a process belongs to the run now.
        revision: grows each time rows are taken back (a resume from an earlier checkpoint); then a cursor must start anew.
    """

    state: str
    step: int
    total: int
    heartbeat: float
    pid: int | None
    alive: bool
    revision: int = 0

    @property
    def resumable(self) -> bool:
        """Whether the run can go on: a paused one is woken, one at rest is started again from a checkpoint."""
        return self.state == "paused" or not (self.alive or self.state == "finished")


@dataclass(frozen=True)
class Event:
    """Something that happened to a run.

    Attributes:
        id: grows with time; the cursor of `RunReader.events`.
        step: step after which it happened.
        seconds: Unix time when it happened, in seconds.
        kind: `started evaluated checkpoint changed nonfinite paused resumed stopped finished failed notice`.
        message: one line for a person.
        data: the same for a program.
    """

    id: int
    step: int
    seconds: float
    kind: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """A look inside the model at one step.

    Attributes:
        step: step after which it was taken.
        kind: what it shows (`predictions`, ...).
        name: which one of the kind (`validation`, a module's name, ...).
        array: its numbers, or None.
        info: texts and labels.
    """

    step: int
    kind: str
    name: str
    array: NDArray[np.generic] | None
    info: Mapping[str, Any]


@dataclass(frozen=True)
class ProbeKind:
    """What a run has of one kind of probe, known without reading an array.

    Attributes:
        steps: at which it was taken, ascending; at least one.
        shapes: those of the newest step, by name, in order; None for a probe without an array.
    """

    steps: tuple[int, ...]
    shapes: Mapping[str, tuple[int, ...] | None]


@dataclass(frozen=True)
class Command:
    """What a viewer asked of the worker.

    Attributes:
        id: by which it is answered.
        verb: `pause resume stop step checkpoint evaluate set`.
        arguments: what the verb needs, e.g. {"optimizer.lr": 3e-4}.
        sent, taken: Unix times in seconds; taken is None until the worker has seen it.
        outcome: the worker's answer, None until then.
    """

    id: int
    verb: str
    arguments: Mapping[str, Any]
    sent: float = 0.0
    taken: float | None = None
    outcome: str | None = None
