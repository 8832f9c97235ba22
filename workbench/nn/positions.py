"""Positional encodings, for networks without recurrence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.ablation import altered
from workbench.nn.names import PositionName

__all__ = ["Positions", "sinusoidal"]


def sinusoidal(length: int, size: int) -> Tensor:
    """Sines and cosines of wavelengths from 2 pi to 10000 * 2 pi.

        p[t, 2i] = sin(t / 10000^(2i/size))      p[t, 2i+1] = cos(t / 10000^(2i/size))

    Returns:
        Shape (length, size).

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    steps = torch.arange(length, dtype=torch.float64)[:, None]
    rates = torch.exp(torch.arange(0, size, 2, dtype=torch.float64) * (-math.log(10_000) / size))
    table = torch.zeros(length, size, dtype=torch.float64)
    table[:, 0::2] = torch.sin(steps * rates)
    table[:, 1::2] = torch.cos(steps * rates[: size // 2])
    return table.to(torch.get_default_dtype())


@final
class Positions(nn.Module):
    """Positional encoding: adds to every step a vector that depends on its position.

    Args:
        name: `sinusoidal` (fixed, any length), `learned` (one vector a place), or `none`.
        size: size of the vectors.
        max_length: number of positions that can be learned; sinusoids for so many are kept ready.

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """

    table: Tensor

    def __init__(self, name: PositionName, size: int, max_length: int) -> None:
        super().__init__()
        self.name = name
        self.max_length = max_length if name == "learned" else None
        if name == "learned":
            self.table = nn.Parameter(torch.randn(max_length, size) * size**-0.5)
        elif name == "sinusoidal":
            self.register_buffer("table", sinusoidal(max_length, size), persistent=False)

    @property
    def called(self) -> str:
        """Its kind with it."""
        return f"positional encoding, {self.name}"

    def parts(self) -> Mapping[str, int]:
        """The encoding."""
        return {} if self.name == "none" else {"encoding": 0}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one part
        """Nothing is added: steps do not know their place."""
        return altered(self, name="none")

    def forward(self, vectors: Tensor, start: int = 0) -> Tensor:
        """(batch, length, size) -> the same, the first step standing at place `start`."""
        if self.name == "none":
            return vectors
        stop = start + vectors.shape[1]
        table = self.table
        if self.name == "sinusoidal" and stop > len(table):
            table = sinusoidal(stop, vectors.shape[2]).to(vectors)
        return vectors + table[start:stop]
