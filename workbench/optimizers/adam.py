"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.cards import OptimizerCard, setting
from workbench.optimizers._moments import MomentSettings

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class AdamConfig(MomentSettings):
    """Settings of Adam."""

    weight_decay: float = setting(0.0, "Weight decay as an L2 penalty added to the gradient.", ge=0, advanced=True)


class AdamCard(OptimizerCard[AdamConfig]):
    """Adaptive learning rates from two moments of the gradient."""

    Config = AdamConfig
    title = "Adam"
    equation = "m = b1 * m + (1 - b1) * g\nv = b2 * v + (1 - b2) * g^2\nw = w - lr * m_hat / (sqrt(v_hat) + eps)"
    summary = (
        "Divides the running mean of the gradient by the root of the running mean of its square, so that all weights move at a "
        "similar pace."
    )
    reference = "Kingma and Ba 2015, arXiv:1412.6980, algorithm 1"

    @classmethod
    def build(cls, config: AdamConfig, parameters: Sequence[Tensor]) -> Optimizer:
        """torch.optim.Adam over the parameters."""
        from torch.optim import Adam

        betas = (config.beta1, config.beta2)
        return Adam(parameters, lr=config.lr, betas=betas, eps=config.eps, weight_decay=config.weight_decay, fused=True)
