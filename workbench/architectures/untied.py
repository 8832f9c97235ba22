"""Card of the recurrent network that shares no weights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import (
    CAUSAL_TASKS,
    RecurrentConfig,
    build_recurrent,
    longest_input,
    refuse_without_steps,
)
from workbench.cards import ArchitectureCard, Task, setting
from workbench.nn.names import ManualKernel

if TYPE_CHECKING:
    from torch import nn


class UntiedConfig(RecurrentConfig):
    """Settings of the network that shares no weights."""

    num_steps: int = setting(
        0, "Number of steps that have weights; 0 for the length of the data's longest sequence.", ge=0, le=10_000, unit="steps"
    )
    kernel: ManualKernel = setting(
        "manual", "manual uses hand-written gradients; loop runs the equation step by step.", advanced=True
    )


class Untied(ArchitectureCard[UntiedConfig]):
    """Its own weights for every step."""

    Config = UntiedConfig
    title = "Network without shared weights"
    group = "Recurrent"
    summary = (
        "An unrolled recurrent network with separate weights for every step: its size grows with the length of the sequences, "
        "each step must learn on its own, and it cannot read longer sequences. "
        "It shows what parameter sharing is for."
    )
    reference = "Goodfellow et al. 2016, sections 9.2 and 10.1, on parameter sharing; eq. 10.5 with a function for each step"
    equation = "h_t = tanh(W_t x_t + U_t h_{t-1} + b_t),  t = 1 .. T\no_t = V h_t + c"
    drawing = (
        "    o_1         o_2         o_3         o_T\n"
        "    ▲           ▲           ▲           ▲\n"
        "    │ V         │ V         │ V         │ V\n"
        " ┌──┴──┐ U_2 ┌──┴──┐ U_3 ┌──┴──┐ U_T ┌──┴──┐\n"
        " │ h_1 ├────▶│ h_2 ├────▶│ h_3 ├─▶⋯─▶│ h_T │  end\n"
        " └──▲──┘     └──▲──┘     └──▲──┘     └──▲──┘\n"
        "    │ W_1       │ W_2       │ W_3       │ W_T\n"
        "    x_1         x_2         x_3         x_T"
    )
    tasks = CAUSAL_TASKS
    recurrent = True

    @classmethod
    def refuse(cls, config: UntiedConfig, task: Task) -> str | None:
        """It reads steps, and there must be weights for each step of the data."""
        needed = _needed_steps(task)
        if needed is None:
            return (
                "it has weights of its own for every step, and these sequences have no longest length that it could be built "
                "for. Choose an architecture that shares its weights, such as elman, or data of one length."
            )
        if 0 < config.num_steps < needed:
            return (
                f"it has weights for {config.num_steps:,} steps, and the data have sequences of {needed:,}. "
                "Set model.num_steps = 0, or choose an architecture that shares its weights, such as elman."
            )
        return refuse_without_steps(task)

    @classmethod
    def refuse_length(cls, config: UntiedConfig, task: Task, num_steps: int) -> str | None:
        """There is no step after the last."""
        longest = _num_steps(config, task)
        if num_steps <= longest:
            return None
        return f"at most {longest:,} steps, each with weights of its own. Shorten it, or train elman, which shares them."

    @classmethod
    def build(cls, config: UntiedConfig, task: Task) -> nn.Module:
        """Input adapter, layers for as many steps as the longest sequence has, readout."""
        from workbench.nn.untied import UntiedLayer

        layer = partial(UntiedLayer, num_steps=_num_steps(config, task), kernel=config.kernel)
        return build_recurrent(layer, config, task)


def _num_steps(config: UntiedConfig, task: Task) -> int:
    """Steps that there are weights for."""
    return config.num_steps or _needed_steps(task) or 0  # never 0 here: refused before


def _needed_steps(task: Task) -> int | None:
    """Steps of the longest sequence, or of a warm-up and the free run after it, whose last output is not read; None: no bound."""
    longest, run = longest_input(task), task.free_run
    return longest if longest is None or run is None else max(longest, run.warmup + run.horizon - 1)
