"""Deep stacks of layers with and without skip connections."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.ablation import altered
from workbench.nn.convolution import Conv2d
from workbench.nn.names import ResidualInit, Shortcut
from workbench.nn.watching import Show

__all__ = ["ResidualBlock", "ResidualNetwork"]


@final
class ResidualBlock(nn.Module):
    """Two layers and their skip connection.

        y = h(x) + F(x),  F(x) = W_2 relu(W_1 relu(x) + b_1) + b_2

    with h(x) = x, h(x) = W_h x, or h(x) = 0 in a plain network.

    Args:
        size: units, or channels of a picture.
        shortcut: what h is.
        picture: whether the layers are 3 x 3 convolutions (h: 1 x 1) instead of full matrices.

    Reference:
        He et al. 2016, arXiv:1512.03385 (h as identity or projection) and arXiv:1603.05027 (activation before the weights).
    """

    show: Show | None = None

    def __init__(self, size: int, shortcut: Shortcut, *, picture: bool = False) -> None:
        super().__init__()
        self.identity = shortcut == "identity"
        self.first, self.second = (_layer(size, size, picture=picture) for _ in range(2))
        self.projection = _layer(size, size, picture=picture, width=1) if shortcut == "projection" else None

    def parts(self) -> Mapping[str, int]:
        """The skip connection."""
        return {"skip": 0} if self.identity or self.projection is not None else {}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one part
        """What came in goes through the two layers alone."""
        return altered(self, identity=False, projection=None)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, size, ...) -> the same shape."""
        hidden = torch.relu(self.first(torch.relu(x)))
        if self.show is not None:
            self.show("activations", hidden.movedim(1, -1))
        y: Tensor = self.second(hidden)
        if self.projection is not None:
            y = y + self.projection(x)
        return y + x if self.identity else y


@final
class ResidualNetwork(nn.Module):
    """A first layer, many blocks, and one linear layer to the outputs.

    Args:
        num_inputs: numbers of a sample, or channels of a picture.
        num_outputs: size of the output.
        hidden_size: units, or channels, of every block.
        num_layers: layers in the blocks, two in each.
        shortcut: each block's skip connection.
        picture: whether samples are pictures and layers convolutions; the first halves their size.
        init: `default` weights of size 1/sqrt(3 n), n the layer's number of inputs, through which a plain stack's signal fades;
            `he` of size sqrt(2/n), which keeps it, with the last layer of each of B blocks scaled by 1/sqrt(B) where it has
            a skip connection.
        num_tokens: number of tokens when inputs are indices, which become one-hot vectors; 0 for real inputs.

    Reference:
        He et al. 2016, arXiv:1512.03385; init = he: He et al. 2015, arXiv:1502.01852.
    """

    show: Show | None = None

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        *,
        hidden_size: int = 64,
        num_layers: int = 30,
        shortcut: Shortcut = "identity",
        picture: bool = False,
        init: ResidualInit = "default",
        num_tokens: int = 0,
    ) -> None:
        super().__init__()
        self.picture = picture
        self.num_tokens = num_tokens
        self.stem = _layer(num_inputs, hidden_size, picture=picture, stride=2)
        self.blocks = nn.ModuleList(ResidualBlock(hidden_size, shortcut, picture=picture) for _ in range(num_layers // 2))
        self.output = nn.Linear(hidden_size, num_outputs)
        self._initialise(keep_size=init == "he", around=shortcut != "none")

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - all samples have one size
        """(batch, ...) or, for pictures, (batch, channels, height, width) -> (batch, num_outputs)."""
        x = inputs
        if self.num_tokens:
            x = nn.functional.one_hot(x, self.num_tokens).to(self.output.weight.dtype)
        x = self.stem(x if self.picture else x.flatten(1))
        if self.show is not None and self.picture:
            self.show("feature_maps/stem", x)
        for block in self.blocks:
            x = block(x)
        x = torch.relu(x)
        if self.show is not None:
            self.show("feature_maps/top" if self.picture else "activations/top", x)
        if self.picture:
            x = x.mean((2, 3))
        outputs: Tensor = self.output(x)
        return outputs

    @torch.no_grad()
    def _initialise(self, *, keep_size: bool, around: bool) -> None:
        """Weights as `init` says, for matrices and convolutions alike; biases start at zero."""
        for module in self.modules():
            if isinstance(module, nn.Linear | Conv2d):
                size = module.weight[0].numel() ** -0.5
                if keep_size:
                    nn.init.normal_(module.weight, std=2**0.5 * size)
                else:
                    nn.init.uniform_(module.weight, -size, size)
                nn.init.zeros_(module.bias)
        for block in self.blocks:
            if keep_size and around and isinstance(block, ResidualBlock):
                block.second.weight.mul_(len(self.blocks) ** -0.5)


def _layer(size_in: int, size_out: int, *, picture: bool, stride: int = 1, width: int = 3) -> nn.Linear | Conv2d:
    """A full matrix, or a convolution that keeps the size of a picture divided by its stride."""
    if picture:
        return Conv2d(size_in, size_out, width, stride=stride, padding=width // 2, kernel="torch")
    return nn.Linear(size_in, size_out)
