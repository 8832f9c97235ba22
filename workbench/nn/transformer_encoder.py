"""The Transformer's encoder: a backbone for sequences, causal or not, and what its layers share with the decoder's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias, final

import torch
from torch import Tensor, nn

from workbench.nn.ablation import altered, overwritten
from workbench.nn.lengths import valid_steps
from workbench.nn.multi_head import MultiHeadAttention
from workbench.nn.names import NormPlace, PositionName
from workbench.nn.positions import Positions
from workbench.nn.watching import Show

__all__ = ["EncoderLayer", "FeedForward", "Past", "ResidualLayer", "Shape", "TransformerEncoder", "padding_mask"]

Past: TypeAlias = tuple[Tensor, Tensor]
"""Keys and values of the steps so far, (batch, heads, steps, d) each."""


@dataclass(frozen=True)
class Shape:
    """Sizes and options that all layers share.

    Attributes:
        size: size of a step's vector.
        num_heads: attention heads; divides size.
        feedforward_size: units of each layer's hidden layer.
        dropout: share of sublayer outputs and attention weights dropped.
        norm: `pre` normalises what goes into each sublayer, `post` the sum that comes out of it.
    """

    size: int
    num_heads: int
    feedforward_size: int
    dropout: float = 0.0
    norm: NormPlace = "pre"


@final
class FeedForward(nn.Module):
    """One hidden layer, the same at every step.

        W_2 relu(W_1 x + b_1) + b_2

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762, section 3.3.
    """

    show: Show | None = None
    called = "feed-forward network"

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.first = nn.Linear(shape.size, shape.feedforward_size)
        self.second = nn.Linear(shape.feedforward_size, shape.size)
        self.dropout = nn.Dropout(shape.dropout)

    def parts(self) -> Mapping[str, int]:
        """Units of its hidden layer."""
        return {"unit": self.first.out_features}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one kind of part
        """What a unit says does not come out."""
        return overwritten((self.second.weight[:, number], 0.0))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, size) -> the same shape."""
        hidden = torch.relu(self.first(x))
        if self.show is not None:
            self.show("activations", hidden)
        outputs: Tensor = self.second(self.dropout(hidden))
        return outputs


class ResidualLayer(nn.Module):
    """A layer of sublayers with connections past each of them."""

    show: Show | None = None
    skipping: bool = True

    def parts(self) -> Mapping[str, int]:
        """The residual connections, all at once."""
        return {"skip": 0}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one part
        """Each sublayer's output stands alone."""
        return altered(self, skipping=False)

    def past(self, x: Tensor) -> Tensor | float:
        """What goes past a sublayer that reads x."""
        return x if self.skipping else 0.0


@final
class EncoderLayer(ResidualLayer):
    """Self-attention, then a feed-forward network, each with a residual connection and layer normalisation.

        pre    x = x + f(norm(x))          post    x = norm(x + f(x))

    Reference:
        Vaswani et al. 2017, section 3.1; pre-norm: Xiong et al. 2020, arXiv:2002.04745.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.pre = shape.norm == "pre"
        self.attention = MultiHeadAttention(shape.size, shape.num_heads, shape.dropout)
        self.feedforward = FeedForward(shape)
        self.norms = nn.ModuleList(nn.LayerNorm(shape.size) for _ in range(2))
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None, *, causal: bool = False) -> Tensor:
        """(batch, T, size) -> the same shape. Mask and causal as in `MultiHeadAttention`."""
        return self._run(x, lambda y: self.attention(y, y, mask, causal=causal))

    def extend(self, x: Tensor, past: Past | None) -> tuple[Tensor, Past]:
        """Further steps (batch, T, size) of a causal sequence: what `forward` gives there, and the keys and values so far."""
        keys_and_values: list[Past] = []

        def attend(y: Tensor) -> Tensor:
            keys, values = self.attention.project(y)
            if past is not None:
                keys, values = torch.cat((past[0], keys), 2), torch.cat((past[1], values), 2)
            keys_and_values.append((keys, values))
            seen = torch.ones(y.shape[1], keys.shape[2], dtype=torch.bool, device=y.device)
            return self.attention.attend(y, keys, values, seen.tril(keys.shape[2] - y.shape[1]))

        return self._run(x, attend), keys_and_values[0]

    def _run(self, x: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
        first, second = self.norms
        if self.pre:
            x = self.past(x) + self.dropout(attend(first(x)))
            outputs: Tensor = self.past(x) + self.dropout(self.feedforward(second(x)))
        else:
            x = first(self.past(x) + self.dropout(attend(x)))
            outputs = second(self.past(x) + self.dropout(self.feedforward(x)))
        if self.show is not None:
            self.show("states", outputs)
        return outputs


@final
class TransformerEncoder(nn.Module):
    """Positions and a stack of encoder layers over features: a backbone for `SequenceModel`, or half of a `Transformer`.

    Args:
        shape: sizes and options of the layers.
        num_layers: number of layers.
        positions: how steps know their place.
        max_length: longest sequence; binding for learned positions only.
        causal: whether step t sees only steps up to t.

    Attributes:
        endless: False: keys and values grow with every step.

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762, section 3.1; pre-norm: Xiong et al. 2020, arXiv:2002.04745.
    """

    endless = False

    def __init__(self, shape: Shape, num_layers: int, positions: PositionName, max_length: int, *, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.positions = Positions(positions, shape.size, max_length)
        self.layers = nn.ModuleList(EncoderLayer(shape) for _ in range(num_layers))
        self.norm: nn.Module = nn.LayerNorm(shape.size) if shape.norm == "pre" else nn.Identity()
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, T, size) -> states (batch, T, size); real steps do not see padding."""
        x = self.dropout(self.positions(features))
        # padding lies at the end, so a causal step never meets it
        mask = None if self.causal else padding_mask(lengths, features)
        for layer in self.layers:
            x = layer(x, mask, causal=self.causal)
        states: Tensor = self.norm(x)
        return states

    def run(self, features: Tensor, states: Sequence[Past] | None) -> tuple[Tensor, list[Past]]:
        """Further steps of a causal sequence, from the keys and values that each layer has kept (None for the start).

        Returns:
            States (batch, T, size) of the steps given, and what each layer has kept by then.
        """
        if not self.causal:
            raise TypeError("only a causal encoder can go on from where it was")
        x = self.dropout(self.positions(features, 0 if states is None else states[0][0].shape[2]))
        after = []
        for index, layer in enumerate(layer for layer in self.layers if isinstance(layer, EncoderLayer)):
            x, past = layer.extend(x, None if states is None else states[index])
            after.append(past)
        outputs: Tensor = self.norm(x)
        return outputs, after


def padding_mask(lengths: Tensor | None, features: Tensor) -> Tensor | None:
    """True at real steps, shape (batch, 1, 1, T), for every head and query alike."""
    if lengths is None:
        return None
    return valid_steps(lengths.to(features.device), features.shape[1])[:, None, None]
