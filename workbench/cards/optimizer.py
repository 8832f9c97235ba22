"""An optimiser, as a user chooses one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Literal

from workbench.cards.card import C, Card
from workbench.cards.config import Config, setting

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

__all__ = ["OptimizerCard", "OptimizerSettings"]


class OptimizerSettings(Config):
    """What every optimiser has: the learning rate and its schedule."""

    lr: float = setting(1e-3, "Learning rate; the schedule's highest value.", gt=0, le=1000, live=True)
    schedule: Literal["constant", "linear", "cosine", "step", "plateau"] = setting(
        "constant",
        "Learning-rate schedule: constant, linear decay, cosine decay, step decay, or decay when validation stops improving.",
    )
    warmup_steps: int = setting(
        0, "Steps of linear warm-up; step n of them uses n/warmup_steps of the learning rate.", ge=0, unit="steps"
    )
    final_fraction: float = setting(0.0, "Final learning rate as a fraction of lr (linear, cosine).", ge=0, le=1, advanced=True)
    decay_every: int = setting(500, "Steps between two decays of the learning rate (step).", ge=1, unit="steps", advanced=True)
    decay_factor: float = setting(
        0.5, "Factor that each decay multiplies the learning rate by (step, plateau).", gt=0, le=1, advanced=True
    )
    patience: int = setting(
        3,
        "Evaluations without a lower validation loss before the learning rate decays (plateau).",
        ge=1,
        unit="evaluations",
        advanced=True,
    )


class OptimizerCard(Card, ABC, Generic[C]):
    """An optimiser a user can choose. `Config` extends `OptimizerSettings`."""

    Config: ClassVar[type[Config]]
    equation: ClassVar[str]

    @classmethod
    @abstractmethod
    def build(cls, config: C, parameters: Sequence[Tensor]) -> Optimizer:
        """The torch optimiser over the parameters."""
