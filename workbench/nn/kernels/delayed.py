"""Kernel of the recurrence with a second, longer connection: h_t = tanh(W x_t + b + U h_{t-1} + V h_{t-d})."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import input_gradients, rows, tanh_slope, weight_gradient

__all__ = ["run_delayed"]


class _Delayed(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any, inputs: Tensor, past: Tensor, to_input: Tensor, bias: Tensor, short: Tensor, long: Tensor
    ) -> Tensor:
        num_steps, delay = len(inputs), len(past)
        states = past.new_empty((delay + num_steps, *past.shape[1:]))  # h_t stands at d + t, h_{t-d} at t
        states[:delay] = past
        torch.addmm(bias, rows(inputs), to_input.T, out=rows(states[delay:]))
        steps, transposed, skipping = states.unbind(0), short.T.contiguous(), long.T
        for first in range(0, num_steps, delay):  # what comes from d steps ago is known for d steps at once
            last = min(first + delay, num_steps)
            rows(states[delay + first : delay + last]).addmm_(rows(states[first:last]), skipping)
            for t in range(delay + first, delay + last):
                steps[t].addmm_(steps[t - 1], transposed).tanh_()
        ctx.save_for_backward(inputs, states, to_input, short, long)
        ctx.delay = delay
        return states[delay:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, states, to_input, short, long = ctx.saved_tensors
        delay, num_steps = ctx.delay, len(gradient)
        total = torch.cat((gradient.new_zeros((delay, *gradient.shape[1:])), gradient))  # (d + T, B, H)
        to_sums = torch.empty_like(total[delay:])
        steps, totals, after = to_sums.unbind(0), total.unbind(0), states.unbind(0)
        for first in reversed(range(0, num_steps, delay)):
            last = min(first + delay, num_steps)
            for t in range(last - 1, first - 1, -1):
                totals[delay + t - 1].addmm_(tanh_slope(totals[delay + t], after[delay + t], steps[t]), short)
            rows(total[first:last]).addmm_(rows(to_sums[first:last]), long)
        to_short = weight_gradient(to_sums, states[delay - 1 : -1])
        to_long = weight_gradient(to_sums, states[:num_steps])
        to_inputs, to_weight, to_bias = input_gradients((to_sums,), inputs, to_input, needed=ctx.needs_input_grad[0])
        return to_inputs, total[:delay], to_weight, to_bias, to_short, to_long


def run_delayed(inputs: Tensor, past: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """h_t = tanh(W x_t + b + U h_{t-1} + V h_{t-d}); the products with V are done for d steps at once.

    Args:
        inputs: x, (T, B, F).
        past: the d states before the first step, oldest first, (d, B, H).
        weights: W, (H, F); b, (H,); U, (H, H); V, (H, H).

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Delayed.apply(inputs, past, *weights)  # type: ignore[no-untyped-call]  # torch's
    return states
