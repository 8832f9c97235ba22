"""Card of the recurrent encoder-decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.architectures._cell_setting import Cell, cell_layer, refuse_cell
from workbench.architectures._recurrent_card import refuse_without_tokens
from workbench.cards import BOS, EOS, PAD, ArchitectureCard, Config, Interface, Task, Tokens, setting
from workbench.cards.catalog import does

if TYPE_CHECKING:
    from torch import nn


class Seq2SeqConfig(Config):
    """Settings of the recurrent encoder-decoder."""

    cell: Cell = setting("gru", "Kind of recurrent layer, for encoder and decoder.")
    attention: Literal["additive", "none"] = setting(
        "additive", "Attention over all encoder states, or none: the decoder sees only the encoder's last state."
    )
    hidden_size: int = setting(128, "Size of the hidden states.", ge=1, le=4096, unit="units")
    embedding_size: int = setting(64, "Embedding size of a token.", ge=1, le=4096, unit="units")
    num_layers: int = setting(1, "Number of layers of the encoder, and of the decoder.", ge=1, le=16, unit="layers")
    bidirectional: bool = setting(True, "Bidirectional encoder: a second one reads the source backwards.")
    dropout: float = setting(0.0, "Dropout rate of embeddings, between layers and before the output.", ge=0, lt=1, live=True)


class Seq2Seq(ArchitectureCard[Seq2SeqConfig]):
    """A recurrent network that reads and one that writes."""

    Config = Seq2SeqConfig
    title = "Encoder-decoder"
    group = "Sequence to sequence"
    summary = (
        "One recurrent network encodes the source, another generates the target, of any length. Without attention the source "
        "must be summarised in one vector C; with attention each output token can look at every encoder state."
    )
    reference = (
        "Cho et al. 2014, arXiv:1406.1078; Bahdanau et al. 2015, arXiv:1409.0473; Luong et al. 2015, arXiv:1508.04025; "
        "Goodfellow et al. 2016, section 10.4"
    )
    equation = (
        "h_j = encoder(x_j, h_{j-1})\n"
        "s_0 = tanh(W_0 C + b_0),  C = last h\n"
        "s_t = decoder(y_{t-1}, s_{t-1})\n"
        "alpha_tj = softmax_j(v . tanh(W s_t + U h_j))\n"
        "a_t = tanh(W_a [s_t; sum_j alpha_tj h_j] + b_a)\n"
        "o_t = V a_t + c          without attention a_t = s_t"
    )
    drawing = (
        "                            y_1     y_2     EOS\n"
        "                             ▲       ▲       ▲\n"
        "           attention ──────▶ a_1     a_2     a_3\n"
        "    ▲      ▲      ▲          ▲       ▲       ▲\n"
        " ┌──┴──┐┌──┴──┐┌──┴──┐  C ┌──┴──┐ ┌──┴──┐ ┌──┴──┐\n"
        " │ h_1 ├▶ h_2 ├▶ h_3 ├───▶│ s_1 ├▶│ s_2 ├▶│ s_3 │\n"
        " └──▲──┘└──▲──┘└──▲──┘    └──▲──┘ └──▲──┘ └──▲──┘\n"
        "    x_1    x_2    EOS       BOS     y_1     y_2"
    )
    tasks = does(Interface.ENCODER_DECODER)
    recurrent = True
    free_running = True

    @classmethod
    def refuse(cls, config: Seq2SeqConfig, task: Task) -> str | None:
        """Symbols on both sides, and a cell may need more units."""
        return refuse_without_tokens(task) or refuse_cell(config.cell, config.hidden_size)

    @classmethod
    def build(cls, config: Seq2SeqConfig, task: Task) -> nn.Module:
        """Encoder and decoder for the task's symbols."""
        from workbench.nn import seq2seq
        from workbench.nn.encoder_decoder import Vocabulary

        if not (isinstance(task.inputs, Tokens) and isinstance(task.outputs, Tokens)):
            raise TypeError(f"no symbols on both sides of {task!r}")
        return seq2seq.Seq2Seq(
            Vocabulary(len(task.inputs.symbols), len(task.outputs.symbols), PAD, BOS, EOS),
            cell_layer(config.cell),
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            attention=config.attention == "additive",
            dropout=config.dropout,
        )
