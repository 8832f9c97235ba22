"""Card of the recurrent network of leaky units."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import field_validator

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import LeakyInit, ManualKernel
from workbench.typed import number_of

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class LeakyConfig(RecurrentConfig):
    """Settings of leaky units."""

    time_constants: str = setting(
        "1 10 100", "Time constants in steps, separated by spaces; the units are divided evenly among them."
    )
    learned: bool = setting(False, "Learn each unit's time constant, starting from these.")
    init: LeakyInit = setting(
        "default", "Initialisation of the recurrent matrix: small and random, or orthogonal.", advanced=True
    )
    kernel: ManualKernel = setting(
        "manual", "manual uses hand-written gradients; loop runs the equation step by step.", advanced=True
    )

    @field_validator("time_constants", mode="before")
    @classmethod
    def _are_numbers(cls, value: object) -> str:
        text = str(value)  # one number alone may come as such
        constants = [number_of(word) for word in text.split()]
        if not constants or not all(value is not None and 1 <= value <= 1e6 for value in constants):  # noqa: PLR2004 - a million steps
            raise ValueError("expected numbers from 1 to 1000000 with spaces between, such as 1 10 100")
        return text


class Leaky(RecurrentCard[LeakyConfig]):
    """Units that forget at different speeds."""

    Config = LeakyConfig
    title = "Leaky units"
    group = "Time scales"
    summary = (
        "Each unit is a running average with its own time constant: some follow every step, others remember over a hundred. "
        "The linear path preserves old values and their gradients."
    )
    reference = "Mozer 1992; Jaeger et al. 2007; Goodfellow et al. 2016, section 10.9.2"
    equation = "h_t = (1 - 1/tau) * h_{t-1} + 1/tau * tanh(W x_t + U h_{t-1} + b)\no_t = V h_t + c"
    drawing = (
        "               1 - 1/tau\n"
        "                   │\n"
        " h_{t-1} ──┬─────▶(×)────▶(+)──┬──▶ h_t\n"
        "           │               ▲   │\n"
        "           │ U   1/tau ──▶(×)  │\n"
        "           └──▶tanh────────┘   ▼\n"
        "                ▲ W           o_t\n"
        "                │\n"
        "               x_t"
    )

    @classmethod
    def layer(cls, config: LeakyConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.leaky import LeakyLayer

        constants = [float(number_of(word) or 0) for word in config.time_constants.split()]
        return partial(LeakyLayer, time_constants=constants, learned=config.learned, init=config.init, kernel=config.kernel)
