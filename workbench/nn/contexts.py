"""What a sequence is written for, as one vector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn

__all__ = ["ClassContext", "Context", "PictureContext"]


class Context(nn.Module, ABC):
    """Turns a batch of contexts into vectors (batch, size)."""

    size: int

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """The vectors of the contexts."""


@final
class ClassContext(Context):
    """One learned vector per class."""

    called = "class embedding"

    def __init__(self, num_classes: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.embedding = nn.Embedding(num_classes, size)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch,) int64 -> (batch, size)."""
        vectors: Tensor = self.embedding(inputs)
        return vectors


@final
class PictureContext(Context):
    """A picture through one hidden layer: relu(W x + b)."""

    called = "picture context"

    def __init__(self, num_pixels: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.linear = nn.Linear(num_pixels, size)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, channels, height, width) -> (batch, size)."""
        return torch.relu(self.linear(inputs.flatten(1)))
