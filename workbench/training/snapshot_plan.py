"""After which evaluations a run takes snapshots: settled once, by what the first one costs, and kept by every later life of it.

What a snapshot may take is a share of the training time, and time is never twice the same. So time is asked once only: the
first snapshot says what one costs, and from that follows that each n-th evaluation has one. This number stands in run.db
(meta `snapshots`), written in one transaction with that first snapshot. From then on settings and numbers of steps alone say
after which steps there is one, so that a run that was killed, resumed or brought back has its snapshots where a run has them
that was left alone. Where there are too many, n is doubled, and those stay that the doubled n would have taken.

Other settings (`inspect.*`, `training.eval_every`) have other costs and a number of their own, which holds again when they do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.experiment import Experiment

__all__ = ["SnapshotPlan"]

_MOST = 2**40
"""Evaluations from one snapshot to the next, at most: more than any run has."""


@dataclass(frozen=True)
class _Pace:
    """How often there is a snapshot.

    Attributes:
        first: the step of the one that said what one costs.
        every: of the evaluations that come with one by the settings, each so many-th does.
    """

    first: int
    every: int


class SnapshotPlan:
    """What is settled so far. The loop settles it, the worker writes it down; nothing of the training depends on it.

    Args:
        paces: what an earlier life of the run has settled, as `to_dict` gave it; what is no such thing is left out.
    """

    def __init__(self, paces: Mapping[str, Any] | None = None) -> None:
        self._paces = {
            key: _Pace(*pace)
            for key, pace in (paces or {}).items()
            if isinstance(pace, list) and len(pace) == 2 and all(isinstance(part, int) and part > 0 for part in pace)  # noqa: PLR2004 - first, every
        }

    def to_dict(self) -> dict[str, list[int]]:
        """All of it as plain values."""
        return {key: [pace.first, pace.every] for key, pace in self._paces.items()}

    def wants(self, experiment: Experiment, step: int) -> bool:
        """Whether the evaluation after a step comes with a snapshot; the one after the last step always does."""
        if not experiment.inspect.every:
            return False
        if step >= experiment.training.steps:
            return True
        number = _number(experiment, step)
        if number is None:
            return False
        pace = self._paces.get(_key(experiment))
        return pace is None or step == pace.first or number % pace.every == 0

    def is_open(self, experiment: Experiment, step: int) -> bool:
        """Whether the snapshot after a step has to settle how often there is one."""
        limited = experiment.inspect.share < 1 and _number(experiment, step) is not None
        return limited and _key(experiment) not in self._paces

    def settle(self, experiment: Experiment, step: int, *, cost_s: float, between_s: float) -> int:
        """Settle how often there is a snapshot.

        Args:
            experiment: the settings in force.
            step: after which the first one was taken.
            cost_s: what one takes.
            between_s: what training takes from one evaluation that may have one to the next.
        Returns:
            Each so many-th of these has one: the smallest number that keeps within the share.
        """
        allowed = experiment.inspect.share * between_s
        every = min(max(1, math.ceil(cost_s / allowed)), _MOST) if allowed > 0 else _MOST
        self._paces[_key(experiment)] = _Pace(step, every)
        return every

    def halve(self, experiment: Experiment, steps: Sequence[int]) -> list[int]:
        """Take half as many from now on.

        Args:
            experiment: the settings in force.
            steps: after which there are snapshots, ascending.
        Returns:
            The steps whose snapshots are to go: those that would not be taken now, and of those that were taken with other
            settings every second one. The first of all stays: others are compared with it.
        """
        pace = self._paces.get(_key(experiment)) or _Pace(steps[0], 1)
        self._paces[_key(experiment)] = _Pace(pace.first, 2 * pace.every)
        own = [step for step in steps if _number(experiment, step) is not None]
        others = [step for step in steps if _number(experiment, step) is None]
        return sorted({*(step for step in own if not self.wants(experiment, step)), *others[1::2]} - {steps[0]})


def _number(experiment: Experiment, step: int) -> int | None:
    """The how many-th evaluation that comes with a snapshot by the settings alone it is that follows a step; None for no such."""
    between = experiment.training.eval_every * experiment.inspect.every
    return step // between if between and step and step % between == 0 else None


def _key(experiment: Experiment) -> str:
    """What the cost of snapshots hangs on, and how many there are."""
    inspect = experiment.inspect
    views = "all" if not inspect.views else "+".join(inspect.views)
    return json.dumps([experiment.training.eval_every, inspect.every, inspect.samples, views, inspect.share])
