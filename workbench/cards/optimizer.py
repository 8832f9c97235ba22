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

    lr: float = setting(1e-3, "Learning rate at the top of the schedule.", gt=0, le=1000, live=True)
    schedule: Literal["constant", "linear", "cosine", "step", "plateau"] = setting(
        "constant",
        "How the learning rate goes down: not at all, linearly, as a half cosine, in steps, or when validation stalls.",
    )
    warmup_steps: int = setting(0, "Steps over which the learning rate rises linearly from 0 at the start.", ge=0, unit="steps")
    final_fraction: float = setting(
        0.0, "Fraction of the learning rate left at the last step (linear, cosine).", ge=0, le=1, advanced=True
    )
    decay_every: int = setting(500, "Steps between two decays (step).", ge=1, unit="steps", advanced=True)
    decay_factor: float = setting(
        0.5, "What one decay multiplies the learning rate by (step, plateau).", gt=0, le=1, advanced=True
    )
    patience: int = setting(
        3, "Evaluations without a better validation loss before a decay (plateau).", ge=1, unit="evaluations", advanced=True
    )


class OptimizerCard(Card, ABC, Generic[C]):
    """An optimiser a user can choose. `Config` extends `OptimizerSettings`."""

    Config: ClassVar[type[Config]]
    equation: ClassVar[str]

    @classmethod
    @abstractmethod
    def build(cls, config: C, parameters: Sequence[Tensor]) -> Optimizer:
        """The torch optimiser over the parameters."""
