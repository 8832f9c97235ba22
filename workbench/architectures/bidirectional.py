"""Card of the bidirectional recurrent network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.architectures._cell_setting import Cell, cell_layer, refuse_cell
from workbench.architectures._recurrent_card import SEQUENCE_TASKS, input_adapter, num_outputs, readout, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Interface, Task, setting
from workbench.cards.catalog import task_kind

if TYPE_CHECKING:
    from torch import nn


class BidirectionalConfig(Config):
    """Settings of the bidirectional network."""

    cell: Cell = setting("gru", "Kind of recurrent layer, for both directions.")
    hidden_size: int = setting(32, "Size of the hidden state in each direction.", ge=1, le=4096, unit="units")
    num_layers: int = setting(1, "Number of stacked layers; each reads both directions of the layer below.", ge=1, le=32)
    dropout: float = setting(0.0, "Dropout rate between layers and before the readout.", ge=0, lt=1, live=True)
    embedding_size: int = setting(32, "Embedding size of a token, for token inputs.", ge=1, le=4096, unit="units")
    readout: Literal["ends", "mean"] = setting(
        "ends",
        "States that a single output is read from: the last one of each direction, or the mean over all steps.",
        advanced=True,
    )


class Bidirectional(ArchitectureCard[BidirectionalConfig]):
    """One recurrence from the start, one from the end."""

    Config = BidirectionalConfig
    title = "Bidirectional network"
    group = "Recurrent"
    summary = (
        "A second network reads the sequence backwards, so each output depends on the past and the future of its step. "
        "It needs the whole sequence, so it cannot forecast or generate; it suits speech, handwriting and sequence labelling."
    )
    reference = "Schuster and Paliwal 1997, IEEE Trans. Signal Processing 45(11); Goodfellow et al. 2016, section 10.3"
    equation = "h_t = cell(x_t, h_{t-1})\ng_t = cell(x_t, g_{t+1})\no_t = V [h_t; g_t] + c"
    drawing = (
        "    ╭▶o_1◀╮       ╭▶o_2◀╮       ╭▶o_3◀╮       ╭▶o_T◀╮\n"
        "    │  ┌──┴──┐    │  ┌──┴──┐    │  ┌──┴──┐    │  ┌──┴──┐\n"
        "    │  │ g_1 │◀───┼──┤ g_2 │◀───┼──┤ g_3 │◀─⋯─┼──┤ g_T │\n"
        "    │  └──▲──┘    │  └──▲──┘    │  └──▲──┘    │  └──▲──┘\n"
        " ┌──┴──┐  │    ┌──┴──┐  │    ┌──┴──┐  │    ┌──┴──┐  │\n"
        " │ h_1 ├──┼───▶│ h_2 ├──┼───▶│ h_3 ├──┼─⋯─▶│ h_T │  │\n"
        " └──▲──┘  │    └──▲──┘  │    └──▲──┘  │    └──▲──┘  │\n"
        "    ╰─x_1─╯       ╰─x_2─╯       ╰─x_3─╯       ╰─x_T─╯"
    )
    tasks = SEQUENCE_TASKS
    recurrent = True

    @classmethod
    def refuse(cls, config: BidirectionalConfig, task: Task) -> str | None:
        """It reads steps, and a cell may need more units."""
        return refuse_without_steps(task) or refuse_cell(config.cell, config.hidden_size)

    @classmethod
    def build(cls, config: BidirectionalConfig, task: Task) -> nn.Module:
        """Input adapter, layers in both directions, readout."""
        from workbench.nn.adapters import BothEnds
        from workbench.nn.recurrent import BidirectionalStack
        from workbench.nn.sequence_model import SequenceModel

        adapter = input_adapter(task, config.embedding_size)
        layer = cell_layer(config.cell)
        backbone = BidirectionalStack(layer, adapter.output_size, config.hidden_size, config.num_layers, config.dropout)
        if task_kind(task).interface is Interface.EVERY_STEP or config.readout == "mean":
            return SequenceModel(adapter, backbone, readout(task, backbone.output_size, "mean", config.dropout))
        ends = BothEnds(backbone.output_size, num_outputs(task), config.dropout)
        return SequenceModel(adapter, backbone, ends)
