"""Settings shared by the optimisers that keep two moments of the gradient."""

from __future__ import annotations

from workbench.cards import OptimizerSettings, setting

__all__ = ["MomentSettings"]


class MomentSettings(OptimizerSettings):
    """Decay rates of the first and second moment, and the guard of the division."""

    beta1: float = setting(0.9, "Decay rate of the averaged gradient.", ge=0, lt=1, advanced=True)
    beta2: float = setting(0.999, "Decay rate of the averaged squared gradient.", ge=0, lt=1, advanced=True)
    eps: float = setting(1e-8, "Added to the divisor.", gt=0, advanced=True)
