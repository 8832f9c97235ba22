"""The weights of a recurrent layer with any number of gates, of which some may be left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

__all__ = ["RecurrentWeights", "spread"]


@final
class RecurrentWeights(nn.Module):
    """W, U and two biases of several gates, stacked, in the order and with the start of torch's recurrent layers.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        num_gates: number of blocks of `hidden_size` rows.
    """

    def __init__(self, input_size: int, hidden_size: int, num_gates: int) -> None:
        super().__init__()
        rows, bound = num_gates * hidden_size, 1 / math.sqrt(hidden_size)
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(rows))
        self.bias_hh = nn.Parameter(torch.empty(rows))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)


def spread(blocks: Tensor, present: Sequence[bool], missing: Sequence[float]) -> Tensor:
    """Blocks of rows in their places among all gates, the missing ones filled with a number.

    Args:
        blocks: (gates that there are * H, ...).
        present: for each gate whether it is there.
        missing: for each gate the number that stands for it where it is not.

    Returns:
        (all gates * H, ...); `blocks` itself where no gate is missing.
    """
    if all(present):
        return blocks
    given = iter(blocks.chunk(sum(present)))
    size = len(blocks) // sum(present)
    parts = [
        next(given) if there else blocks.new_full((size, *blocks.shape[1:]), value)
        for there, value in zip(present, missing, strict=True)
    ]
    return torch.cat(parts)
