"""Card of the plain recurrent network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import RecurrentCard, RecurrentConfig
from workbench.cards import setting
from workbench.nn.names import Kernel, RecurrentActivation, RecurrentInit

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory


class ElmanConfig(RecurrentConfig):
    """Settings of the plain recurrent network."""

    activation: RecurrentActivation = setting(
        "tanh", "Activation function of the hidden units; identity makes the network linear."
    )
    init: RecurrentInit = setting(
        "default", "Initialisation of the recurrent matrix: small and random, orthogonal, or the identity (IRNN, with relu)."
    )
    spectral_radius: float = setting(
        0.0,
        "Spectral radius that the initial recurrent matrix is scaled to; 0 leaves it unscaled.",
        ge=0,
        le=10,
    )
    kernel: Kernel = setting(
        "manual",
        "manual uses hand-written gradients (faster on a CPU; on a GPU torch's call is used where there is one); torch runs "
        "all steps in one call; loop runs the equations step by step.",
        advanced=True,
    )


class Elman(RecurrentCard[ElmanConfig]):
    """Recurrence from hidden state to hidden state."""

    Config = ElmanConfig
    title = "Elman network"
    group = "Recurrent"
    summary = (
        "The hidden state is fed back to itself with the same weights at every step: the simplest recurrent network. "
        "Its gradient is a product over all steps, so it vanishes or explodes on long sequences; gated networks address that."
    )
    reference = "Elman 1990; Goodfellow et al. 2016, eq. 10.8-10.11; init = identity: Le et al. 2015, arXiv:1504.00941"
    equation = "h_t = f(W x_t + U h_{t-1} + b)\no_t = V h_t + c"
    drawing = (
        "    o_1       o_2       o_3       o_T\n"
        "    ▲         ▲         ▲         ▲\n"
        "    │ V       │ V       │ V       │ V\n"
        " ┌──┴──┐ U ┌──┴──┐ U ┌──┴──┐ U ┌──┴──┐\n"
        " │ h_1 ├──▶│ h_2 ├──▶│ h_3 ├─⋯▶│ h_T │\n"
        " └──▲──┘   └──▲──┘   └──▲──┘   └──▲──┘\n"
        "    │ W       │ W       │ W       │ W\n"
        "    x_1       x_2       x_3       x_T"
    )

    @classmethod
    def layer(cls, config: ElmanConfig) -> LayerFactory:
        """One layer with these settings."""
        from workbench.nn.elman import ElmanLayer

        return partial(
            ElmanLayer,
            activation=config.activation,
            init=config.init,
            spectral_radius=config.spectral_radius,
            kernel=config.kernel,
        )
