"""What stands before and after a sequence backbone: from inputs to features, and from states to outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.lengths import last_valid, mean_valid

__all__ = [
    "BothEnds",
    "EveryStep",
    "InputAdapter",
    "LastStep",
    "MeanOverSteps",
    "Readout",
    "TokenEmbedding",
    "VectorInput",
    "VectorProjection",
    "as_steps",
]


def as_steps(inputs: Tensor) -> Tensor:
    """A picture as the sequence of its rows, all channels of a row side by side; a sequence as it is.

    Args:
        inputs: (batch, channels, height, width), or (batch, length, size).

    Returns:
        (batch, height, channels * width), or the inputs.
    """
    return inputs.transpose(1, 2).flatten(2) if inputs.ndim == NUM_PICTURE_AXES else inputs


NUM_PICTURE_AXES = 4
"""Of a batch of pictures: batch, channels, height, width."""


class InputAdapter(nn.Module, ABC):
    """Turns a batch of inputs into features, shape (batch, length, output_size)."""

    output_size: int

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """The features of the inputs."""


@final
class TokenEmbedding(InputAdapter):
    """One learned vector per token.

    Args:
        num_tokens: number of tokens.
        embedding_size: size of each vector.
        padding_index: token whose vector is zero and stays so, or None.
        scale: factor on the vectors (Transformers use sqrt(size)); above 1 the vectors start that much smaller.
    """

    called = "token embedding"

    def __init__(self, num_tokens: int, embedding_size: int, padding_index: int | None = None, scale: float = 1.0) -> None:
        super().__init__()
        self.output_size = embedding_size
        self.scale = scale
        self.embedding = nn.Embedding(num_tokens, embedding_size, padding_index)
        if scale != 1:
            with torch.no_grad():
                self.embedding.weight.div_(scale)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, length) int64 -> (batch, length, embedding_size)."""
        vectors: Tensor = self.embedding(inputs)
        return vectors if self.scale == 1 else vectors * self.scale


@final
class VectorInput(InputAdapter):
    """Real vectors as they are; a picture is read row by row."""

    called = "pictures, row by row"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.output_size = size

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, length, size) -> the same, or (batch, channels, height, width) -> (batch, height, channels * width)."""
        return as_steps(inputs)


@final
class VectorProjection(InputAdapter):
    """Real vectors, or the rows of a picture, through one linear layer, for backbones whose input has the size of their state."""

    called = "linear projection"

    def __init__(self, size: int, output_size: int) -> None:
        super().__init__()
        self.output_size = output_size
        self.linear = nn.Linear(size, output_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, length, size) -> (batch, length, output_size)."""
        features: Tensor = self.linear(as_steps(inputs))
        return features


class Readout(nn.Module, ABC):
    """Turns the states of all steps into the model's output through one linear layer.

    Args:
        state_size: size of a state.
        num_outputs: size of the output.
        dropout: share of the state dropped before the linear layer.
    """

    def __init__(self, state_size: int, num_outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(state_size, num_outputs)

    @abstractmethod
    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length, state_size) -> (batch, num_outputs) or (batch, length, num_outputs)."""


@final
class LastStep(Readout):
    """Reads the state at the last real step: (batch, num_outputs)."""

    called = "readout of the last step"

    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Padding is never read."""
        output: Tensor = self.linear(self.dropout(last_valid(states, lengths)))
        return output


@final
class BothEnds(Readout):
    """Reads what each direction of a bidirectional backbone knows last: (batch, num_outputs).

    The first half of a state comes from reading forwards and is taken at the last real step, the second half from reading
    backwards and is taken at the first step.
    """

    called = "readout of both ends"

    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Padding is never read."""
        half = states.shape[-1] // 2
        ends = torch.cat((last_valid(states[..., :half], lengths), states[:, 0, half:]), -1)
        output: Tensor = self.linear(self.dropout(ends))
        return output


@final
class EveryStep(Readout):
    """Reads the state at every step with the same weights: (batch, length, num_outputs)."""

    called = "readout of every step"

    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - padded steps are ignored by the loss
        """Outputs at padded steps mean nothing."""
        output: Tensor = self.linear(self.dropout(states))
        return output


@final
class MeanOverSteps(Readout):
    """Reads the mean of the states over the real steps: (batch, num_outputs)."""

    called = "readout of the mean"

    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Padding takes no part in the mean."""
        output: Tensor = self.linear(self.dropout(mean_valid(states, lengths)))
        return output
