"""Kernel of the recurrence with a second, longer connection: h_t = tanh(p_t + U h_{t-1} + V h_{t-d})."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import Trace, half_tanh_, weight_gradient

__all__ = ["run_delayed"]


class _Delayed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, past: Tensor, short: Tensor, long: Tensor, trace: Trace) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        num_steps, delay = len(projected), len(past)
        states = torch.cat((past, torch.empty_like(projected)))  # (d + T, B, H); h_t stands at d + t, h_{t-d} at t
        transposed = short.T
        for first in range(0, num_steps, delay):  # what comes from d steps ago is known for d steps at once
            size = min(delay, num_steps - first)
            sums = torch.matmul(states[first : first + size], long.T).add_(projected[first : first + size])
            known = states[delay + first - 1 : delay + first + size].unbind(0)
            for p, before, after in zip(sums.unbind(0), known[:-1], known[1:], strict=True):
                half_tanh_(torch.addmm(p, before, transposed, beta=-2, alpha=-2, out=after))
        ctx.save_for_backward(states, short, long)
        ctx.delay, ctx.trace = delay, trace
        return states[delay:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        states, short, long = ctx.saved_tensors
        delay, num_steps = ctx.delay, len(gradient)
        total = torch.cat((gradient.new_zeros((delay, *gradient.shape[1:])), gradient))  # (d + T, B, H)
        slope = states[delay:].square().neg_().add_(1)
        slopes, totals = slope.unbind(0), total.unbind(0)
        starts = range(0, num_steps, delay)
        for first in reversed(starts):
            size = min(delay, num_steps - first)
            for t in range(first + size - 1, first - 1, -1):
                to_sum = slopes[t].mul_(totals[delay + t])
                totals[delay + t - 1].addmm_(to_sum, short)
            total[first : first + size] += torch.matmul(slope[first : first + size], long)
        ctx.trace.keep(total[delay:])
        to_short = weight_gradient(slope, states[delay - 1 : -1])
        to_long = weight_gradient(slope, states[:num_steps])
        return slope, total[:delay], to_short, to_long, None


def run_delayed(projected: Tensor, past: Tensor, short: Tensor, long: Tensor, trace: Trace) -> Tensor:
    """h_t = tanh(p_t + U h_{t-1} + V h_{t-d}); the products with V are done for d steps at once.

    Args:
        projected: p, (T, B, H).
        past: the d states before the first step, oldest first, (d, B, H).
        short: U, (H, H).
        long: V, (H, H).
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Delayed.apply(projected, past, short, long, trace)  # type: ignore[no-untyped-call]  # torch's
    return states
