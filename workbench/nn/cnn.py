"""A small convolutional network after LeNet-5."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.convolution import Conv2d
from workbench.nn.names import ConvolutionKernel
from workbench.nn.watching import Show

__all__ = ["ConvolutionalNetwork", "pooled_size"]


def pooled_size(pixels: int) -> int:
    """Height or width after the network's two poolings."""
    return pixels // 2 // 2


@final
class ConvolutionalNetwork(nn.Module):
    """Twice convolution, ReLU and max-pooling; then one hidden layer and the outputs.

        (C, h, w) -> (F, h/2, w/2) -> (2 F, h/4, w/4) -> hidden_size -> num_outputs

    Args:
        shape: (channels, height, width) of a picture; height and width at least 4.
        num_outputs: size of the output.
        num_filters: F, filters of the first convolution; the second has twice as many.
        kernel_size: width and height of the windows, odd; the picture is padded so that convolutions keep its size.
        hidden_size: units of the hidden layer.
        dropout: share of the hidden layer dropped.
        kernel: `manual` for the convolution written by hand, `torch` for torch's own.

    Reference:
        LeCun et al. 1998; Goodfellow et al. 2016, chapter 9.
    """

    show: Show | None = None

    def __init__(
        self,
        shape: tuple[int, int, int],
        num_outputs: int,
        *,
        num_filters: int = 8,
        kernel_size: int = 5,
        hidden_size: int = 64,
        dropout: float = 0.0,
        kernel: ConvolutionKernel = "manual",
    ) -> None:
        super().__init__()
        channels, height, width = shape
        padding = kernel_size // 2
        self.first = Conv2d(channels, num_filters, kernel_size, padding=padding, kernel=kernel)
        self.second = Conv2d(num_filters, 2 * num_filters, kernel_size, padding=padding, kernel=kernel)
        self.hidden = nn.Linear(2 * num_filters * pooled_size(height) * pooled_size(width), hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, num_outputs)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - pictures have no length
        """(batch, channels, height, width) -> logits (batch, num_outputs)."""
        # pooling before ReLU gives the same and leaves a quarter of the work
        first = torch.relu(F.max_pool2d(self.first(inputs), 2))  # (B, F, h/2, w/2)
        second = torch.relu(F.max_pool2d(self.second(first), 2))  # (B, 2F, h/4, w/4)
        hidden = torch.relu(self.hidden(second.flatten(1)))
        if self.show is not None:
            self.show("feature_maps/first", first)
            self.show("feature_maps/second", second)
            self.show("activations/hidden", hidden)
        outputs: Tensor = self.output(self.dropout(hidden))
        return outputs
