"""Right-padded batches: which steps are real, the last real step, and reversal that leaves the padding where it is."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["last_valid", "mean_valid", "reverse_valid", "valid_steps"]


def valid_steps(lengths: Tensor, num_steps: int) -> Tensor:
    """Which steps belong to the sequence.

    Args:
        lengths: number of real steps of each sequence, shape (batch,).
        num_steps: padded length T.

    Returns:
        True where the step is real, shape (batch, T).
    """
    return torch.arange(num_steps, device=lengths.device) < lengths[:, None]


def last_valid(states: Tensor, lengths: Tensor | None) -> Tensor:
    """The state at each sequence's last real step.

    Args:
        states: shape (batch, T, size).
        lengths: shape (batch,), or None when nothing is padded.

    Returns:
        Shape (batch, size).
    """
    if lengths is None:
        return states[:, -1]
    last = (lengths.to(states.device) - 1).clamp_min(0)
    return states[torch.arange(len(states), device=states.device), last]


def mean_valid(states: Tensor, lengths: Tensor | None) -> Tensor:
    """The mean of the states over each sequence's real steps; zeros where there are none.

    Args:
        states: shape (batch, T, size).
        lengths: shape (batch,), or None when nothing is padded.

    Returns:
        Shape (batch, size).
    """
    if lengths is None:
        return states.mean(1)
    lengths = lengths.to(states.device)
    padding = ~valid_steps(lengths, states.shape[1])
    total = states.masked_fill(padding[:, :, None], 0).sum(1)
    return total / lengths.clamp_min(1)[:, None].to(states.dtype)


def reverse_valid(sequence: Tensor, lengths: Tensor | None) -> Tensor:
    """The sequence with its real steps in reverse order; padding stays at the end. Its own inverse.

    Args:
        sequence: shape (batch, T, size).
        lengths: shape (batch,), or None when nothing is padded.
    """
    if lengths is None:
        return sequence.flip(1)
    steps = torch.arange(sequence.shape[1], device=sequence.device)
    last = lengths.to(sequence.device)[:, None] - 1
    index = torch.where(steps <= last, last - steps, steps)  # (B, T)
    return sequence.gather(1, index[:, :, None].expand_as(sequence))
