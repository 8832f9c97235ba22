"""The multi-layer perceptron with back-propagation written out by hand; no automatic differentiation inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.ablation import overwritten
from workbench.nn.names import Derivative, HiddenActivation, Loss, PerceptronInit
from workbench.nn.watching import Show

__all__ = ["ACTIVATIONS", "BPNetwork"]

IGNORED = -100
"""Targets of this class take no part in loss and gradient."""

ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "sigmoid": (torch.sigmoid, lambda a: a * (1 - a)),
    "tanh": (torch.tanh, lambda a: 1 - a * a),
    "relu": (torch.relu, lambda a: (a > 0).to(a.dtype)),
}
"""Each unit f and its derivative, written in terms of the activation a = f(z)."""


@final
class BPNetwork(nn.Module):
    """Fully connected layers, trained by the equations of back-propagation.

        forward    a_0 = x,  z_l = W_l a_{l-1} + b_l,  a_l = f(z_l);  the last layer gives z_L
        backward   delta_L = dE/dz_L
                   delta_{l-1} = (W_l^T delta_l) * f'(z_{l-1})
                   dE/dW_l = delta_l a_{l-1}^T,  dE/db_l = delta_l

    The loss E is the mean over the batch (over all steps with a target, when labelling) of

        mse             1/2 sum_k (sigmoid(z_k) - y_k)^2        delta = (sigmoid(z) - y) * sigmoid'(z)
        cross_entropy   -sum_k y_k ln softmax(z)_k              delta = softmax(z) - y
        regression      1/2 sum_k (z_k - y_k)^2                 delta = z - y

    where y is the class as a one-hot vector (smoothed, for cross_entropy) or the target vector.

    Args:
        sizes: number of units of every layer, input and output included.
        activation: f of the hidden layers: `sigmoid`, `tanh` or `relu`.
        loss: one of the three above.
        derivative: which derivative factors are kept: `full` is the true gradient, `no_output` leaves out sigmoid'(z_L),
            `no_hidden` leaves out f'(z_l) of all hidden layers, `none` leaves out both.
        init: `scaled_normal` N(0, 1/n), `scaled_uniform` U(-1/sqrt(n), 1/sqrt(n)) with n the layer's number of inputs, or
            `standard_normal` N(0, 1). Biases start at zero, or like the weights for `standard_normal`.
        per_step: whether inputs are sequences whose steps are treated one by one, without memory.
        num_tokens: number of tokens when inputs are indices, which become one-hot vectors; 0 for real inputs.

    Reference:
        Rumelhart, Hinton and Williams 1986; Goodfellow et al. 2016, algorithms 6.3 and 6.4.
    """

    show: Show | None = None

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: HiddenActivation = "sigmoid",
        loss: Loss = "mse",
        derivative: Derivative = "full",
        init: PerceptronInit = "scaled_normal",
        per_step: bool = False,
        num_tokens: int = 0,
    ) -> None:
        super().__init__()
        self.function, self.slope = ACTIVATIONS[activation]
        self.loss_name = loss
        self.keep_output = derivative in ("full", "no_hidden")
        self.keep_hidden = derivative in ("full", "no_output")
        self.per_step = per_step
        self.num_tokens = num_tokens
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in pairwise(sizes))
        for weight, bias in self._weights():
            _initialise(weight, bias, init)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - each step stands alone
        """The last layer's z: logits (batch, classes) or (batch, length, classes), or a vector (batch, size).

        Args:
            inputs: (batch, ...) float32 or, as tokens, (batch, length) int64.
            lengths: not needed: steps are treated one by one, or all sequences have the same length.
        """
        a = self._rows(inputs)
        return self._activations(a)[-1]

    def parts(self) -> Mapping[str, int]:
        """Units of each hidden layer."""
        return {f"unit_of_layer_{index}": len(weight) for index, (weight, _) in enumerate(self._weights()[:-1], 1)}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:
        """What a unit says goes no further."""
        above, _ = self._weights()[int(part.rpartition("_")[2])]
        return overwritten((above[:, number], 0.0))

    def loss(self, outputs: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
        """The mean loss of outputs that `forward` gave, shape (). Smoothing applies to cross_entropy only."""
        z, y, counted = self._flat(outputs, targets, label_smoothing)
        return self._error(z, y, counted)

    @torch.no_grad()
    def loss_and_gradients(
        self, inputs: Tensor, targets: Tensor, label_smoothing: float = 0.0, weight: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """One forward and one backward pass; adds the gradient of `weight` times the mean loss to every parameter's `grad`.

        Returns:
            The mean loss, shape (), not weighed, and the outputs, as `forward` gives them.
        """
        activations = self._activations(self._rows(inputs))
        outputs = activations[-1]
        z, y, counted = self._flat(outputs, targets, label_smoothing)
        delta = self._output_delta(z, y) * (counted * weight / counted.sum().clamp_min(1))[:, None]  # (N, K)
        layers = list(self._weights())
        for index in reversed(range(len(layers))):
            matrix, bias = layers[index]
            below = activations[index].flatten(0, -2)  # (N, n)
            _accumulate(matrix, delta.T @ below)
            _accumulate(bias, delta.sum(0))
            if index:
                delta = delta @ matrix
                if self.keep_hidden:
                    delta = delta * self.slope(below)
        return self._error(z, y, counted), outputs

    def _weights(self) -> list[tuple[Tensor, Tensor]]:
        return [(layer.weight, layer.bias) for layer in self.layers if isinstance(layer, nn.Linear)]

    def _rows(self, inputs: Tensor) -> Tensor:
        """Inputs as one vector per sample, (batch, n), or per step, (batch, length, n)."""
        dtype = self._weights()[0][0].dtype
        if self.num_tokens:
            inputs = F.one_hot(inputs, self.num_tokens)
        return inputs.flatten(2 if self.per_step else 1).to(dtype)

    def _activations(self, a: Tensor) -> list[Tensor]:
        """The input, every hidden layer's a, and the last layer's z."""
        activations = [a]
        layers = self._weights()
        for index, (weight, bias) in enumerate(layers):
            z = F.linear(activations[-1], weight, bias)  # a @ weight.T + bias in one go
            activations.append(z if index == len(layers) - 1 else self.function(z))
        if self.show is not None:
            for index, hidden in enumerate(activations[1:-1]):
                self.show(f"activations/layers.{index}", hidden)
        return activations

    def _flat(self, outputs: Tensor, targets: Tensor, label_smoothing: float) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs (N, K), what they should be (N, K), and 1 for every row that counts (N,)."""
        z = outputs.flatten(0, -2)
        if self.loss_name == "regression":
            return z, targets.flatten(0, -2).to(z.dtype), z.new_ones(len(z))
        classes = targets.flatten()
        counted = classes != IGNORED
        y = torch.zeros_like(z).scatter_(
            1, classes.where(counted, 0)[:, None], 1.0
        )  # one-hot, without F.one_hot's look at the values
        if self.loss_name == "cross_entropy" and label_smoothing:
            y = (1 - label_smoothing) * y + label_smoothing / z.shape[-1]
        return z, y, counted.to(z.dtype)

    def _error(self, z: Tensor, y: Tensor, counted: Tensor) -> Tensor:
        match self.loss_name:
            case "cross_entropy":
                each = -(y * z.log_softmax(-1)).sum(-1)
            case "mse":
                each = 0.5 * (z.sigmoid() - y).square().sum(-1)
            case "regression":
                each = 0.5 * (z - y).square().sum(-1)
        return (each * counted).sum() / counted.sum().clamp_min(1)

    def _output_delta(self, z: Tensor, y: Tensor) -> Tensor:
        """dE/dz of each row, before the mean; without the sigmoid's derivative if it is to be left out."""
        match self.loss_name:
            case "cross_entropy":
                return z.softmax(-1) - y
            case "regression":
                return z - y
            case "mse":
                a = z.sigmoid()
                return (a - y) * (a * (1 - a)) if self.keep_output else a - y


def _initialise(weight: Tensor, bias: Tensor, init: PerceptronInit) -> None:
    scale = weight.shape[1] ** -0.5
    match init:
        case "scaled_normal":
            nn.init.normal_(weight, std=scale)
            nn.init.zeros_(bias)
        case "scaled_uniform":
            nn.init.uniform_(weight, -scale, scale)
            nn.init.zeros_(bias)
        case "standard_normal":
            nn.init.normal_(weight)
            nn.init.normal_(bias)


def _accumulate(parameter: Tensor, gradient: Tensor) -> None:
    parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
