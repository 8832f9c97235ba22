"""What the training loop tells its caller, in the order in which it happens, and what the caller may ask of it. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.runs.records import Probe

__all__ = [
    "Changed",
    "CheckpointDue",
    "Control",
    "Ended",
    "Evaluated",
    "Event",
    "NonFinite",
    "NotSaved",
    "Paused",
    "Request",
    "Resumed",
    "Started",
    "StepDone",
    "StepsTaken",
]


@dataclass(frozen=True)
class Started:
    """The loop is about to take its first step.

    Attributes:
        step: steps done before.
        total: steps in all.
        parameters: number of trainable numbers of the model.
        device: where it trains.
    """

    step: int
    total: int
    parameters: int
    device: str


@dataclass(frozen=True)
class StepDone:
    """One optimiser step is done.

    Attributes:
        step: steps done, this one included.
        scalars: tag -> value; empty when this step is not logged.
        seconds: training time so far, pauses left out.
        samples: training samples seen so far.
    """

    step: int
    scalars: Mapping[str, float]
    seconds: float
    samples: int


@dataclass(frozen=True)
class Evaluated:
    """The model was measured on held-out data.

    Attributes:
        step: steps done.
        split: "validation"; "test" with these weights; or "test_best" with the best ones, of `weights_step`.
        scalars: tag -> value.
        predictions: some samples with the model's answers: input, target, predicted, correct.
        images: their pictures when inputs are images, uint8 (n, height, width).
        improved: the monitored metric is the best so far.
        arrays: what else there is to draw, by kind of probe.
        weights_step: steps that the measured weights were trained for, where that is not `step`.
        seconds: what measuring took.
        count: samples measured.
        snapshot: looks inside the model, where one was due.
        notice: what a person is told of them: how often there are some, or why there are none any more; mostly "".
    """

    step: int
    split: str
    scalars: Mapping[str, float]
    predictions: tuple[Mapping[str, Any], ...] = ()
    images: NDArray[np.uint8] | None = None
    improved: bool = False
    arrays: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    weights_step: int | None = None
    seconds: float = 0.0
    count: int = 0
    snapshot: tuple[Probe, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class CheckpointDue:
    """The state should be saved now; the loop waits meanwhile.

    Attributes:
        step: steps done.
        reason: "interval", "best", "asked", "stop" or "end".
    """

    step: int
    reason: Literal["interval", "best", "asked", "stop", "end"]


@dataclass(frozen=True)
class NotSaved:
    """A checkpoint was due, and would have been of no use.

    Attributes:
        step: steps done.
        reason: as in `CheckpointDue`.
        what: name of the first tensor that is not finite.
    """

    step: int
    reason: str
    what: str


@dataclass(frozen=True)
class Changed:
    """Live settings changed and hold from the next step on.

    Attributes:
        step: steps done.
        changes: "table.key" -> value.
        reason: where it follows from other things, and was not asked for; "" otherwise.
        request: what asked for it. Change and answer are noted as one, so that a process that is killed leaves both or neither.
    """

    step: int
    changes: Mapping[str, Any]
    reason: str = ""
    request: Request | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Paused:
    """The loop waits for a command."""

    step: int


@dataclass(frozen=True)
class Resumed:
    """The loop goes on after a pause."""

    step: int


@dataclass(frozen=True)
class StepsTaken:
    """The steps that were asked for while the run is paused are done; it waits again.

    Attributes:
        step: steps done.
        request: what asked for them. The steps and the answer are noted as one: who reads the answer finds the steps.
    """

    step: int
    request: Request


@dataclass(frozen=True)
class NonFinite:
    """Loss or gradient became NaN or infinite.

    Attributes:
        step: the step that was being taken (from 1).
        what: "loss", or the name of the first parameter whose gradient is not finite.
        policy: what happens now. With "rewind" the caller puts the state back before it lets the loop go on.
    """

    step: int
    what: str
    policy: Literal["stop", "skip", "rewind"]


@dataclass(frozen=True)
class Ended:
    """The loop is over.

    Attributes:
        step: steps done.
        state: `finished`, `stopped` by command, `paused` by termination, or `failed`.
        reason: one sentence.
    """

    step: int
    state: Literal["finished", "stopped", "paused", "failed"]
    reason: str


Event: TypeAlias = (
    Started | StepDone | StepsTaken | Evaluated | CheckpointDue | NotSaved | Changed | Paused | Resumed | NonFinite | Ended
)


@dataclass(frozen=True)
class Request:
    """Something asked of the loop between two steps.

    Attributes:
        verb: pause, resume, stop, step, checkpoint, evaluate, set or terminate.
        arguments: for `set`: "table.key" -> value; for `step`: `count`, the number of steps (1 where it is left out).
        id: number by which the asker knows it.
    """

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


class Control(Protocol):
    """Where the loop takes requests from."""

    def poll(self) -> list[Request]:
        """What was asked since the last call. Called before every step, so it must be cheap."""

    def wait(self) -> list[Request]:
        """The same, but waits for some time when nothing was asked; may return an empty list."""

    def answer(self, request: Request, outcome: str) -> None:
        """Tell the asker what became of it: "done", or what was wrong."""
