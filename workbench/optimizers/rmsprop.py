"""RMSprop: the gradient divided by a running average of its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.cards import OptimizerCard, OptimizerSettings, setting

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class RmspropConfig(OptimizerSettings):
    """Settings of RMSprop."""

    alpha: float = setting(0.99, "Decay rate of the running mean of the squared gradient.", ge=0, lt=1)
    momentum: float = setting(0.0, "Momentum coefficient.", ge=0, lt=1)
    eps: float = setting(1e-8, "Small number added to the divisor for stability.", gt=0, advanced=True)
    weight_decay: float = setting(0.0, "Weight decay as an L2 penalty added to the gradient.", ge=0, advanced=True)


class Rmsprop(OptimizerCard[RmspropConfig]):
    """Learning rates scaled by a running mean square of the gradient."""

    Config = RmspropConfig
    title = "RMSprop"
    equation = "v = alpha * v + (1 - alpha) * g^2\nw = w - lr * g / (sqrt(v) + eps)"
    summary = "Divides each component of the gradient by the root of its running mean square, so old gradients are forgotten."
    reference = "Tieleman and Hinton 2012, lecture 6.5; Goodfellow et al. 2016, algorithm 8.5"

    @classmethod
    def build(cls, config: RmspropConfig, parameters: Sequence[Tensor]) -> Optimizer:
        """torch.optim.RMSprop over the parameters."""
        from torch.optim import RMSprop

        return RMSprop(
            parameters,
            lr=config.lr,
            alpha=config.alpha,
            momentum=config.momentum,
            eps=config.eps,
            weight_decay=config.weight_decay,
        )
