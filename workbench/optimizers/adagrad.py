"""Adagrad: the gradient divided by the size of all gradients so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.cards import OptimizerCard, OptimizerSettings, setting

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class AdagradConfig(OptimizerSettings):
    """Settings of Adagrad."""

    eps: float = setting(1e-10, "Small number added to the divisor for stability.", gt=0, advanced=True)
    weight_decay: float = setting(0.0, "Weight decay as an L2 penalty added to the gradient.", ge=0, advanced=True)


class AdagradCard(OptimizerCard[AdagradConfig]):
    """Learning rates that shrink with all past squared gradients."""

    Config = AdagradConfig
    title = "Adagrad"
    equation = "r = r + g^2\nw = w - lr * g / (sqrt(r) + eps)"
    summary = (
        "Divides each component of the gradient by the root of the sum of its squares: rare features keep a large learning rate."
    )
    reference = "Duchi et al. 2011; Goodfellow et al. 2016, algorithm 8.4"

    @classmethod
    def build(cls, config: AdagradConfig, parameters: Sequence[Tensor]) -> Optimizer:
        """torch.optim.Adagrad over the parameters."""
        from torch.optim import Adagrad

        fused = all(parameter.device.type == "cpu" for parameter in parameters)  # torch has it for no other device
        return Adagrad(parameters, lr=config.lr, eps=config.eps, weight_decay=config.weight_decay, fused=fused)
