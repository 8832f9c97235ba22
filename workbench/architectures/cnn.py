"""Card of the convolutional network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import field_validator

from workbench.architectures._recurrent_card import num_outputs
from workbench.cards import ArchitectureCard, Config, Image, Interface, Task, setting
from workbench.cards.catalog import does
from workbench.nn.names import ConvolutionKernel

if TYPE_CHECKING:
    from torch import nn

SMALLEST = 4
"""Pictures are halved twice."""


class CNNConfig(Config):
    """Settings of the convolutional network."""

    num_filters: int = setting(8, "Number of filters of the first convolution; the second has twice as many.", ge=1, le=512)
    kernel_size: int = setting(5, "Width and height of the filters, an odd number.", ge=1, le=15, unit="pixels")
    hidden_size: int = setting(64, "Units of the fully connected layer before the output.", ge=1, le=4096, unit="units")
    dropout: float = setting(0.0, "Dropout rate of the fully connected layer.", ge=0, lt=1, live=True)
    kernel: ConvolutionKernel = setting(
        "manual",
        "manual uses a hand-written convolution, forward and backward; torch uses torch's own. The results agree.",
        advanced=True,
    )

    @field_validator("kernel_size")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("expected an odd number, so that the filter has a middle")
        return value


class CNN(ArchitectureCard[CNNConfig]):
    """Two convolutions with pooling, after LeNet-5."""

    Config = CNNConfig
    title = "Convolutional network"
    group = "Feed-forward"
    summary = (
        "Small filters slide over the picture with shared weights, so a feature is detected wherever it lies. "
        "Two stages of convolution and pooling, then a fully connected layer; the convolution is hand-written."
    )
    reference = "LeCun et al. 1998 (LeNet-5); Goodfellow et al. 2016, eq. 9.6 and chapter 9"
    equation = (
        "out(N)[y,x] = b(N) + sum_C sum_ij w(N,C)[i,j] in(C)[y+i, x+j]\n"
        "h = relu(maxpool(conv(relu(maxpool(conv(x))))))\n"
        "o = V relu(W h + b) + c"
    )
    drawing = (
        " ┌────────┐  k×k   ┌─────┐┐┐   k×k   ┌──┐┐┐┐┐\n"
        " │        │ conv   │     │││  conv   │  │││││     ┌─┐   ┌─┐\n"
        " │  ▒▒    ├───────▶│ ▒   │││────────▶│▒ │││││ ═══▶│h│══▶│o│\n"
        " │  ▒▒    │ pool   │     │││  pool   └──┘┘┘┘┘     └─┘   └─┘\n"
        " │        │        └─────┘┘┘          2F maps\n"
        " └────────┘         F maps           h/4 × w/4\n"
        "  h × w            h/2 × w/2"
    )
    tasks = does(Interface.ONE_OUTPUT)

    @classmethod
    def refuse(cls, config: CNNConfig, task: Task) -> str | None:
        """Only pictures, and not too small ones."""
        match task.inputs:
            case Image(height=height, width=width) if min(height, width) >= SMALLEST:
                return None
            case Image(height=height, width=width):
                return (
                    f"it halves pictures twice and these have {height} x {width} pixels. "
                    f"Use pictures of at least {SMALLEST} x {SMALLEST} pixels, or choose bp."
                )
            case _:
                return "it reads pictures and the input is a sequence. Set data.view = image if the data have it, or choose lstm."

    @classmethod
    def build(cls, config: CNNConfig, task: Task) -> nn.Module:
        """The network for pictures of this size."""
        from workbench.nn.cnn import ConvolutionalNetwork

        if not isinstance(task.inputs, Image):
            raise TypeError(f"no picture in {task.inputs!r}")
        shape = (task.inputs.channels, task.inputs.height, task.inputs.width)
        return ConvolutionalNetwork(
            shape,
            num_outputs(task),
            num_filters=config.num_filters,
            kernel_size=config.kernel_size,
            hidden_size=config.hidden_size,
            dropout=config.dropout,
            kernel=config.kernel,
        )
