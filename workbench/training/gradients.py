"""Norm and clipping of gradients."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["clip_norm_", "clip_value_", "exact_norm", "total_norm"]

_SMALLEST_FACTOR = 1e-30


SMALLEST_TRUSTED = 1e-15
"""Norm below which squares in single precision may have lost what matters."""


def total_norm(gradients: list[Tensor]) -> Tensor:
    """Euclidean norm of all gradients as one vector, shape (); squares in their own precision.

    Equal to `torch.nn.utils.get_total_norm`, without its grouping by device and type, which costs more than the norm
    of a small model (`make bench`). In single precision it is infinite above 1.8e19 and 0 below 1e-23: `exact_norm` fixes that.
    """
    norms = torch._foreach_norm(gradients)  # noqa: SLF001 - public under no other name
    norm: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    return norm


def exact_norm(gradients: list[Tensor], norm: float) -> float:
    """What `total_norm` gave, worked out anew where its squares left the range of the gradients' type.

    Args:
        gradients: the same gradients.
        norm: `total_norm` of them.

    Returns:
        The norm; infinite only where a component is, NaN only where one is.
    """
    if math.isfinite(norm) and norm > SMALLEST_TRUSTED:
        return norm
    largest = float(torch.stack([gradient.abs().max() for gradient in gradients if gradient.numel()]).max())
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(total_norm([gradient / largest for gradient in gradients]))


def clip_norm_(gradients: list[Tensor], norm: float, limit: float) -> None:
    """Scale all gradients so that their common norm is `limit`, where it is larger.

    Reference:
        Pascanu et al. 2013, arXiv:1211.5063, algorithm 1; Goodfellow et al. 2016, eq. 10.48.
    """
    if norm > limit:
        factor = limit / norm
        parts = [factor] if factor > _SMALLEST_FACTOR else [factor**0.5] * 2  # single precision has no 1e-40
        for part in parts:
            torch._foreach_mul_(gradients, part)


def clip_value_(gradients: list[Tensor], limit: float) -> None:
    """Cut every component of every gradient to the range from -limit to limit.

    Reference:
        Mikolov 2012, PhD thesis, section 3.2.2.
    """
    torch._foreach_clamp_min_(gradients, -limit)
    torch._foreach_clamp_max_(gradients, limit)
