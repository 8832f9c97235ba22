"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.cards import OptimizerCard, setting
from workbench.optimizers._moments import MomentSettings

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class AdamWConfig(MomentSettings):
    """Settings of AdamW."""

    weight_decay: float = setting(
        0.01, "Decoupled weight decay, multiplied by the learning rate at each step.", ge=0, advanced=True
    )


class AdamWCard(OptimizerCard[AdamWConfig]):
    """Adam with decoupled weight decay."""

    Config = AdamWConfig
    title = "AdamW"
    equation = "m = b1 * m + (1 - b1) * g\nv = b2 * v + (1 - b2) * g^2\nw = w - lr * (m_hat / (sqrt(v_hat) + eps) + decay * w)"
    summary = "Adam with decoupled weight decay: subtracted from the weights instead of added to the gradient."
    reference = "Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2"

    @classmethod
    def build(cls, config: AdamWConfig, parameters: Sequence[Tensor]) -> Optimizer:
        """torch.optim.AdamW over the parameters."""
        from torch.optim import AdamW

        betas = (config.beta1, config.beta2)
        return AdamW(parameters, lr=config.lr, betas=betas, eps=config.eps, weight_decay=config.weight_decay, fused=True)
