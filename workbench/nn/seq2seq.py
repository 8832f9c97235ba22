"""Encoder and decoder: a sequence is read into states, and another is written from them."""

from __future__ import annotations

from typing import NamedTuple, final

import torch
from torch import Tensor, nn

from workbench.nn.adapters import TokenEmbedding
from workbench.nn.attention import AdditiveAttention
from workbench.nn.decoding import StepState
from workbench.nn.encoder_decoder import EncoderDecoder, Vocabulary
from workbench.nn.forcing import drawn_forcing
from workbench.nn.lengths import last_valid, valid_steps
from workbench.nn.recurrent import BidirectionalStack, LayerFactory, RecurrentStack, State

__all__ = ["Memory", "Seq2Seq"]


class Memory(NamedTuple):
    """What the decoder gets to know of the source.

    Attributes:
        states: encoder states, (batch, T, size).
        keys: the attention's share that needs the source only, (batch, T, attention_size), or None without attention.
        mask: True at real steps, (batch, T), or None when nothing is padded.
    """

    states: Tensor
    keys: Tensor | None
    mask: Tensor | None


@final
class Seq2Seq(EncoderDecoder):
    """A recurrent encoder and a recurrent decoder, with or without attention.

        h_j = encoder(x_j, h_{j-1})            with a second encoder from the end when bidirectional
        s_0 = tanh(W_0 C)                      C: the encoder's last state (both ends' when bidirectional)
        s_t = decoder(y_{t-1}, s_{t-1})
        a_t = tanh(W_a [s_t; context_t])       context_t: attention of s_t over all h_j; without attention a_t = s_t
        o_t = V a_t + c

    The decoder's recurrence does not read the context, so with teacher forcing all its steps run in one call and all
    attend at once (the order of Luong et al., with Bahdanau's score).

    Args:
        vocabulary: tokens on both sides.
        layer: makes one recurrent layer from (input_size, hidden_size); the same kind in encoder and decoder.
        embedding_size: size of a token's vector.
        hidden_size: size of each layer's state.
        num_layers: layers of the encoder, and of the decoder.
        bidirectional: whether a second encoder reads the source from its end.
        attention: whether the decoder attends; without, C is all it knows of the source.
        dropout: share of embeddings, of outputs between layers and of the state before the output dropped.

    Reference:
        Cho et al. 2014, arXiv:1406.1078; Sutskever et al. 2014, arXiv:1409.3215; Bahdanau et al. 2015, arXiv:1409.0473;
        Luong et al. 2015, arXiv:1508.04025; Goodfellow et al. 2016, section 10.4.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        layer: LayerFactory,
        *,
        embedding_size: int = 64,
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = False,
        attention: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(vocabulary)
        self.source_embedding = TokenEmbedding(vocabulary.num_source, embedding_size, vocabulary.pad)
        self.target_embedding = TokenEmbedding(vocabulary.num_target, embedding_size, vocabulary.pad)
        stack = BidirectionalStack if bidirectional else RecurrentStack
        self.encoder: BidirectionalStack | RecurrentStack = stack(layer, embedding_size, hidden_size, num_layers, dropout)
        self.decoder = RecurrentStack(layer, embedding_size, hidden_size, num_layers, dropout)
        self.decoder.side = "outputs"
        memory_size = self.encoder.output_size
        self.bridge = nn.Linear(memory_size, self.decoder.start_size)
        self.attention = AdditiveAttention(hidden_size, memory_size, hidden_size) if attention else None
        self.combine = nn.Linear(hidden_size + memory_size, hidden_size) if attention else None
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, vocabulary.num_target)

    def forward(self, source: Tensor, source_lengths: Tensor | None, target_in: Tensor, teacher_forcing: float = 1.0) -> Tensor:
        """See `EncoderDecoder`."""
        if teacher_forcing >= 1:
            return self.attend(source, source_lengths, target_in)[0]
        memory, states = self.encode(source, source_lengths)
        forced = drawn_forcing(target_in, teacher_forcing)  # (B, U)
        tokens = target_in[:, 0]
        outputs: list[Tensor] = []
        for t in range(target_in.shape[1]):
            if t:
                tokens = torch.where(forced[:, t], target_in[:, t], outputs[-1][:, 0].detach().argmax(-1))
            logits, states, _ = self.decode(tokens[:, None], memory, states)
            outputs.append(logits)
        return torch.cat(outputs, 1)

    def attend(self, source: Tensor, source_lengths: Tensor | None, target_in: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits (batch, U, num_target) as by full teacher forcing, and attention weights (batch, U, T), if it attends."""
        memory, states = self.encode(source, source_lengths)
        logits, _, weights = self.decode(target_in, memory, states)
        return logits, weights

    def encode(self, source: Tensor, source_lengths: Tensor | None) -> tuple[Memory, list[State]]:
        """What the decoder gets: the memory, and the first states of its layers."""
        embedded = self.dropout(self.source_embedding(source))
        states: Tensor = self.encoder(embedded, source_lengths)  # (B, T, M)
        if isinstance(self.encoder, BidirectionalStack):
            context = self.encoder.final(states, source_lengths)
        else:
            context = last_valid(states, source_lengths)
        starts = self.decoder.start(torch.tanh(self.bridge(context)))
        keys = None if self.attention is None else self.attention.project(states)
        mask = None if source_lengths is None else valid_steps(source_lengths.to(source.device), source.shape[1])
        return Memory(states, keys, mask), starts

    def decode(self, tokens: Tensor, memory: Memory, states: list[State]) -> tuple[Tensor, list[State], Tensor | None]:
        """Some decoder steps: tokens (batch, U) -> logits (batch, U, num_target), next states, attention weights."""
        outputs, states = self.decoder.run(self.dropout(self.target_embedding(tokens)), states)
        weights = None
        if self.attention is not None and self.combine is not None and memory.keys is not None:
            contexts, weights = self.attention(outputs, memory.states, memory.keys, memory.mask)
            outputs = torch.tanh(self.combine(torch.cat((outputs, contexts), -1)))
        return self.output(self.dropout(outputs)), states, weights

    def begin(self, source: Tensor, source_lengths: Tensor | None) -> StepState:
        """The memory, and the first states of the decoder's layers."""
        memory, layers = self.encode(source, source_lengths)
        mask = torch.ones_like(source, dtype=torch.bool) if memory.mask is None else memory.mask
        keys = () if memory.keys is None else (memory.keys,)
        return (memory.states, mask, *keys, *(part for group in layers for part in group))

    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:  # noqa: ARG002 - every step is alike
        """See `EncoderDecoder`."""
        num_kept = 2 if self.attention is None else 3
        of_source, layers = state[:num_kept], state[num_kept:]
        memory = Memory(of_source[0], None if self.attention is None else of_source[2], of_source[1])
        logits, after, _ = self.decode(self._or_start(last, state)[:, None], memory, self.decoder.grouped(layers))
        return logits[:, 0], (*of_source, *(part for group in after for part in group))
