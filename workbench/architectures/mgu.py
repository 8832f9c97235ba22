"""Card of the minimal gated unit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import ManualKernel

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class MGUConfig(RecurrentConfig):
    """Settings of the minimal gated unit."""

    kernel: ManualKernel = setting(
        "manual", "manual uses hand-written gradients; loop runs the equations step by step.", advanced=True
    )


class MGU(RecurrentCard[MGUConfig]):
    """One gate for everything."""

    Config = MGUConfig
    title = "Minimal gated unit"
    group = "Gated"
    summary = (
        "A gated recurrent unit whose single gate serves as reset gate and as update gate. "
        "Two thirds of a GRU's weights, and half of an LSTM's, for much of what they can do."
    )
    reference = "Zhou, Wu, Zhang and Zhou 2016, arXiv:1603.09420, eq. 6"
    equation = (
        "f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)\nn = tanh(W_n x_t + U_n (f * h_{t-1}) + b_n)\nh_t = (1 - f) * h_{t-1} + f * n"
    )
    drawing = (
        "                      1 - f\n"
        "                        │\n"
        " h_{t-1} ─┬───────────▶(×)────────▶(+)──┬──▶ h_t\n"
        "          │                         ▲   │\n"
        "          │  gate f          f      │   ▼\n"
        "          │     │            │      │  o_t\n"
        "          └───▶(×)──▶tanh─n▶(×)─────┘\n"
        "                      ▲\n"
        "                      │\n"
        "                     x_t"
    )

    @classmethod
    def layer(cls, config: MGUConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.mgu import MGULayer

        return partial(MGULayer, kernel=config.kernel)
