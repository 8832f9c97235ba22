"""Card of long short-term memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import model_validator

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import MissingLSTMGate

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class LSTMConfig(RecurrentConfig):
    """Settings of long short-term memory."""

    forget_bias: float = setting(
        1.0, "Initial bias of the forget gate; above 0 the cell remembers from the start of training.", ge=-10, le=10
    )
    peephole: bool = setting(False, "Peephole connections: the gates also see the cell.")
    coupled: bool = setting(False, "Couple the gates: the input gate is one minus the forget gate, without its own weights.")
    without: MissingLSTMGate = setting("nothing", "Gate to leave out, with its weights, as an ablation; it is then always 1.")

    @model_validator(mode="after")
    def _coupled_gates_are_there(self) -> LSTMConfig:
        if self.coupled and self.without in ("input_gate", "forget_gate"):
            raise ValueError(f"expected nothing or output_gate for without beside coupled, got {self.without}")
        return self


class LSTM(RecurrentCard[LSTMConfig]):
    """A cell with a gated linear self-loop."""

    Config = LSTMConfig
    title = "Long short-term memory"
    group = "Gated"
    summary = (
        "A memory cell has a linear self-loop whose weight is a gate, so gradients can flow over many steps. "
        "Input, forget and output gates learn what to store, what to keep and what to output."
    )
    reference = "Hochreiter and Schmidhuber 1997; Gers et al. 2000; Goodfellow et al. 2016, eq. 10.40-10.44"
    equation = (
        "i, f, o = sigmoid(W x_t + U h_{t-1} + b)\n"
        "g = tanh(W_g x_t + U_g h_{t-1} + b_g)\n"
        "c_t = f * c_{t-1} + i * g\n"
        "h_t = o * tanh(c_t)"
    )
    drawing = (
        " c_{t-1} ─────▶(×)────────▶(+)───────┬───────────▶ c_t\n"
        "                ▲           ▲        ▼\n"
        "                │          (×)     tanh\n"
        "                │         ▲   ▲      │\n"
        "                f         i   g      └────▶(×)───▶ h_t\n"
        "                ▲         ▲   ▲             ▲ o\n"
        "              ┌─┴─────────┴───┴─────────────┴─┐\n"
        " h_{t-1} ────▶│sigm     sigm tanh         sigm│\n"
        "              └───────────────▲───────────────┘\n"
        "                             x_t"
    )

    @classmethod
    def layer(cls, config: LSTMConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.lstm import LSTMLayer

        return partial(
            LSTMLayer,
            forget_bias=config.forget_bias,
            peephole=config.peephole,
            coupled=config.coupled,
            without=config.without,
            kernel=config.kernel,
        )
