"""A table of probabilities: each token given the few before it, without any state in between."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.autoregressive import Alphabet, AutoregressiveModel
from workbench.nn.decoding import StepState

__all__ = ["MarkovTable"]


@final
class MarkovTable(AutoregressiveModel):
    """All y's connected directly, in one table with a row for every history.

        P(y_t | y_{t-1}, ..., y_{t-n}) = softmax(table[row(y_{t-1}, ..., y_{t-n})])

    A history of n tokens out of k, or of less at the beginning, makes (k + 1)^n rows; with classes as context, as many again
    for each class. Every row has k + 1 columns: the tokens and the end.

    Args:
        alphabet: the tokens.
        order: n, tokens of the history.
        num_classes: number of classes when a sequence is written for a class, else 0.

    Reference:
        Shannon 1948; Goodfellow et al. 2016, section 10.2.3 and figure 10.7.
    """

    def __init__(self, alphabet: Alphabet, order: int, num_classes: int = 0) -> None:
        super().__init__(alphabet)
        self.order = order
        self.num_classes = num_classes
        base = alphabet.num_tokens + 1
        self.register_buffer("places", base ** torch.arange(order), persistent=False)
        self.places: Tensor
        self.table = nn.Parameter(0.01 * torch.randn(max(1, num_classes) * base**order, base))

    def nll(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """See `AutoregressiveModel`."""
        choices, lengths = self._choices(targets)
        before = F.pad(choices[:, :-1], (self.order, 0), value=self.alphabet.num_tokens)
        windows = before.unfold(1, self.order, 1)  # (B, U, n), the oldest token first
        scores = self._scores(windows, self._first_row(inputs))  # (B, U, K)
        each: Tensor = -scores.gather(2, choices[..., None])[..., 0]
        places = torch.arange(targets.shape[1], device=targets.device)
        counted = (places < lengths[:, None]) | (choices == self.alphabet.num_tokens)
        return (each * counted).sum(1)

    def begin(self, inputs: Tensor) -> StepState:
        """First row of the context, (n, 1), and an empty history, (n, order)."""
        history = torch.full((len(inputs), self.order), self.alphabet.num_tokens, device=self.table.device)
        return self._first_row(inputs), history

    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:  # noqa: ARG002 - every step is alike
        """See `AutoregressiveModel`."""
        first, history = state
        if last is not None:
            history = torch.cat((history[:, 1:], last[:, None]), 1)
        return self._scores(history[:, None], first)[:, 0], (first, history)

    def _scores(self, windows: Tensor, first: Tensor) -> Tensor:
        """Log-probabilities after histories (n, U, order): (n, U, num_tokens + 1)."""
        rows = (windows * self.places).sum(-1) + first
        return F.embedding(rows, self.table).log_softmax(-1)

    def _first_row(self, inputs: Tensor) -> Tensor:
        """Where a class's rows begin, (n, 1)."""
        if not self.num_classes:
            return torch.zeros(len(inputs), 1, dtype=torch.int64, device=self.table.device)
        first: Tensor = inputs[:, None] * (self.alphabet.num_tokens + 1) ** self.order
        return first
