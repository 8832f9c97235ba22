"""Card of the Transformer: encoder and decoder, the encoder alone, or the decoder alone, by task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from workbench.architectures._recurrent_card import (
    CAUSAL_TASKS,
    longest_input,
    padding_index,
    readout,
    refuse_without_steps,
    refuse_without_tokens,
    step_size,
)
from workbench.architectures._writing import alphabet_of, context_of
from workbench.cards import BOS, EOS, PAD, ArchitectureCard, Config, Image, Interface, NoInput, Task, Tokens, Vectors, setting
from workbench.cards.catalog import does, task_kind
from workbench.nn.names import NormPlace, PositionName

if TYPE_CHECKING:
    from torch import nn

    from workbench.nn.adapters import InputAdapter
    from workbench.nn.transformer_encoder import Shape


class TransformerConfig(Config):
    """Settings of the Transformer."""

    hidden_size: int = setting(
        64, "Model size: size of each step's vector; num_heads must divide it.", ge=1, le=4096, unit="units"
    )
    num_heads: int = setting(4, "Number of attention heads.", ge=1, le=64, unit="heads")
    num_layers: int = setting(2, "Number of layers of the encoder, and of the decoder.", ge=1, le=32, unit="layers")
    feedforward_size: int = setting(256, "Units of each layer's feed-forward network.", ge=1, le=16384, unit="units")
    dropout: float = setting(0.0, "Dropout rate of sublayer outputs and attention weights.", ge=0, lt=1, live=True)
    positions: PositionName = setting("sinusoidal", "Positional encoding.")
    norm: NormPlace = setting(
        "pre",
        "Layer normalisation before each sublayer (pre: stable training) or after the sum (post: the original).",
        advanced=True,
    )
    causal: bool = setting(
        False,
        "Encoder only: causal attention, a step sees only itself and the past; always on in forecasts and language models.",
        advanced=True,
    )
    readout: Literal["mean", "last"] = setting(
        "mean", "Encoder only: states that a single output is read from, the mean over all steps or the last one.", advanced=True
    )

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden_size % self.num_heads:
            raise ValueError(f"expected hidden_size ({self.hidden_size}) to be a multiple of num_heads ({self.num_heads})")
        return self


class Transformer(ArchitectureCard[TransformerConfig]):
    """Attention in place of recurrence."""

    Config = TransformerConfig
    title = "Transformer"
    group = "Sequence to sequence"
    summary = (
        "Every step attends to every other, so no state is carried along and all steps are computed in parallel. Without "
        "positional encoding it cannot tell the order of its inputs. From tokens to tokens it has an encoder and a decoder; "
        "for classes, labels and vectors it is encoder-only, to generate sequences decoder-only."
    )
    reference = "Vaswani et al. 2017, arXiv:1706.03762; pre-norm: Xiong et al. 2020, arXiv:2002.04745"
    equation = (
        "attention(Q, K, V) = softmax(Q K^T / sqrt(d)) V\n"
        "heads = W_o [attention(Q_1, K_1, V_1); ...]\n"
        "x = x + heads(norm(x));  x = x + W_2 relu(W_1 norm(x))\n"
        "p[t, 2i] = sin(t / 10000^(2i/n)),  p[t, 2i+1] = cos(...)"
    )
    drawing = (
        "     encoder                      decoder\n"
        "                                   o_1 .. o_U\n"
        "                                       ▲\n"
        " ┌──────────────┐  memory    ┌─────────┴────────┐\n"
        " │ feed-forward │═════╗      │   feed-forward   │\n"
        " │      ▲       │     ║      │        ▲         │\n"
        " │ self-        │     ╚═════▶│ cross-attention  │ × N\n"
        " │ attention    │ × N        │        ▲         │\n"
        " └──────▲───────┘            │ causal attention │\n"
        "        │                    └────────▲─────────┘\n"
        " embedding + position        embedding + position\n"
        "   x_1 .. x_T                   BOS y_1 .. y_{U-1}"
    )
    tasks = CAUSAL_TASKS | does(Interface.ENCODER_DECODER, Interface.AUTOREGRESSIVE)

    @classmethod
    def refuse(cls, config: TransformerConfig, task: Task) -> str | None:
        """It reads steps, and places can only be learned where their number is known."""
        if task_kind(task).interface is Interface.ENCODER_DECODER:
            return refuse_without_tokens(task)
        if task_kind(task).interface is Interface.AUTOREGRESSIVE:
            return None
        if config.positions == "learned" and longest_input(task) is None:
            return (
                "positions = learned needs a longest sequence and these have no bound. "
                "Set model.positions = sinusoidal, or choose data of fixed length."
            )
        return refuse_without_steps(task)

    @classmethod
    def refuse_length(cls, config: TransformerConfig, task: Task, num_steps: int) -> str | None:
        """A table of places has an end."""
        longest = longest_input(task)
        if config.positions != "learned" or longest is None or num_steps <= longest:
            return None
        return f"at most {longest:,} steps, the places that were learned. Shorten it, or train with positions = sinusoidal."

    @classmethod
    def build(cls, config: TransformerConfig, task: Task) -> nn.Module:
        """Encoder and decoder from tokens to tokens, decoder-only to generate sequences; else encoder and readout."""
        from workbench.nn.sequence_model import SequenceModel
        from workbench.nn.transformer_encoder import Shape, TransformerEncoder

        shape = Shape(config.hidden_size, config.num_heads, config.feedforward_size, config.dropout, config.norm)
        interface = task_kind(task).interface
        if isinstance(task.outputs, Tokens) and interface in (Interface.ENCODER_DECODER, Interface.AUTOREGRESSIVE):
            return _with_decoder(config, task, task.outputs, shape)
        causal = config.causal or interface is Interface.FREE_RUNNING
        length = longest_input(task) or READY_LENGTH
        backbone = TransformerEncoder(shape, config.num_layers, config.positions, length, causal=causal)
        head = readout(task, config.hidden_size, config.readout, config.dropout)
        return SequenceModel(_adapter(task, config.hidden_size), backbone, head)


def _with_decoder(config: TransformerConfig, task: Task, outputs: Tokens, shape: Shape) -> nn.Module:
    """What writes symbols: from symbols, or for a class, a picture or nothing."""
    from workbench.nn import transformer
    from workbench.nn.decoder_only_transformer import DecoderOnlyTransformer
    from workbench.nn.encoder_decoder import Vocabulary

    if isinstance(task.inputs, Tokens):
        return transformer.Transformer(
            Vocabulary(len(task.inputs.symbols), len(outputs.symbols), PAD, BOS, EOS),
            shape,
            num_layers=config.num_layers,
            positions=config.positions,
            max_source_length=task.inputs.max_length,
            max_target_length=outputs.max_length,
        )
    return DecoderOnlyTransformer(
        alphabet_of(task),
        shape,
        max_length=outputs.max_length,
        context=None if isinstance(task.inputs, NoInput) else context_of(task, config.hidden_size),
        num_layers=config.num_layers,
        positions=config.positions,
    )


READY_LENGTH = 512
"""Sinusoids kept ready where sequences have no bound; longer ones are computed when they come."""


def _adapter(task: Task, size: int) -> InputAdapter:
    """Symbols and vectors alike become vectors of the network's own size."""
    from workbench.nn.adapters import TokenEmbedding, VectorProjection

    match task.inputs:
        case Tokens() as tokens:
            return TokenEmbedding(len(tokens.symbols), size, padding_index(tokens), size**0.5)
        case Vectors() | Image() as signal:
            return VectorProjection(step_size(signal), size)
        case _:
            raise TypeError(f"no sequence in {task.inputs!r}")
