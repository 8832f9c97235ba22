"""A table of probabilities as a model for text: the next token at every step, given the few before it."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["HistoryTable"]


@final
class HistoryTable(nn.Module):
    """An n-gram model: one row of the table for every history.

        P(x_{t+1} | x_t, ..., x_{t-n+1}) = softmax(table[row(x_t, ..., x_{t-n+1})])

    A history of n tokens out of k, or of less at the beginning, makes (k + 1)^n rows of k columns.

    Args:
        num_tokens: k.
        order: n, tokens of the history.

    Attributes:
        endless: see `workbench.nn.continuing.GoesOn`.

    Reference:
        Shannon 1948; Goodfellow et al. 2016, section 10.2.3 and figure 10.7.
    """

    endless = True

    def __init__(self, num_tokens: int, order: int) -> None:
        super().__init__()
        self.order = order
        self.num_tokens = num_tokens
        base = num_tokens + 1
        self.register_buffer("places", base ** torch.arange(order), persistent=False)
        self.places: Tensor
        self.table = nn.Parameter(0.01 * torch.randn(base**order, num_tokens))

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - only the past is seen
        """Scores (batch, length, num_tokens) of what follows each of the inputs (batch, length)."""
        return self._scores(F.pad(inputs, (self.order - 1, 0), value=self.num_tokens))

    def go_on(self, inputs: Tensor, states: Tensor | None) -> tuple[Tensor, Tensor]:
        """Scores after the last input, (batch, 1, num_tokens), and the tokens before the next one, (batch, order - 1)."""
        empty = inputs.new_full((len(inputs), self.order - 1), self.num_tokens)
        seen = torch.cat((empty if states is None else states, inputs), 1)
        after = seen[:, seen.shape[1] - self.order + 1 :]
        return self._scores(seen[:, -self.order :]), after

    def _scores(self, seen: Tensor) -> Tensor:
        windows = seen.unfold(1, self.order, 1)  # (B, T, n), the oldest token first
        return F.embedding((windows * self.places).sum(-1), self.table)
