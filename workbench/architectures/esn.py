"""Card of the echo state network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import CAUSAL_TASKS, EVERY_STEP, num_outputs, refuse_without_steps, step_size
from workbench.cards import ArchitectureCard, Config, Image, Metric, Task, Tokens, Vectors, setting
from workbench.cards.catalog import task_kind
from workbench.nn.names import ReadoutName

if TYPE_CHECKING:
    from torch import nn


class ESNConfig(Config):
    """Settings of the echo state network."""

    hidden_size: int = setting(400, "Number of reservoir units.", ge=1, le=2000, unit="units")
    spectral_radius: float = setting(
        0.9, "Spectral radius of the recurrent matrix; below 1 the influence of old inputs fades.", gt=0, le=10
    )
    leak: float = setting(
        1.0, "Leaking rate: fraction of the state updated at each step; small values make slow units.", gt=0, le=1
    )
    input_scaling: float = setting(1.0, "Scale of the input weights, drawn from U(-1, 1).", gt=0, le=100)
    bias_scaling: float = setting(0.2, "Scale of the biases, drawn from U(-1, 1).", ge=0, le=100)
    feedback: float = setting(
        0.0,
        "Scale of the output feedback weights, drawn from U(-1, 1); 0 for no feedback.",
        ge=0,
        le=100,
    )
    connections: int = setting(10, "Number of recurrent inputs of each unit.", ge=1, le=2000, unit="units", advanced=True)
    ridge: float = setting(1e-8, "Ridge parameter: L2 penalty on the readout's weights.", gt=0, le=1e6)
    washout: int = setting(0, "First steps of each series that the fit ignores, unless the data ignore more.", ge=0, unit="steps")
    readout: ReadoutName = setting(
        "last", "States that a single output is read from: the last one, or the mean over all steps.", advanced=True
    )


class ESN(ArchitectureCard[ESNConfig]):
    """A fixed random reservoir with a readout in closed form."""

    Config = ESNConfig
    title = "Echo state network"
    group = "Reservoir"
    summary = (
        "The recurrent weights are random and fixed; only the linear readout is fitted, by ridge regression in closed form. "
        "There is no gradient through time, so none vanishes or explodes. With a spectral radius below 1 the state usually "
        "depends on the recent inputs alone, not on the initial state (the echo state property)."
    )
    reference = (
        "Jaeger 2001, GMD report 148; Lukosevicius & Jaeger 2009, Computer Science Review 3(3); "
        "Goodfellow et al. 2016, section 10.8"
    )
    equation = (
        "h_t = (1-a) h_{t-1} + a tanh(W h_{t-1} + W_in x_t + W_fb y_{t-1} + b)\n"
        "y_t = V [h_t; x_t] + c\n"
        "V = Y H^T (H H^T + ridge I)^-1      W, W_in, W_fb, b stay random"
    )
    drawing = (
        "    y_1       y_2       y_3       y_T\n"
        "    ▲         ▲         ▲         ▲\n"
        "    │ V       │ V       │ V       │ V     fitted\n"
        " ┌──┴──┐ W ┌──┴──┐ W ┌──┴──┐ W ┌──┴──┐\n"
        " │ h_1 ├──▶│ h_2 ├──▶│ h_3 ├─⋯▶│ h_T │    random, fixed\n"
        " └──▲──┘   └──▲──┘   └──▲──┘   └──▲──┘\n"
        "    │ W_in    │ W_in    │ W_in    │ W_in\n"
        "    x_1       x_2       x_3       x_T"
    )
    tasks = CAUSAL_TASKS
    closed_form = True
    measures = (
        Metric(
            "start_distance",
            "distance between states from different initial states after reading a series; near 0 with the echo state property",
        ),
    )

    @classmethod
    def refuse(cls, config: ESNConfig, task: Task) -> str | None:
        """It reads steps."""
        return refuse_without_steps(task)

    @classmethod
    def build(cls, config: ESNConfig, task: Task) -> nn.Module:
        """Reservoir and readout, in double precision."""
        from workbench.nn.esn import EchoStateNetwork
        from workbench.nn.reservoir import Reservoir

        num_tokens = len(task.inputs.symbols) if isinstance(task.inputs, Tokens) else None
        size = step_size(task.inputs) if isinstance(task.inputs, Vectors | Image) else num_tokens
        if size is None:
            raise TypeError(f"no sequence in {task.inputs!r}")
        outputs = num_outputs(task)
        every = task_kind(task).interface in EVERY_STEP
        reservoir = Reservoir(
            size,
            config.hidden_size,
            spectral_radius=config.spectral_radius,
            leak=config.leak,
            input_scaling=config.input_scaling,
            bias_scaling=config.bias_scaling,
            connections=config.connections,
            output_size=outputs,
            feedback_scaling=config.feedback if every else 0.0,
        )
        return EchoStateNetwork(
            reservoir,
            outputs,
            num_tokens=num_tokens,
            readout="every" if every else config.readout,
            ridge=config.ridge,
            washout=max(config.washout, task.washout),
        )
