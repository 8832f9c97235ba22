"""Scheduled sampling: which steps see the true token, and which the model's own."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["drawn_forcing"]


def drawn_forcing(steps: Tensor, teacher_forcing: float) -> Tensor:
    """Draw for every step of every sequence whether it is fed the true value (True) or the model's own output.

    Elsewhere a step is fed the model's own output of the step before (the likeliest token, or the forecast value), as a
    constant: no gradient flows back through that choice. All models that can be trained on their own output do it so.

    Args:
        steps: anything of shape (batch, length, ...), for the shape and the device.
        teacher_forcing: probability of the truth, from 0 to 1. At 0 no random number is drawn.

    Returns:
        (batch, length) bool, from torch's global generator.

    Reference:
        Bengio et al. 2015, arXiv:1506.03099, section 2.3-2.4.
    """
    shape = steps.shape[:2]
    if teacher_forcing <= 0:
        return torch.zeros(shape, dtype=torch.bool, device=steps.device)
    return torch.rand(shape, device=steps.device) < teacher_forcing
