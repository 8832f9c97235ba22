"""Card of the clockwork network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

from pydantic import field_validator, model_validator

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import ManualKernel
from workbench.typed import read_as

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class ClockworkConfig(RecurrentConfig):
    """Settings of the clockwork network."""

    periods: str = setting("1 2 4 8 16 32 64 128", "Periods of the modules in steps, in ascending order, separated by spaces.")
    kernel: ManualKernel = setting(
        "manual", "manual uses hand-written gradients; loop runs the equation step by step.", advanced=True
    )

    @field_validator("periods", mode="before")
    @classmethod
    def _are_growing(cls, value: object) -> str:
        text = str(value)  # one number alone may come as such
        periods = [read_as("int", word) for word in text.split()]
        if (
            not periods
            or not all(isinstance(period, int) and period >= 1 for period in periods)
            or sorted(set(periods)) != periods
        ):
            raise ValueError("expected growing whole numbers from 1 with spaces between, such as 1 2 4 8")
        return text

    @model_validator(mode="after")
    def _every_module_has_a_unit(self) -> Self:
        modules = len(self.periods.split())
        if self.hidden_size < modules:
            raise ValueError(f"expected hidden_size ({self.hidden_size}) to be at least the number of periods ({modules})")
        return self


class Clockwork(RecurrentCard[ClockworkConfig]):
    """Modules at different speeds, and no connection from fast to slow."""

    Config = ClockworkConfig
    title = "Clockwork network"
    group = "Time scales"
    summary = (
        "The state is divided into modules, each updated at its own period; slow modules have no input from fast ones. "
        "Slow modules skip most steps, so they carry information, and its gradient, over long time spans."
    )
    reference = "Koutnik, Greff, Gomez and Schmidhuber 2014, arXiv:1402.3511, eq. 1-2; Goodfellow et al. 2016, section 10.9.3"
    equation = (
        "h_t[k] = tanh(W_k x_t + U_k h_{t-1} + b_k)   when t mod T_k = 0\n"
        "h_t[k] = h_{t-1}[k]                          otherwise\n"
        "U_k has weights for modules j with T_j >= T_k only"
    )
    drawing = (
        "         t =   0   1   2   3   4   5   6   7   8\n"
        " T = 1  fast   ●───●───●───●───●───●───●───●───●\n"
        "               ▲   ▲   ▲   ▲   ▲   ▲   ▲   ▲   ▲\n"
        " T = 2         ●───────●───────●───────●───────●\n"
        "               ▲       ▲       ▲       ▲       ▲\n"
        " T = 4  slow   ●───────────────●───────────────●\n"
        "\n"
        " ● updated; in between, a module is unchanged"
    )

    @classmethod
    def layer(cls, config: ClockworkConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.clockwork import ClockworkLayer

        periods = [read_as("int", word) for word in config.periods.split()]
        return partial(ClockworkLayer, periods=periods, kernel=config.kernel)
