"""Card of the residual network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from workbench.architectures._recurrent_card import num_outputs, refuse_other_length
from workbench.cards import ArchitectureCard, Classes, Config, Image, Interface, NoInput, Task, Tokens, Vectors, setting
from workbench.cards.catalog import does
from workbench.nn.names import ResidualInit, ShortcutMap

if TYPE_CHECKING:
    from torch import nn


class ResNetConfig(Config):
    """Settings of the residual network."""

    residual: bool = setting(
        True, "Skip connections: add h(x) to each block's output; without them the network is a plain stack."
    )
    shortcut: ShortcutMap = setting(
        "identity", "Skip connection h(x): the identity, or a learned linear projection (only with residual)."
    )
    layers: Literal["dense", "convolution"] = setting(
        "dense", "Fully connected layers, or 3 x 3 convolutions (only for pictures)."
    )
    hidden_size: int = setting(64, "Units of each layer, or channels of each convolution.", ge=1, le=4096, unit="units")
    num_layers: int = setting(30, "Number of layers in the blocks, two in each: an even number.", ge=2, le=200, unit="layers")
    init: ResidualInit = setting(
        "default", "Initialisation of the weights: small, so that a plain stack's signal fades, or variance-preserving (He 2015)."
    )

    @model_validator(mode="after")
    def _blocks_are_whole(self) -> Self:
        if self.num_layers % 2:
            raise ValueError(f"expected an even num_layers, two for each block, got {self.num_layers}")
        return self


class ResNet(ArchitectureCard[ResNetConfig]):
    """Blocks that learn what to add."""

    Config = ResNetConfig
    title = "Residual network"
    group = "Feed-forward"
    summary = (
        "Each block of two layers adds a residual to its input, so gradients flow back through the skip connections. "
        "Thirty plain layers with small initial weights cannot be trained; with skip connections they can."
    )
    reference = "He et al. 2016, arXiv:1512.03385, eq. 1-2, and arXiv:1603.05027"
    equation = (
        "y = h(x) + F(x)\n"
        "F(x) = W_2 relu(W_1 relu(x) + b_1) + b_2\n"
        "h(x) = x  or  W_h x;  residual = false: h(x) = 0\n"
        "dE/dx = dE/dy (h'(x) + F'(x))"
    )
    drawing = (
        "          ┌──── h ────┐       ┌──── h ────┐\n"
        "          │           ▼       │           ▼\n"
        "  x ──────┴─▶[ F ]──▶(+)──────┴─▶[ F ]──▶(+)──▶ ⋯ ──▶ o\n"
        "\n"
        "  F:   relu ──▶ W_1 ──▶ relu ──▶ W_2"
    )
    tasks = does(Interface.ONE_OUTPUT)

    @classmethod
    def refuse(cls, config: ResNetConfig, task: Task) -> str | None:
        """It has a fixed number of inputs, and convolutions need pictures."""
        if config.layers == "convolution" and not isinstance(task.inputs, Image):
            return (
                "layers = convolution needs pictures and the input is not a picture. "
                "Set model.layers = dense, or data.view = image."
            )
        if _num_inputs(task) is None:
            return (
                "it has a fixed number of inputs and these sequences differ in length. "
                "Choose an architecture with a memory, such as lstm, or data of fixed length."
            )
        return None

    @classmethod
    def refuse_length(cls, config: ResNetConfig, task: Task, num_steps: int) -> str | None:
        """The number of inputs is fixed."""
        return refuse_other_length(task, num_steps)

    @classmethod
    def build(cls, config: ResNetConfig, task: Task) -> nn.Module:
        """The network for inputs of this size."""
        from workbench.nn.residual import ResidualNetwork

        picture = config.layers == "convolution" and isinstance(task.inputs, Image)
        return ResidualNetwork(
            task.inputs.channels if picture and isinstance(task.inputs, Image) else _num_inputs(task) or 1,
            num_outputs(task),
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            shortcut=config.shortcut if config.residual else "none",
            picture=picture,
            init=config.init,
            num_tokens=len(task.inputs.symbols) if isinstance(task.inputs, Tokens) else 0,
        )


def _num_inputs(task: Task) -> int | None:
    """Numbers of one sample, or None when they change from sample to sample or there are none."""
    match task.inputs:
        case Vectors(size=size, length=length):
            return None if length is None else length * size
        case Tokens(symbols=symbols, special=special, max_length=length):
            return None if special else length * len(symbols)
        case Image(channels=channels, height=height, width=width):
            return channels * height * width
        case Classes() | NoInput():
            return None
