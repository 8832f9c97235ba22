"""Schedules: the learning rate and the share of teacher forcing as functions of the step. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from workbench.cards import OptimizerSettings
from workbench.experiment.settings import TrainingConfig

__all__ = ["Plateau", "learning_rate", "teacher_forcing"]


@dataclass
class Plateau:
    """What the plateau schedule remembers.

    Attributes:
        scale: product of all decays so far.
        best: lowest validation loss so far.
        stale: evaluations since then.
    """

    scale: float = 1.0
    best: float = math.inf
    stale: int = 0

    def observe(self, loss: float, settings: OptimizerSettings) -> None:
        """Take note of a validation loss; decay when `patience` evaluations brought nothing better."""
        if loss < self.best:
            self.best, self.stale = loss, 0
            return
        self.stale += 1
        if self.stale >= settings.patience:
            self.scale, self.stale = self.scale * settings.decay_factor, 0


def _linear(done: float, settings: OptimizerSettings) -> float:
    return 1 - (1 - settings.final_fraction) * done


def _cosine(done: float, settings: OptimizerSettings) -> float:
    return settings.final_fraction + (1 - settings.final_fraction) * (1 + math.cos(math.pi * done)) / 2


_SHAPES: dict[str, Callable[[float, OptimizerSettings], float]] = {"linear": _linear, "cosine": _cosine}


def learning_rate(settings: OptimizerSettings, step: int, total: int, plateau: Plateau) -> float:
    """The learning rate of one step.

    After a linear warm-up, `linear` and `cosine` go down to `final_fraction` at the last step, `step` multiplies by
    `decay_factor` every `decay_every` steps, `plateau` whenever validation stalls.

    Args:
        settings: the optimiser's settings.
        step: the step to be taken, from 0.
        total: steps in all.
        plateau: memory of the plateau schedule.

    Reference:
        Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5 (cosine); Goyal et al. 2017, arXiv:1706.02677 (warm-up).
    """
    if step < settings.warmup_steps:
        return settings.lr * (step + 1) / settings.warmup_steps
    if settings.schedule in _SHAPES:
        span = max(1, total - 1 - settings.warmup_steps)
        return settings.lr * _SHAPES[settings.schedule](min(1.0, (step - settings.warmup_steps) / span), settings)
    if settings.schedule == "step":
        return float(settings.lr * settings.decay_factor ** ((step - settings.warmup_steps) // settings.decay_every))
    if settings.schedule == "plateau":
        return settings.lr * plateau.scale
    return settings.lr


def teacher_forcing(training: TrainingConfig, step: int) -> float:
    """Share of true inputs in a step (from 0): as set, or falling linearly from 1 to that at the last step.

    Reference:
        Bengio et al. 2015, arXiv:1506.03099, section 2.4.
    """
    if training.sampling_schedule == "constant":
        return training.teacher_forcing
    return 1 - (1 - training.teacher_forcing) * min(1.0, step / max(1, training.steps - 1))
