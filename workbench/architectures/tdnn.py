"""Card of the time-delay network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from workbench.architectures._recurrent_card import CAUSAL_TASKS, input_adapter, readout, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Interface, Task, setting
from workbench.cards.catalog import task_kind

if TYPE_CHECKING:
    from torch import nn


class TDNNConfig(Config):
    """Settings of the time-delay network."""

    hidden_size: int = setting(32, "Units of each layer.", ge=1, le=4096, unit="units")
    num_layers: int = setting(2, "Number of stacked convolutions over time.", ge=1, le=16, unit="layers")
    kernel_size: int = setting(5, "Steps of the layer below that a unit sees; odd unless causal.", ge=1, le=101, unit="steps")
    dilation: int = setting(1, "Factor by which the dilation grows from layer to layer.", ge=1, le=8)
    causal: bool = setting(
        False, "Causal convolution: a step sees only itself and the past; always on in forecasts and language models."
    )
    dropout: float = setting(0.0, "Dropout rate of each layer's outputs.", ge=0, lt=1, live=True)
    embedding_size: int = setting(32, "Embedding size of a token, for token inputs.", ge=1, le=4096, unit="units")
    readout: Literal["mean", "last"] = setting(
        "mean", "States that a single output is read from: the mean over all steps, or the last one.", advanced=True
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
        "Each unit sees a window of neighbouring steps, with shared weights, so a pattern learned at one position is "
        "recognised at every other. All steps are computed in parallel, but there is no memory beyond the window."
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
