"""Card of the network that labels every step, with or without reading its own labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._cell_setting import Cell, cell_layer, refuse_cell
from workbench.architectures._recurrent_card import input_adapter, num_outputs, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Interface, Task, setting
from workbench.cards.catalog import does

if TYPE_CHECKING:
    from torch import nn


class ConditionalConfig(Config):
    """Settings of the labelling network."""

    cell: Cell = setting("gru", "Kind of recurrent layer.")
    label_feedback: bool = setting(True, "Feed each label into the next state: y(t-1) -> h(t).")
    hidden_size: int = setting(32, "Size of the hidden state.", ge=1, le=4096, unit="units")
    embedding_size: int = setting(8, "Embedding size of a label, and of an input token.", ge=1, le=4096, unit="units")
    num_layers: int = setting(1, "Number of stacked recurrent layers.", ge=1, le=16, unit="layers")
    dropout: float = setting(0.0, "Dropout rate between layers and before the softmax.", ge=0, lt=1, live=True)


class Conditional(ArchitectureCard[ConditionalConfig]):
    """The distribution of a label sequence, given a sequence of vectors."""

    Config = ConditionalConfig
    title = "Conditional labels"
    group = "Probabilistic and conditioned"
    summary = (
        "Labels every step of a sequence. Without a connection from each label to the next state the labels are conditionally "
        "independent given the input; with it, the network can represent any distribution over label sequences. The loss is "
        "measured under teacher forcing, the accuracy on the model's own labels."
    )
    reference = "Goodfellow et al. 2016, section 10.2.4 and figure 10.10; Graves 2012, arXiv:1211.3711"
    equation = (
        "P(y | x) = prod_t P(y_t | y_1 .. y_{t-1}, x_1 .. x_t)\n"
        "h_t = cell([x_t; e(y_{t-1})], h_{t-1})   label_feedback = true\n"
        "h_t = cell(x_t, h_{t-1})                 label_feedback = false\n"
        "P(y_t | ...) = softmax(V h_t + c)"
    )
    drawing = (
        "    y_1       y_2       y_3       y_T\n"
        "    ▲  ╲      ▲  ╲      ▲  ╲      ▲\n"
        "    │ V ╲ R   │ V ╲ R   │ V ╲ R   │ V\n"
        " ┌──┴──┐ ╲ ┌──┴──┐ ╲ ┌──┴──┐ ╲ ┌──┴──┐\n"
        " │ h_1 ├──▶│ h_2 ├──▶│ h_3 ├─⋯▶│ h_T │\n"
        " └──▲──┘   └──▲──┘   └──▲──┘   └──▲──┘\n"
        "    │         │         │         │\n"
        "    x_1       x_2       x_3       x_T"
    )
    tasks = does(Interface.EVERY_STEP)
    recurrent = True
    free_running = True

    @classmethod
    def refuse(cls, config: ConditionalConfig, task: Task) -> str | None:
        """It reads steps, and a cell may need more units."""
        return refuse_without_steps(task) or refuse_cell(config.cell, config.hidden_size)

    @classmethod
    def build(cls, config: ConditionalConfig, task: Task) -> nn.Module:
        """The network for the task's inputs and labels."""
        from workbench.nn.conditional import ConditionalModel

        return ConditionalModel(
            input_adapter(task, config.embedding_size),
            cell_layer(config.cell),
            num_outputs(task),
            label_feedback=config.label_feedback,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            dropout=config.dropout,
        )
