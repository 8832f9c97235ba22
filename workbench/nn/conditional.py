"""Labels for every step of a sequence, with or without an edge from each label to the next state."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.adapters import InputAdapter
from workbench.nn.forcing import drawn_forcing
from workbench.nn.recurrent import LayerFactory, RecurrentStack

__all__ = ["ConditionalModel"]


@final
class ConditionalModel(nn.Module):
    """A recurrent network from a sequence to the distribution of its labels.

        h_t = cell([x_t; e(y_{t-1})], h_{t-1})         without label feedback: cell(x_t, h_{t-1})
        P(y_t | y_1, ..., y_{t-1}, x_1, ..., x_t) = softmax(V h_t + c)

    Without the edge from y_{t-1} to h_t the labels are independent of one another once x is known.

    Args:
        adapter: turns inputs into features, (batch, length, features).
        layer: makes one recurrent layer from (input_size, hidden_size).
        num_classes: number of labels.
        label_feedback: whether the label of the step before is read.
        embedding_size: size of a label's vector.
        hidden_size: size of each layer's state.
        num_layers: number of layers.
        dropout: share of outputs dropped between layers and before the softmax.

    Reference:
        Goodfellow et al. 2016, section 10.2.4 and figure 10.10.
    """

    def __init__(
        self,
        adapter: InputAdapter,
        layer: LayerFactory,
        num_classes: int,
        *,
        label_feedback: bool = True,
        embedding_size: int = 8,
        hidden_size: int = 32,
        num_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.adapter = adapter
        self.num_classes = num_classes
        # one more vector than labels: what stands before the first, and where a label is missing
        self.labels = nn.Embedding(num_classes + 1, embedding_size) if label_feedback else None
        size = adapter.output_size + (embedding_size if label_feedback else 0)
        self.stack = RecurrentStack(layer, size, hidden_size, num_layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, num_classes)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits (batch, length, classes), each step fed the likeliest label of the step before."""
        unknown = torch.full(inputs.shape[:2], -1, device=inputs.device)
        return self.forced(inputs, lengths, unknown, 0.0)

    def forced(
        self,
        inputs: Tensor,
        lengths: Tensor | None,  # noqa: ARG002 - padding lies at the end and states see only the past
        labels: Tensor,
        teacher_forcing: float = 1.0,
    ) -> Tensor:
        """See `LabelFed`. With every true label all steps are computed in one call."""
        features = self.adapter(inputs)  # (B, T, F)
        if self.labels is None:
            return self._logits(self.stack(features))
        before = F.pad(torch.where(labels < 0, self.num_classes, labels)[:, :-1], (1, 0), value=self.num_classes)  # (B, T)
        if teacher_forcing >= 1:
            return self._logits(self.stack(torch.cat((features, self.labels(before)), -1)))
        forced = drawn_forcing(before, teacher_forcing)  # (B, T)
        states, logits = None, list[Tensor]()
        for t in range(before.shape[1]):
            label = torch.where(forced[:, t], before[:, t], logits[-1][:, 0].detach().argmax(-1)) if logits else before[:, t]
            step = torch.cat((features[:, t], self.labels(label)), -1)
            outputs, states = self.stack.run(step[:, None], states)
            logits.append(self._logits(outputs))
        return torch.cat(logits, 1)

    def _logits(self, outputs: Tensor) -> Tensor:
        logits: Tensor = self.output(self.dropout(outputs))
        return logits
