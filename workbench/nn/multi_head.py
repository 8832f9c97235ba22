"""Scaled dot-product attention with several heads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.ablation import overwritten
from workbench.nn.attention import masked_softmax
from workbench.nn.names import Side
from workbench.nn.watching import Show

__all__ = ["MultiHeadAttention"]


@final
class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in several heads, each with its own projection of queries, keys and values.

        head_i = softmax(Q_i K_i^T / sqrt(d)) V_i      d = size / num_heads
        output = W_o [head_1; ...; head_h]

    Args:
        size: size of inputs and outputs.
        num_heads: number of heads; divides size.
        dropout: share of attention weights dropped.

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762, sections 3.2.1 and 3.2.2.
    """

    show: Show | None = None
    key_side: Side | None = None

    def __init__(self, size: int, num_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.output = nn.Linear(size, size)
        self.dropout = nn.Dropout(dropout)
        for projection in (self.query, self.key, self.value, self.output):
            nn.init.xavier_uniform_(projection.weight)
            nn.init.zeros_(projection.bias)

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None, *, causal: bool = False) -> Tensor:
        """What each query finds in the memory.

        Args:
            queries: (batch, U, size).
            memory: gives keys and values, (batch, T, size).
            mask: True where a place may be looked at; broadcasts to (batch, heads, U, T). None for everywhere.
            causal: whether step t may look at steps up to t only; then mask is None.

        Returns:
            (batch, U, size).
        """
        return self.attend(queries, *self.project(memory), mask, causal=causal)

    def project(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a memory, each (batch, heads, T, d)."""
        return self._heads(self.key(memory)), self._heads(self.value(memory))

    def attend(
        self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None, *, causal: bool = False
    ) -> Tensor:
        """`forward` with keys and values that `project` gave."""
        rate = self.dropout.p if self.training else 0.0
        q = self._heads(self.query(queries))
        if self.show is not None:
            self.show("attention", _weights(q, keys, mask, causal=causal))
        mixed = F.scaled_dot_product_attention(q, keys, values, mask, rate, is_causal=causal)
        outputs: Tensor = self.output(mixed.transpose(1, 2).flatten(2))  # (B, h, U, d) -> (B, U, size)
        return outputs

    def weights(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None, *, causal: bool = False) -> Tensor:
        """Where each head looks, (batch, heads, U, T): the same attention with its weights written out, without dropout."""
        return _weights(self._heads(self.query(queries)), self._heads(self.key(memory)), mask, causal=causal)

    @property
    def called(self) -> str:
        """Its number of heads with it."""
        return f"attention, {self.num_heads} head{'s' * (self.num_heads > 1)}"

    def parts(self) -> Mapping[str, int]:
        """Its heads."""
        return {"head": self.num_heads}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one kind of part
        """What a head finds does not come out."""
        size = self.output.in_features // self.num_heads
        return overwritten((self.output.weight[:, number * size : (number + 1) * size], 0.0))

    def _heads(self, projected: Tensor) -> Tensor:
        """(batch, length, size) -> (batch, heads, length, d)."""
        batch, length, size = projected.shape
        return projected.view(batch, length, self.num_heads, size // self.num_heads).transpose(1, 2)


def _weights(queries: Tensor, keys: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
    """Softmax of the scaled products of queries (batch, heads, U, d) and keys (batch, heads, T, d)."""
    scores = queries @ keys.transpose(-1, -2) * queries.shape[-1] ** -0.5
    if causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    return masked_softmax(scores, mask)
