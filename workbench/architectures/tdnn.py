"""Card of the time-delay network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from workbench.architectures._composition import CAUSAL_TASKS, input_adapter, readout, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Interface, Task, setting
from workbench.cards.catalog import task_kind

if TYPE_CHECKING:
    from torch import nn


class TDNNConfig(Config):
    """Settings of the time-delay network."""

    hidden_size: int = setting(32, "Units of each layer.", ge=1, le=4096, unit="units")
    num_layers: int = setting(2, "Convolutions over time on top of each other.", ge=1, le=16, unit="layers")
    kernel_size: int = setting(5, "Steps that a unit sees of the layer below; odd unless causal.", ge=1, le=101, unit="steps")
    dilation: int = setting(1, "Factor by which the steps of a window move apart from layer to layer.", ge=1, le=8)
    causal: bool = setting(False, "A step sees only itself and the past, as in an online system; always so in a forecast.")
    dropout: float = setting(0.0, "Share of each layer's outputs dropped.", ge=0, lt=1, live=True)
    embedding_size: int = setting(32, "Size of a symbol's vector, when the input is symbols.", ge=1, le=4096, unit="units")
    readout: Literal["mean", "last"] = setting(
        "mean", "What gives a sequence's one answer: the mean over all steps, or the last step.", advanced=True
    )

    @model_validator(mode="after")
    def _has_a_middle(self) -> Self:
        if not self.causal and self.kernel_size % 2 == 0:
            raise ValueError(f"expected an odd kernel_size, so that the window has a middle, got {self.kernel_size}")
        return self


class TDNN(ArchitectureCard[TDNNConfig]):
    """Convolution over time."""

    Config = TDNNConfig
    title = "Time-delay network"
    group = "Feed-forward"
    summary = (
        "Each unit sees a few neighbouring steps, with the same weights at every step, so a pattern learned at one place "
        "is known at every other. It is the other way to share weights over time: all steps at once, but no memory beyond "
        "its window."
    )
    reference = "Lang and Hinton 1988; Waibel et al. 1989; Goodfellow et al. 2016, chapter 10, introduction"
    equation = (
        "h_l[t] = relu(b_l + sum_i W_l[i] h_{l-1}[t + (i - m) d^(l-1)])\n"
        "m = (k - 1)/2, or k - 1 when causal\n"
        "o = V mean_t(h_L[t]) + c, or o[t] = V h_L[t] + c"
    )
    drawing = (
        "        o_1     o_2     o_3     o_4     o_5\n"
        "         ▲       ▲       ▲       ▲       ▲\n"
        " h_2    [·]     [·]     [■]     [·]     [·]\n"
        "                      /  │  \\     W_2, the same everywhere\n"
        " h_1    [·]     [■]     [■]     [■]     [·]\n"
        "              /  │  \\ /  │  \\ /  │  \\   W_1\n"
        "  x     [■]     [■]     [■]     [■]     [■]\n"
        "        x_1     x_2     x_3     x_4     x_5"
    )
    tasks = CAUSAL_TASKS

    @classmethod
    def refuse(cls, config: TDNNConfig, task: Task) -> str | None:
        """It reads steps."""
        return refuse_without_steps(task)

    @classmethod
    def build(cls, config: TDNNConfig, task: Task) -> nn.Module:
        """Input adapter, convolutions, readout."""
        from workbench.nn.sequence_model import SequenceModel
        from workbench.nn.tdnn import TimeDelayNetwork

        adapter = input_adapter(task, config.embedding_size)
        backbone = TimeDelayNetwork(
            adapter.output_size,
            config.hidden_size,
            config.num_layers,
            kernel_size=config.kernel_size,
            dilation=config.dilation,
            causal=config.causal or task_kind(task).interface is Interface.FREE_RUNNING,
            dropout=config.dropout,
        )
        return SequenceModel(adapter, backbone, readout(task, config.hidden_size, config.readout, 0.0))
