"""Card of the deep recurrent network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.architectures._cell_setting import Cell, cell_layer, refuse_cell
from workbench.architectures._recurrent_card import CAUSAL_TASKS, input_adapter, readout, refuse_without_steps
from workbench.cards import ArchitectureCard, Config, Task, setting
from workbench.nn.names import ReadoutName, Skip

if TYPE_CHECKING:
    from torch import nn

    from workbench.nn.recurrent import LayerFactory


class DeepConfig(Config):
    """Settings of the deep recurrent network."""

    cell: Cell = setting("elman", "Kind of recurrent layer.")
    num_layers: int = setting(3, "Number of stacked recurrent layers.", ge=1, le=64, unit="layers")
    skip: Skip = setting(
        "none",
        "Skip connections between layers: none; residual adds each layer's output to its input; "
        "dense feeds each layer the input and the outputs of all layers below.",
    )
    input_depth: int = setting(0, "Extra layers between the input and the first state.", ge=0, le=16, unit="layers")
    transition_depth: int = setting(
        0, "Extra layers between each state and the next, with cell = elman.", ge=0, le=16, unit="layers"
    )
    output_depth: int = setting(0, "Extra layers between the top state and the output.", ge=0, le=16, unit="layers")
    hidden_size: int = setting(64, "Size of every layer.", ge=1, le=4096, unit="units")
    dropout: float = setting(0.0, "Dropout rate between layers and before the readout.", ge=0, lt=1, live=True)
    embedding_size: int = setting(32, "Embedding size of a token, for token inputs.", ge=1, le=4096, unit="units")
    readout: ReadoutName = setting(
        "last", "States that a single output is read from: the last one, or the mean over all steps.", advanced=True
    )


class Deep(ArchitectureCard[DeepConfig]):
    """A recurrent network with depth in any of its three places."""

    Config = DeepConfig
    title = "Deep recurrent network"
    group = "Recurrent"
    summary = (
        "Stacked recurrent layers, and extra feed-forward layers in the three places where a recurrent step has a single "
        "matrix: input to state, state to state, state to output. Gradients then pass through layers as well as steps; "
        "skip connections shorten the path."
    )
    reference = (
        "Graves, Mohamed and Hinton 2013, arXiv:1303.5778; Pascanu et al. 2014, arXiv:1312.6026; "
        "Goodfellow et al. 2016, section 10.5 and figure 10.13"
    )
    equation = (
        "h^l_t = cell(u^l_t, h^l_{t-1})           u^1_t = f_in(x_t)\n"
        "u^l = h^{l-1}                            skip = none\n"
        "u^l = h^1 + ... + h^{l-1}                skip = residual\n"
        "u^l = [u^1; h^1; ...; h^{l-1}]           skip = dense\n"
        "h_t = tanh(W u_t + U f_tr(h_{t-1}) + b)  transition_depth > 0\n"
        "o_t = V f_out(y_t) + c    y = h^L; h^1 + ... + h^L; [h^1; ...; h^L]\n"
        "f_in, f_tr, f_out: extra tanh layers"
    )
    drawing = (
        "     o_1         o_2         o_3         o_T\n"
        "      ▲           ▲           ▲           ▲\n"
        "  ┌─▶(+)      ┌─▶(+)      ┌─▶(+)      ┌─▶(+)\n"
        "  │┌──┴──┐    │┌──┴──┐    │┌──┴──┐    │┌──┴──┐\n"
        "  ││h^2_1├────┼▶h^2_2├────┼▶h^2_3├─⋯──┼▶h^2_T│\n"
        "  │└──▲──┘    │└──▲──┘    │└──▲──┘    │└──▲──┘\n"
        "  └───┤       └───┤       └───┤       └───┤  skip\n"
        "   ┌──┴──┐     ┌──┴──┐     ┌──┴──┐     ┌──┴──┐\n"
        "   │h^1_1├─────▶h^1_2├─────▶h^1_3├─⋯───▶h^1_T│\n"
        "   └──▲──┘     └──▲──┘     └──▲──┘     └──▲──┘\n"
        "     x_1         x_2         x_3         x_T"
    )
    tasks = CAUSAL_TASKS
    recurrent = True

    @classmethod
    def refuse(cls, config: DeepConfig, task: Task) -> str | None:
        """It reads steps, a cell may need more units, and only the plain recurrence has a place for extra layers."""
        if config.transition_depth and config.cell != "elman":
            return (
                f"cell = {config.cell} has no single state-to-state matrix that extra layers could be added to. "
                "Set model.transition_depth = 0 or model.cell = elman."
            )
        return refuse_without_steps(task) or refuse_cell(config.cell, config.hidden_size)

    @classmethod
    def build(cls, config: DeepConfig, task: Task) -> nn.Module:
        """Input adapter, extra layers around a stack of recurrent layers, readout."""
        from workbench.nn.deep import DeepRecurrent
        from workbench.nn.sequence_model import SequenceModel

        adapter = input_adapter(task, config.embedding_size)
        backbone = DeepRecurrent(
            _layer(config),
            adapter.output_size,
            config.hidden_size,
            num_layers=config.num_layers,
            input_depth=config.input_depth,
            output_depth=config.output_depth,
            dropout=config.dropout,
            skip=config.skip,
        )
        return SequenceModel(adapter, backbone, readout(task, backbone.output_size, config.readout, config.dropout))


def _layer(config: DeepConfig) -> LayerFactory:
    from workbench.nn.deep import DeepTransitionLayer

    if not config.transition_depth:
        return cell_layer(config.cell)
    return partial(DeepTransitionLayer, num_transition=config.transition_depth, skip=config.skip != "none")
