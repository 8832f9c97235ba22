"""The recurrent network whose only memory is its own last output."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.ablation import overwritten
from workbench.nn.adapters import InputAdapter
from workbench.nn.forcing import drawn_forcing
from workbench.nn.watching import Show

__all__ = ["JordanModel"]


@final
class JordanModel(nn.Module):
    """Recurrence from output to hidden state alone.

        h_t = tanh(W x_t + R y_{t-1} + b)       y_{t-1}: the label of the step before as a one-hot vector, zeros before the first
        P(y_t | y_{t-1}, x_t) = softmax(V h_t + c)

    No hidden state is carried on, so with the true labels given (teacher forcing) no step waits for another: all are computed
    in one product over time. Running freely, each step is fed the likeliest label of the step before.

    Args:
        adapter: turns inputs into features, (batch, length, features).
        num_classes: number of labels.
        hidden_size: size of the hidden layer.
        dropout: share of the hidden layer dropped before the softmax.

    Reference:
        Jordan 1986; Goodfellow et al. 2016, section 10.2.1 and figure 10.4.
    """

    show: Show | None = None

    def __init__(self, adapter: InputAdapter, num_classes: int, *, hidden_size: int = 16, dropout: float = 0.0) -> None:
        super().__init__()
        self.adapter = adapter
        self.num_classes = num_classes
        self.from_input = nn.Linear(adapter.output_size, hidden_size)
        self.from_label = nn.Linear(num_classes, hidden_size, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, num_classes)

    def parts(self) -> Mapping[str, int]:
        """Its hidden units."""
        return {"unit": self.output.in_features}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one kind of part
        """What a unit says does not come out."""
        return overwritten((self.output.weight[:, number], 0.0))

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits (batch, length, classes), running freely."""
        unknown = torch.full(inputs.shape[:2], -1, device=inputs.device)
        return self.forced(inputs, lengths, unknown, 0.0)

    def forced(
        self,
        inputs: Tensor,
        lengths: Tensor | None,  # noqa: ARG002 - padding lies at the end and no step sees a later one
        labels: Tensor,
        teacher_forcing: float = 1.0,
    ) -> Tensor:
        """See `LabelFed`."""
        if teacher_forcing < 1:
            return self.step_by_step(inputs, labels, teacher_forcing)
        before = F.pad(self._one_hot(labels)[:, :-1], (0, 0, 1, 0))  # (B, T, C)
        return self._logits(self.from_input(self.adapter(inputs)), before)

    def step_by_step(self, inputs: Tensor, labels: Tensor, teacher_forcing: float) -> Tensor:
        """The same, one step after the other; every step is fed the true label with this probability, else its own choice.

        Args:
            inputs: a batch as `forward` takes it.
            labels: true labels, (batch, length) int64; below 0 where there is none.
            teacher_forcing: from 0 to 1, see `drawn_forcing`.

        Returns:
            (batch, length, classes).
        """
        projected = self.from_input(self.adapter(inputs))  # (B, T, H)
        forced = drawn_forcing(labels, teacher_forcing)  # (B, T)
        logits: list[Tensor] = []
        before = projected.new_zeros(len(projected), self.num_classes)
        for t in range(projected.shape[1]):
            logits.append(self._logits(projected[:, t], before))
            before = self._one_hot(torch.where(forced[:, t], labels[:, t], logits[-1].detach().argmax(-1)))
        return torch.stack(logits, 1)

    def _one_hot(self, labels: Tensor) -> Tensor:
        """One-hot vectors (..., classes), zeros where there is no label."""
        shifted = F.one_hot(labels.clamp_min(-1) + 1, self.num_classes + 1)[..., 1:]
        return shifted.to(self.output.weight.dtype)

    def _logits(self, projected: Tensor, before: Tensor) -> Tensor:
        hidden = (projected + self.from_label(before)).tanh()
        if self.show is not None:
            self.show("states/hidden", hidden if hidden.ndim == 3 else hidden[:, None])  # noqa: PLR2004 - all steps, or one
        logits: Tensor = self.output(self.dropout(hidden))
        return logits
