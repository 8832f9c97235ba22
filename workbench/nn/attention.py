"""Attention of a decoder over the states of an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.ablation import overwritten
from workbench.nn.names import Side
from workbench.nn.watching import Show

__all__ = ["AdditiveAttention", "masked_softmax"]


def masked_softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Softmax over the last dimension among the places where the mask is True; all zero, never NaN, where it is nowhere.

    Args:
        scores: shape (..., T).
        mask: shape that broadcasts to (..., T), or None for all places.
    """
    if mask is None:
        return scores.softmax(-1)
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~mask, lowest).softmax(-1).masked_fill(~mask, 0)


@final
class AdditiveAttention(nn.Module):
    """Scores each place by a small network with one hidden layer, and mixes the places by their scores.

        e_tj = v . tanh(W s_t + U h_j)      alpha_t = softmax(e_t)      context_t = sum_j alpha_tj h_j

    Args:
        query_size: size of a decoder state s.
        key_size: size of an encoder state h.
        attention_size: size of the hidden layer.

    Reference:
        Bahdanau et al. 2015, arXiv:1409.0473, section 3.1; Goodfellow et al. 2016, section 12.4.5.1.
    """

    show: Show | None = None
    called = "additive attention"
    side: Side = "outputs"
    key_side: Side = "inputs"

    def __init__(self, query_size: int, key_size: int, attention_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, attention_size, bias=False)
        self.key = nn.Linear(key_size, attention_size)
        self.score = nn.Linear(attention_size, 1, bias=False)

    def parts(self) -> Mapping[str, int]:
        """The scores: without them it looks everywhere alike."""
        return {"scores": 0}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one part
        """All places have the same score."""
        return overwritten((self.score.weight, 0.0))

    def project(self, memory: Tensor) -> Tensor:
        """U h_j, once for all decoder steps: (batch, T, key_size) -> (batch, T, attention_size)."""
        keys: Tensor = self.key(memory)
        return keys

    def forward(self, states: Tensor, memory: Tensor, keys: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Attend from any number of decoder states at once.

        Args:
            states: decoder states s, (batch, U, query_size).
            memory: encoder states h, (batch, T, key_size).
            keys: `project(memory)`.
            mask: True at real steps of the memory, (batch, T), or None.

        Returns:
            Contexts (batch, U, key_size) and weights alpha (batch, U, T).
        """
        hidden = torch.tanh(self.query(states)[:, :, None] + keys[:, None])  # (B, U, T, A)
        scores = self.score(hidden).squeeze(-1)  # (B, U, T)
        weights = masked_softmax(scores, None if mask is None else mask[:, None])
        if self.show is not None:
            self.show("attention", weights[:, None])
        return weights @ memory, weights
