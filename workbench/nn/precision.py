"""Numbers of full precision, for sums over many samples."""

from __future__ import annotations

from torch import Tensor

__all__ = ["exact"]


def exact(values: Tensor) -> Tensor:
    """The values in double precision, on the CPU: not every device has doubles."""
    return values.detach().cpu().double()
