"""The Transformer from tokens to tokens: its decoder, and the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, final

import torch
from torch import Tensor, nn

from workbench.nn.adapters import InputAdapter, TokenEmbedding
from workbench.nn.decoding import StepState
from workbench.nn.encoder_decoder import EncoderDecoder, Vocabulary
from workbench.nn.multi_head import MultiHeadAttention
from workbench.nn.names import PositionName, Side
from workbench.nn.positions import Positions
from workbench.nn.transformer_encoder import FeedForward, ResidualLayer, Shape, TransformerEncoder, padding_mask

__all__ = ["DecoderCache", "DecoderLayer", "Transformer"]


class DecoderCache(NamedTuple):
    """What a decoder layer keeps while it writes step by step.

    Attributes:
        memory_keys, memory_values: of the encoder's states, (batch, heads, T, d).
        keys, values: those of the steps written so far, (batch, heads, steps, d).
    """

    memory_keys: Tensor
    memory_values: Tensor
    keys: Tensor
    values: Tensor


@final
class DecoderLayer(ResidualLayer):
    """Causal self-attention, attention to the encoder's states, then a feed-forward network.

    Reference:
        Vaswani et al. 2017, section 3.1.
    """

    side: Side = "outputs"

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.pre = shape.norm == "pre"
        self.attention = MultiHeadAttention(shape.size, shape.num_heads, shape.dropout)
        self.cross_attention = MultiHeadAttention(shape.size, shape.num_heads, shape.dropout)
        self.cross_attention.key_side = "inputs"
        self.feedforward = FeedForward(shape)
        self.norms = nn.ModuleList(nn.LayerNorm(shape.size) for _ in range(3))
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, memory: Tensor, memory_mask: Tensor | None = None) -> Tensor:
        """Target (batch, U, size) and encoder states (batch, T, size) -> (batch, U, size)."""
        return self._run(
            x,
            lambda y: self.attention(y, y, causal=True),
            lambda y: self.cross_attention(y, memory, memory_mask),
        )

    def start(self, memory: Tensor) -> DecoderCache:
        """The cache before the first step."""
        return DecoderCache(*self.cross_attention.project(memory), *self.attention.project(memory[:, :0]))

    def step(self, x: Tensor, cache: DecoderCache, memory_mask: Tensor | None = None) -> tuple[Tensor, DecoderCache]:
        """The next step (batch, 1, size) alone: what `forward` gives there, and the cache with the step in it."""
        memory, caches = (cache.memory_keys, cache.memory_values), [cache]

        def attend_to_written(y: Tensor) -> Tensor:
            keys, values = self.attention.project(y)
            keys, values = torch.cat((cache.keys, keys), 2), torch.cat((cache.values, values), 2)
            caches.append(DecoderCache(*memory, keys, values))
            return self.attention.attend(y, keys, values)

        return self._run(x, attend_to_written, lambda y: self.cross_attention.attend(y, *memory, memory_mask)), caches[-1]

    def _run(self, x: Tensor, attend: Callable[[Tensor], Tensor], attend_memory: Callable[[Tensor], Tensor]) -> Tensor:
        first, second, third = self.norms
        if self.pre:
            x = self.past(x) + self.dropout(attend(first(x)))
            x = self.past(x) + self.dropout(attend_memory(second(x)))
            outputs: Tensor = self.past(x) + self.dropout(self.feedforward(third(x)))
        else:
            x = first(self.past(x) + self.dropout(attend(x)))
            x = second(self.past(x) + self.dropout(attend_memory(x)))
            outputs = third(self.past(x) + self.dropout(self.feedforward(x)))
        if self.show is not None:
            self.show("states", outputs)
        return outputs


@final
class Transformer(EncoderDecoder):
    """Encoder and decoder, from tokens to tokens.

    Args:
        vocabulary: tokens on both sides.
        shape: sizes and options of the layers.
        num_layers: layers of the encoder, and of the decoder.
        positions: how steps know their place.
        max_source_length: longest source; binding for learned positions only.
        max_target_length: longest target, end token included; likewise.

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        shape: Shape,
        *,
        num_layers: int = 2,
        positions: PositionName = "sinusoidal",
        max_source_length: int = 64,
        max_target_length: int = 64,
    ) -> None:
        super().__init__(vocabulary)
        scale = shape.size**0.5
        self.source_embedding: InputAdapter = TokenEmbedding(vocabulary.num_source, shape.size, vocabulary.pad, scale)
        self.target_embedding: InputAdapter = TokenEmbedding(vocabulary.num_target, shape.size, vocabulary.pad, scale)
        self.encoder = TransformerEncoder(shape, num_layers, positions, max_source_length)
        self.positions = Positions(positions, shape.size, max_target_length)
        self.longest = self.positions.max_length
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(num_layers))
        self.norm: nn.Module = nn.LayerNorm(shape.size) if shape.norm == "pre" else nn.Identity()
        self.dropout = nn.Dropout(shape.dropout)
        self.output = nn.Linear(shape.size, vocabulary.num_target)

    def forward(
        self,
        source: Tensor,
        source_lengths: Tensor | None,
        target_in: Tensor,
        teacher_forcing: float = 1.0,  # noqa: ARG002 - all steps are computed at once from the true target
    ) -> Tensor:
        """See `EncoderDecoder`; each token sees only the target tokens before it, which are always the true ones."""
        memory: Tensor = self.encoder(self.source_embedding(source), source_lengths)
        mask = padding_mask(source_lengths, memory)
        x = self.dropout(self.positions(self.target_embedding(target_in)))
        for layer in self.layers:
            x = layer(x, memory, mask)
        logits: Tensor = self.output(self.norm(x))
        return logits

    def begin(self, source: Tensor, source_lengths: Tensor | None) -> StepState:
        """Which steps of the source are real, and each layer's keys and values."""
        memory: Tensor = self.encoder(self.source_embedding(source), source_lengths)
        mask = padding_mask(source_lengths, memory)
        if mask is None:
            mask = torch.ones_like(source, dtype=torch.bool)[:, None, None]
        return (mask, *(part for layer in self._layers() for part in layer.start(memory)))

    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        """See `EncoderDecoder`."""
        mask, *parts = state
        x = self.positions(self.target_embedding(self._or_start(last, state)[:, None]), number)
        after: list[Tensor] = []
        size = len(DecoderCache._fields)
        for index, layer in enumerate(self._layers()):
            x, cache = layer.step(x, DecoderCache(*parts[index * size : (index + 1) * size]), mask)
            after += cache
        logits: Tensor = self.output(self.norm(x))
        return logits[:, 0], (mask, *after)

    def _layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]
