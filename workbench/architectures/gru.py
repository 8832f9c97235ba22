"""Card of the gated recurrent unit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import Kernel, MissingGRUGate, ResetPlace

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class GRUConfig(RecurrentConfig):
    """Settings of the gated recurrent unit."""

    reset: ResetPlace = setting(
        "after", "Whether the reset gate is applied after the product with the recurrent matrix, or before it (as in the paper)."
    )
    without: MissingGRUGate = setting("nothing", "Gate to leave out, with its weights, as an ablation.")
    kernel: Kernel = setting(
        "manual",
        "manual uses hand-written gradients (faster on a CPU; on a GPU torch's call is used where there is one); torch runs "
        "all steps in one call; loop runs the equations step by step.",
        advanced=True,
    )


class GRU(RecurrentCard[GRUConfig]):
    """One gate to keep, one to forget."""

    Config = GRUConfig
    title = "Gated recurrent unit"
    group = "Gated"
    summary = (
        "An update gate decides both what to forget and what to write; a reset gate decides how much of the state the candidate "
        "sees. As capable as an LSTM on most tasks, with a quarter fewer weights and no separate cell."
    )
    reference = "Cho et al. 2014, arXiv:1406.1078, eq. 5-8; Goodfellow et al. 2016, eq. 10.45-10.47"
    equation = (
        "r, z = sigmoid(W x_t + U h_{t-1} + b)\n"
        "n = tanh(W_n x_t + b_n + r * (U_n h_{t-1} + c_n))   reset = after\n"
        "n = tanh(W_n x_t + b_n + U_n (r * h_{t-1}) + c_n)   reset = before\n"
        "h_t = (1 - z) * n + z * h_{t-1}"
    )
    drawing = (
        "                     update z\n"
        "                        │\n"
        " h_{t-1} ─┬───────────▶(×)────────▶(+)──┬──▶ h_t\n"
        "          │                         ▲   │\n"
        "          │ reset r           1 - z │   ▼\n"
        "          │     │               │   │  o_t\n"
        "          └───▶(×)──▶ tanh ─n─▶(×)──┘\n"
        "                       ▲\n"
        "                       │\n"
        "                      x_t"
    )

    @classmethod
    def layer(cls, config: GRUConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.gru import GRULayer

        return partial(GRULayer, reset=config.reset, without=config.without, kernel=config.kernel)
