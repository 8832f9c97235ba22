"""A recurrent network that writes sequences, with three ways to stop and three ways to know what it writes for."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.autoregressive import Alphabet, AutoregressiveModel
from workbench.nn.contexts import Context
from workbench.nn.decoding import StepState
from workbench.nn.names import ContextUse, Stop
from workbench.nn.recurrent import LayerFactory, RecurrentStack

__all__ = ["Generator"]


@final
class Generator(AutoregressiveModel):
    """A recurrent network over its own output.

        h_t = cell([e(y_{t-1}); R x; r_t], h_{t-1})     R x with the context as input, r_t with a planned length
        h_0 = tanh(W x)                                 with the context as initial state; else 0
        P(y_t | y_{<t}, x) = softmax(V h_t + c)

    It stops in one of three ways:

        end_symbol   the end is one more token of the softmax
        bernoulli    before each token, P(stop) = sigmoid(w h_t + b)
        length       the length n is drawn first, from softmax(U x + d); then r_t = (n - t + 1) / longest is one more input

    Args:
        alphabet: the tokens.
        layer: makes one recurrent layer from (input_size, hidden_size).
        max_length: longest sequence, end counted; a planned length is below it.
        context: turns contexts into vectors; None when there are none, or they are to be left out.
        use: where the context's vector goes; `none` exactly without a context.
        stop: how a sequence ends.
        embedding_size: size of a token's vector.
        hidden_size: size of each layer's state.
        num_layers: number of layers.
        dropout: share of outputs dropped between layers and before the softmax.

    Reference:
        Goodfellow et al. 2016, sections 10.2.3 (three ways to stop) and 10.2.4 (context as input, as initial state, or both).
    """

    def __init__(
        self,
        alphabet: Alphabet,
        layer: LayerFactory,
        *,
        max_length: int,
        context: Context | None = None,
        use: ContextUse = "none",
        stop: Stop = "end_symbol",
        embedding_size: int = 16,
        hidden_size: int = 64,
        num_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(alphabet)
        self.stop = stop
        self.plans = stop == "length"
        self.max_length = max_length
        self.context = context
        as_input = context.size if context is not None and use in ("input", "both") else 0
        self.reads_context = as_input > 0
        # one more vector than tokens: what stands before the first
        self.embedding = nn.Embedding(alphabet.num_tokens + 1, embedding_size)
        self.stack = RecurrentStack(layer, embedding_size + as_input + int(self.plans), hidden_size, num_layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, alphabet.num_tokens + int(stop == "end_symbol"))
        starts = context is not None and use in ("initial_state", "both")
        size = 0 if context is None else context.size
        self.bridge = nn.Linear(size, self.stack.start_size) if starts else None
        self.stop_output = nn.Linear(hidden_size, 1) if stop == "bernoulli" else None
        self.length_bias = nn.Parameter(torch.zeros(max_length)) if self.plans else None
        self.length_output = nn.Linear(size, max_length, bias=False) if self.plans and context is not None else None

    def nll(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """See `AutoregressiveModel`. All steps are computed in one call: the tokens before each are known."""
        choices, lengths = self._choices(targets)
        places = torch.arange(targets.shape[1], device=targets.device)
        ended = choices == self.alphabet.num_tokens  # (B, U) True where the sequence ends; nowhere when it was cut
        vector, _, *layers = self.begin(inputs)
        before = F.pad(choices[:, :-1], (1, 0), value=self.alphabet.num_tokens)
        left = lengths[:, None] - places  # (B, U) tokens still to come
        outputs, _ = self.stack.run(self._features(before, vector, left), self.stack.grouped(layers))
        outputs = self.dropout(outputs)
        scores = self.output(outputs).log_softmax(-1)  # (B, U, K)
        each = -scores.gather(2, choices.clamp_max(scores.shape[-1] - 1)[..., None])[..., 0]
        written: Tensor = (each * (left > 0)).sum(1)
        if self.stop_output is not None:
            stop: Tensor = self.stop_output(outputs)[..., 0]
            ending = (F.softplus(stop) * (left > 0) + F.softplus(-stop) * ended).sum(1)
        elif self.plans:
            planned = lengths.clamp_max(self.max_length - 1)
            ending = -self._lengths(vector).gather(1, planned[:, None])[:, 0] * ended.any(1)
        else:
            ending = (each * ended).sum(1)
        return written + ending

    def begin(self, inputs: Tensor) -> StepState:
        """Context vector, tokens left (unknown yet), and the layers' states."""
        weight = self.embedding.weight
        vector = weight.new_zeros(len(inputs), 0) if self.context is None else self.context(inputs)
        left = torch.zeros(len(inputs), 1, dtype=torch.int64, device=weight.device)
        states = self.stack.initial_states(vector) if self.bridge is None else self.stack.start(torch.tanh(self.bridge(vector)))
        return (vector, left, *(part for group in states for part in group))

    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        """See `AutoregressiveModel`."""
        vector, left, *layers = state
        if self.plans and number == 0:
            return self._lengths(vector), state
        if last is None or (self.plans and number == 1):  # the first token: nothing stands before it
            left = left if last is None else last[:, None]
            last = torch.full((len(vector),), self.alphabet.num_tokens, device=vector.device)
        outputs, states = self.stack.run(self._features(last[:, None], vector, left), self.stack.grouped(layers))
        after = (vector, left - 1, *(part for group in states for part in group))
        return self._choice(outputs[:, 0], left), after

    def _choice(self, outputs: Tensor, left: Tensor) -> Tensor:
        """Log-probabilities of every token and of the end, (n, num_tokens + 1)."""
        scores: Tensor = self.output(outputs).log_softmax(-1)
        if self.stop_output is not None:
            stop = self.stop_output(outputs)  # (n, 1)
            return torch.cat((scores + F.logsigmoid(-stop), F.logsigmoid(stop)), -1)
        if self.plans:
            over = left <= 0
            end = torch.where(over, 0.0, -torch.inf).to(scores.dtype)
            return torch.cat((scores.masked_fill(over, -torch.inf), end), -1)
        return scores

    def _features(self, tokens: Tensor, vector: Tensor, left: Tensor) -> Tensor:
        """What the lowest layer reads: tokens (n, U), context (n, size), tokens left (n, U) -> (n, U, features)."""
        parts: list[Tensor] = [self.embedding(tokens)]
        if self.reads_context:
            parts.append(vector[:, None].expand(-1, tokens.shape[1], -1))
        if self.plans:
            parts.append((left.to(vector.dtype) / self.max_length)[..., None])
        return torch.cat(parts, -1) if len(parts) > 1 else parts[0]

    def _lengths(self, vector: Tensor) -> Tensor:
        """Log-probabilities of the lengths 0..max_length-1, shape (n, max_length)."""
        if self.length_bias is None:
            raise TypeError("no lengths are planned")
        scores = self.length_bias.expand(len(vector), -1)
        if self.length_output is not None:
            scores = scores + self.length_output(vector)
        return scores.log_softmax(-1)
