"""How long a run will still take, its evaluations included, for a viewer that looks at it again and again."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

__all__ = ["Ending"]


class Ending:
    """Knows since when a run has done its last step: from then on it only measures, and its steps tell nothing of the rest.

    What measuring takes, the worker notes in the run's meta after each evaluation: `evaluation_seconds`, and `finish_seconds`,
    all that is left to be measured after the last step.
    """

    def __init__(self) -> None:
        self._finish = -1.0
        self._deadline = 0.0

    def left(self, step: int, total: int, rate: float | None, meta: Mapping[str, Any], *, evaluations: bool) -> float | None:
        """Seconds until the run has ended, or None when that cannot be known.

        Args:
            step, total: steps done and steps in all.
            rate: steps per second, None or 0 when unknown.
            meta: the run's.
            evaluations: whether the rate leaves out the evaluations during training, so that they have to be counted.
        """
        finish = _seconds(meta, "finish_seconds")
        if step < total:
            self._finish = -1.0
            if not rate:
                return None
            between = _evaluations(step, total, meta) * (_seconds(meta, "evaluation_seconds") or 0.0) if evaluations else 0.0
            return (total - step) / rate + between + (finish or 0.0)
        if finish is None:
            return None
        now = time.monotonic()
        if finish != self._finish:
            self._finish, self._deadline = finish, now + finish
        return self._deadline - now if self._deadline > now else None  # it takes longer than was expected: nobody knows how long


def _seconds(meta: Mapping[str, Any], key: str) -> float | None:
    """A time that was noted; None where there is none, or a damaged database has something else in its place."""
    value = meta.get(key)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _evaluations(step: int, total: int, meta: Mapping[str, Any]) -> int:
    """Evaluations that are still to come before the last step."""
    experiment = meta.get("experiment")
    training = experiment.get("training") if isinstance(experiment, Mapping) else None
    every = training.get("eval_every", 0) if isinstance(training, Mapping) else 0
    return max(0, (total - 1) // every - step // every) if isinstance(every, int) and every > 0 else 0
