"""Stochastic gradient descent, with momentum and Nesterov's look-ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import model_validator

from workbench.cards import OptimizerCard, OptimizerSettings, setting

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class SgdConfig(OptimizerSettings):
    """Settings of stochastic gradient descent."""

    momentum: float = setting(0.0, "Momentum coefficient.", ge=0, lt=1)
    nesterov: bool = setting(default=False, help="Nesterov momentum: take the gradient at the look-ahead point (needs momentum).")
    weight_decay: float = setting(0.0, "Weight decay as an L2 penalty added to the gradient.", ge=0, advanced=True)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> SgdConfig:
        if self.nesterov and self.momentum == 0:
            raise ValueError("expected a momentum above 0 with nesterov = true. Set optimizer.momentum=0.9")
        return self


class Sgd(OptimizerCard[SgdConfig]):
    """Gradient descent on batches, with momentum."""

    Config = SgdConfig
    title = "SGD"
    equation = "v = momentum * v + g\nw = w - lr * v"
    summary = "Steps against the gradient of one batch. Momentum averages over steps; Nesterov momentum takes the gradient ahead."
    reference = "Goodfellow et al. 2016, algorithms 8.1-8.3; Sutskever et al. 2013"

    @classmethod
    def build(cls, config: SgdConfig, parameters: Sequence[Tensor]) -> Optimizer:
        """torch.optim.SGD over the parameters."""
        from torch.optim import SGD

        return SGD(
            parameters,
            lr=config.lr,
            momentum=config.momentum,
            nesterov=config.nesterov,
            weight_decay=config.weight_decay,
            fused=True,
        )
