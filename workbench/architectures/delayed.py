"""Card of the recurrent network with skip connections through time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import DelayedInit, ManualKernel

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class DelayedConfig(RecurrentConfig):
    """Settings of the network with skip connections through time."""

    delay: int = setting(10, "Number of steps that the delayed connection goes back.", ge=2, le=1000, unit="steps")
    init: DelayedInit = setting(
        "orthogonal", "Initialisation of the delayed connection's matrix: orthogonal, or small and random."
    )
    kernel: ManualKernel = setting(
        "manual", "manual uses hand-written gradients; loop runs the equation step by step.", advanced=True
    )


class Delayed(RecurrentCard[DelayedConfig]):
    """A second connection that skips d - 1 steps."""

    Config = DelayedConfig
    title = "Skip connections through time"
    group = "Time scales"
    summary = (
        "Besides the connection from the previous step there is one from d steps ago. "
        "Along it a gradient is multiplied once every d steps, so it vanishes d times more slowly; it can still explode."
    )
    reference = "Lin, Horne, Tino and Giles 1996, IEEE Trans. Neural Networks 7(6); Goodfellow et al. 2016, section 10.9.1"
    equation = "h_t = tanh(W x_t + U h_{t-1} + V h_{t-d} + b)\no_t = C h_t + c"
    drawing = (
        "         ╭─────────── V ────────────╮\n"
        "         │                          ▼\n"
        " ┌─────┐ │ U ┌─────┐ U ┌─────┐ U ┌─────┐\n"
        " │ h_1 ├─┴──▶│ h_2 ├──▶│ h_3 ├──▶│ h_4 ├─▶⋯\n"
        " └──▲──┘     └──▲──┘   └──▲──┘   └──▲──┘\n"
        "    │ W         │ W       │ W       │ W\n"
        "    x_1         x_2       x_3       x_4       d = 3"
    )

    @classmethod
    def layer(cls, config: DelayedConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.delayed import DelayedLayer

        return partial(DelayedLayer, delay=config.delay, init=config.init, kernel=config.kernel)
