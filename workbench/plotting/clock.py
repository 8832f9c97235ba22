"""Ways to count the x axis of a run: steps, epochs, seconds of training, samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["X_NAMES", "Clock"]


X_NAMES = {"step": "step", "epoch": "epoch", "seconds": "seconds of training", "samples": "samples"}
"""Ways to count x, and what the axis is then called."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Seconds of training and samples at steps, and steps in an epoch, for other ways to count x.

    Past the newest step it goes on at its mean pace: beside a longer run one points at places where this one has not been.

    Attributes:
        steps, seconds, samples: ascending, shape (n,); samples may be missing, shape (0,).
        steps_per_epoch: None where data are generated without end.
    """

    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    seconds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    steps_per_epoch: float | None = None
    samples: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def choices(self) -> tuple[str, ...]:
        """The ways to count x that make sense for this run."""
        choices = ["step"]
        if self.steps_per_epoch:
            choices.append("epoch")
        choices += [axis for axis in ("seconds", "samples") if self._counted(axis) is not None]
        return tuple(choices)

    def of(self, axis: str) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
        """The function from steps to x."""
        if axis == "epoch" and self.steps_per_epoch:
            per_epoch = self.steps_per_epoch
            return lambda steps: steps / per_epoch
        counted = self._counted(axis)
        if counted is not None:
            at, values = self.steps, counted
            return lambda steps: np.interp(steps, at, values) + np.maximum(steps - at[-1], 0) * _pace(at, values)
        return lambda steps: steps.astype(np.float64)

    def step_at(self, axis: str, x: float) -> float:
        """The step of an x; the inverse of `of`."""
        if axis == "epoch" and self.steps_per_epoch:
            return x * self.steps_per_epoch
        counted = self._counted(axis)
        if counted is None:
            return x
        pace = _pace(self.steps, counted)
        beyond = max(0.0, x - float(counted[-1])) / pace if pace > 0 else 0.0
        return float(np.interp(x, counted, self.steps)) + beyond

    def _counted(self, axis: str) -> NDArray[np.float64] | None:
        """What is read off the clock at its steps; None where it has not two values of it."""
        values = {"seconds": self.seconds, "samples": self.samples}.get(axis)
        return values if values is not None and len(values) > 1 else None


def _pace(steps: NDArray[np.int64], counted: NDArray[np.float64]) -> float:
    """What a step adds on the average."""
    return float(counted[-1]) / float(steps[-1]) if steps[-1] > 0 else 0.0
