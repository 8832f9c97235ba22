"""Norm and clipping of gradients."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["clip_norm_", "clip_value_", "total_norm"]


def total_norm(gradients: list[Tensor]) -> Tensor:
    """Euclidean norm of all gradients as one vector, shape ().

    Equal to `torch.nn.utils.get_total_norm`, without its grouping by device and type, which costs more than the norm
    of a small model (`make bench`).
    """
    norms = torch._foreach_norm(gradients)  # noqa: SLF001 - public under no other name
    norm: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    return norm


def clip_norm_(gradients: list[Tensor], norm: float, limit: float) -> None:
    """Scale all gradients so that their common norm is `limit`, where it is larger.

    Reference:
        Pascanu et al. 2013, arXiv:1211.5063, algorithm 1; Goodfellow et al. 2016, eq. 10.48.
    """
    if norm > limit:
        torch._foreach_mul_(gradients, limit / norm)


def clip_value_(gradients: list[Tensor], limit: float) -> None:
    """Cut every component of every gradient to the range from -limit to limit.

    Reference:
        Mikolov 2012, PhD thesis, section 3.2.2.
    """
    torch._foreach_clamp_min_(gradients, -limit)
    torch._foreach_clamp_max_(gradients, limit)
