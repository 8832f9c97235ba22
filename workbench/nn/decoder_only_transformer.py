"""A causal Transformer that writes sequences: the decoder alone."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.adapters import TokenEmbedding
from workbench.nn.autoregressive import Alphabet, AutoregressiveModel
from workbench.nn.contexts import Context
from workbench.nn.decoding import StepState
from workbench.nn.names import PositionName
from workbench.nn.transformer_encoder import Past, Shape, TransformerEncoder

__all__ = ["DecoderOnlyTransformer"]


@final
class DecoderOnlyTransformer(AutoregressiveModel):
    """Each token from all those before it, by causal self-attention; the end is one more token.

        s_1 = e(start) + c(x)      s_t = e(y_{t-1})
        P(y_t | y_{<t}, x) = softmax(V causal(s_1 .. s_t) + b)

    Args:
        alphabet: the tokens.
        shape: sizes and options of the layers.
        max_length: longest sequence, end counted; binding for learned positions only.
        context: turns contexts into vectors of the layers' size; None when there are none.
        num_layers: number of layers.
        positions: how steps know their place.

    Reference:
        Liu et al. 2018, arXiv:1801.10198, section 4.2.3 (decoder only); Vaswani et al. 2017, arXiv:1706.03762.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        shape: Shape,
        *,
        max_length: int,
        context: Context | None = None,
        num_layers: int = 2,
        positions: PositionName = "sinusoidal",
    ) -> None:
        super().__init__(alphabet)
        self.context = context
        # one more vector than tokens: what stands before the first
        self.embedding = TokenEmbedding(alphabet.num_tokens + 1, shape.size, scale=shape.size**0.5)
        self.encoder = TransformerEncoder(shape, num_layers, positions, max_length, causal=True)
        self.output = nn.Linear(shape.size, alphabet.num_tokens + 1)

    def nll(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """See `AutoregressiveModel`. All steps are computed in one call: the tokens before each are known."""
        choices, lengths = self._choices(targets)
        before = F.pad(choices[:, :-1], (1, 0), value=self.alphabet.num_tokens)
        features: Tensor = self.embedding(before)  # (B, U, size)
        first = features[:, :1] + self._vector(inputs)[:, None]
        scores = self.output(self.encoder(torch.cat((first, features[:, 1:]), 1))).log_softmax(-1)  # (B, U, K)
        each = -scores.gather(2, choices[..., None])[..., 0]
        places = torch.arange(targets.shape[1], device=targets.device)
        counted = (places < lengths[:, None]) | (choices == self.alphabet.num_tokens)
        total: Tensor = (each * counted).sum(1)
        return total

    def begin(self, inputs: Tensor) -> StepState:
        """The context's vector, and no key or value yet."""
        return (self._vector(inputs),)

    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        """See `AutoregressiveModel`."""
        vector, *keys_and_values = state
        if last is None:
            last = torch.full((len(vector),), self.alphabet.num_tokens, device=vector.device)
        features: Tensor = self.embedding(last[:, None])
        if number == 0:
            features = features + vector[:, None]
        past: list[Past] = list(zip(keys_and_values[::2], keys_and_values[1::2], strict=True))
        states, past = self.encoder.run(features, past or None)
        scores: Tensor = self.output(states[:, 0]).log_softmax(-1)
        return scores, (vector, *(part for layer in past for part in layer))

    def _vector(self, inputs: Tensor) -> Tensor:
        """What the context adds to the first step, (batch, size)."""
        if self.context is None:
            return self.output.weight.new_zeros(len(inputs), self.output.in_features)
        vectors: Tensor = self.context(inputs)
        return vectors
