"""What all kernels share: products over all steps, activations in place."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = [
    "InputGradients",
    "input_gradients",
    "rows",
    "sigmoid_slope",
    "states_from",
    "tanh_slope",
    "weight_gradient",
]

InputGradients = tuple[Tensor | None, Tensor, Tensor]
"""Gradients of the inputs (None where nobody asks for them), of W and of the bias."""


def rows(steps: Tensor) -> Tensor:
    """(T, B, G) -> (T B, G), for one product over all steps."""
    return steps.reshape(-1, steps.shape[-1])


def states_from(start: Tensor, num_steps: int) -> Tensor:
    """Room for a state and those of all steps after it, (T + 1, B, H), the first filled in."""
    states = start.new_empty((num_steps + 1, *start.shape))
    states[0] = start
    return states


def sigmoid_slope(factor: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    """The slope of a sigmoid y times a factor, factor * y (1 - y), in one go."""
    out = torch.empty_like(y) if out is None else out
    slope: Tensor = torch.ops.aten.sigmoid_backward.grad_input(factor, y, grad_input=out)
    return slope


def tanh_slope(factor: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    """The slope of a tanh y times a factor, factor * (1 - y^2), in one go."""
    out = torch.empty_like(y) if out is None else out
    slope: Tensor = torch.ops.aten.tanh_backward.grad_input(factor, y, grad_input=out)
    return slope


def weight_gradient(to_products: Tensor, states: Tensor) -> Tensor:
    """Gradient of U, where each step had the product U h, as one product over all steps: (G, H).

    Args:
        to_products: gradient of every product, (T, B, G).
        states: every h, (T, B, H).
    """
    return torch.mm(rows(states).T, rows(to_products)).T  # on a CPU a tenth faster than the other way round


def input_gradients(to_sums: Sequence[Tensor], inputs: Tensor, weight: Tensor, *, needed: bool) -> InputGradients:
    """The gradients of inputs, W and bias, where each step had the sums W x + b.

    Args:
        to_sums: gradient of every sum, (T, B, G), in blocks along G as the kernel has them.
        inputs: every x, (T, B, F).
        weight: W, (G, F).
        needed: whether anybody asks for the gradient of the inputs.
    """
    to_weight = torch.cat([weight_gradient(block, inputs) for block in to_sums])
    to_bias = torch.cat([rows(block).sum(0) for block in to_sums])
    if not needed:
        return None, to_weight, to_bias
    to_inputs = torch.zeros(inputs.shape, dtype=inputs.dtype, device=inputs.device)
    for block, part in zip(to_sums, torch.split(weight, [block.shape[-1] for block in to_sums]), strict=True):
        rows(to_inputs).addmm_(rows(block), part)
    return to_inputs, to_weight, to_bias
