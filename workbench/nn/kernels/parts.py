"""What a kernel's backward pass leaves behind, and the products that all kernels share."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["Trace", "half_tanh_", "one_minus_twice_", "states_from", "tanh_", "weight_gradient"]

_ONE = torch.ones(())


class Trace:
    """Keeps the gradient of every state of the last backward pass, which a kernel has in hand anyway.

    Attributes:
        gradient: dL/dh_t with everything that follows from h_t, (batch, length, hidden_size); None before the first pass.
    """

    def __init__(self) -> None:
        self.gradient: Tensor | None = None

    def keep(self, total: Tensor) -> None:
        """Take note of the gradients (T, B, H); no copy is made."""
        self.gradient = total.transpose(0, 1)


def states_from(start: Tensor, num_steps: int) -> Tensor:
    """Room for a state and those of all steps after it, (T + 1, B, H), the first filled in."""
    states = start.new_empty((num_steps + 1, *start.shape))
    states[0] = start
    return states


def tanh_(x: Tensor) -> Tensor:
    """The tanh in place, as 1 - 2 sigmoid(-2 x): on a CPU less than half the time of torch's.

    Off by at most 2e-7 in single precision, of a result between -1 and 1.
    """
    return half_tanh_(x.mul_(-2))


def half_tanh_(x: Tensor) -> Tensor:
    """tanh(-x / 2) in place, for where the factor -2 came for nothing with a product."""
    return one_minus_twice_(x.sigmoid_())


def one_minus_twice_(x: Tensor) -> Tensor:
    """1 - 2 x in place and in one go."""
    return torch.sub(_ONE if x.is_cpu else _ONE.to(x.device), x, alpha=2, out=x)


def weight_gradient(to_products: Tensor, states: Tensor) -> Tensor:
    """Gradient of U, where each step had the product U h, as one product over all steps: (G, H).

    Args:
        to_products: gradient of every product, (T, B, G).
        states: every h, (T, B, H).
    """
    return torch.mm(to_products.flatten(0, 1).T, states.flatten(0, 1))
