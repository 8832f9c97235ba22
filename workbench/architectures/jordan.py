"""Card of the Jordan network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import input_adapter, num_outputs, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Interface, Task, setting
from workbench.cards.catalog import does

if TYPE_CHECKING:
    from torch import nn


class JordanConfig(Config):
    """Settings of the Jordan network."""

    hidden_size: int = setting(16, "Size of the hidden layer.", ge=1, le=4096, unit="units")
    embedding_size: int = setting(8, "Embedding size of a token, for token inputs.", ge=1, le=4096, unit="units")
    dropout: float = setting(0.0, "Dropout rate of the hidden layer, before the softmax.", ge=0, lt=1, live=True)


class Jordan(ArchitectureCard[JordanConfig]):
    """Recurrence from output to hidden layer alone."""

    Config = JordanConfig
    title = "Jordan network"
    group = "Recurrent"
    summary = (
        "The only recurrence is from the last output to the hidden layer. Under teacher forcing all steps are trained in "
        "parallel; but what is not part of the output is forgotten. The loss is measured under teacher forcing, the accuracy on "
        "the model's own labels."
    )
    reference = "Jordan 1986; Goodfellow et al. 2016, section 10.2.1 and figure 10.4"
    equation = (
        "h_t = tanh(W x_t + R y_{t-1} + b)\n"
        "P(y_t | y_{t-1}, x_t) = softmax(V h_t + c)\n"
        "training: y_{t-1} is the true label   running: the likeliest one"
    )
    drawing = (
        "    y_1       y_2       y_3       y_T\n"
        "    ▲  ╲      ▲  ╲      ▲  ╲      ▲\n"
        "    │ V ╲ R   │ V ╲ R   │ V ╲ R   │ V\n"
        " ┌──┴──┐ ╲ ┌──┴──┐ ╲ ┌──┴──┐ ╲ ┌──┴──┐\n"
        " │ h_1 │  ▶│ h_2 │  ▶│ h_3 │ ⋯▶│ h_T │\n"
        " └──▲──┘   └──▲──┘   └──▲──┘   └──▲──┘\n"
        "    │ W       │ W       │ W       │ W\n"
        "    x_1       x_2       x_3       x_T"
    )
    tasks = does(Interface.EVERY_STEP)
    free_running = True

    @classmethod
    def refuse(cls, config: JordanConfig, task: Task) -> str | None:
        """It reads steps."""
        return refuse_without_steps(task)

    @classmethod
    def build(cls, config: JordanConfig, task: Task) -> nn.Module:
        """The network for the task's inputs and labels."""
        from workbench.nn.jordan import JordanModel

        adapter = input_adapter(task, config.embedding_size)
        return JordanModel(adapter, num_outputs(task), hidden_size=config.hidden_size, dropout=config.dropout)
