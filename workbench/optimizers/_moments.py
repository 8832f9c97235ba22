"""Settings shared by the optimisers that keep two moments of the gradient."""

from __future__ import annotations

from workbench.cards import OptimizerSettings, setting

__all__ = ["MomentSettings"]


class MomentSettings(OptimizerSettings):
    """Decay rates of the first and second moment, and the guard of the division."""

    beta1: float = setting(0.9, "Decay rate of the first moment, the running mean of the gradient.", ge=0, lt=1, advanced=True)
    beta2: float = setting(
        0.999, "Decay rate of the second moment, the running mean of the squared gradient.", ge=0, lt=1, advanced=True
    )
    eps: float = setting(1e-8, "Small number added to the divisor for stability.", gt=0, advanced=True)
