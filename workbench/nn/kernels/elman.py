"""Kernels of the plain and the leaky recurrence: h_t = f(p_t + U h_{t-1}), and a share of it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import Trace, half_tanh_, states_from, weight_gradient

__all__ = ["Activation", "run_elman", "run_leaky"]

Activation: TypeAlias = Literal["tanh", "relu", "identity"]


class _Elman(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, start: Tensor, weight: Tensor, activation: Activation, trace: Trace) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        states = states_from(start, len(projected))
        steps = states.unbind(0)
        transposed = weight.T
        factor = -2 if activation == "tanh" else 1
        for p, before, after in zip(projected.unbind(0), steps[:-1], steps[1:], strict=True):
            torch.addmm(p, before, transposed, beta=factor, alpha=factor, out=after)
            if activation == "tanh":
                half_tanh_(after)
            elif activation == "relu":
                torch.relu_(after)
        ctx.save_for_backward(states, weight)
        ctx.activation, ctx.trace = activation, trace
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        states, weight = ctx.saved_tensors
        after = states[1:]
        match ctx.activation:
            case "tanh":
                slope = after.square().neg_().add_(1)
            case "relu":
                slope = (after > 0).to(after.dtype)
            case _:
                slope = torch.ones_like(after)
        total = gradient.clone(memory_format=torch.contiguous_format)
        slopes, totals = slope.unbind(0), total.unbind(0)
        for t in range(len(totals) - 1, 0, -1):
            to_sum = slopes[t].mul_(totals[t])  # from here on the gradient of the step's sum stands where its slope was
            totals[t - 1].addmm_(to_sum, weight)
        to_start = torch.mm(slopes[0].mul_(totals[0]), weight)
        ctx.trace.keep(total)
        return slope, to_start, weight_gradient(slope, states[:-1]), None, None


def run_elman(projected: Tensor, start: Tensor, weight: Tensor, activation: Activation, trace: Trace) -> Tensor:
    """h_t = f(p_t + U h_{t-1}).

    Args:
        projected: p, (T, B, H).
        start: h_0, (B, H).
        weight: U, (H, H).
        activation: f.
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).

    Reference:
        Goodfellow et al. 2016, eq. 10.8-10.9 forwards and 10.17-10.28 backwards.
    """
    states: Tensor = _Elman.apply(projected, start, weight, activation, trace)  # type: ignore[no-untyped-call]  # torch's
    return states


class _Leaky(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, start: Tensor, weight: Tensor, rate: Tensor, trace: Trace) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        states = states_from(start, len(projected))
        candidates = torch.empty_like(projected)
        steps = states.unbind(0)
        transposed = weight.T
        rates = rate.expand(len(projected), -1).unbind(0)
        for p, n, a, before, after in zip(projected.unbind(0), candidates.unbind(0), rates, steps[:-1], steps[1:], strict=True):
            half_tanh_(torch.addmm(p, before, transposed, beta=-2, alpha=-2, out=n))
            torch.lerp(before, n, a, out=after)
        ctx.save_for_backward(states, candidates, weight, rate)
        ctx.trace = trace
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor | None, None]:
        states, candidates, weight, rate = ctx.saved_tensors
        slope = candidates.square().neg_().add_(1).mul_(rate[:, None])
        total = gradient.clone(memory_format=torch.contiguous_format)
        slopes, totals = slope.unbind(0), total.unbind(0)
        kept = (1 - rate).expand(len(totals), -1).unbind(0)
        for t in range(len(totals) - 1, 0, -1):
            to_sum = slopes[t].mul_(totals[t])
            totals[t - 1].addcmul_(totals[t], kept[t]).addmm_(to_sum, weight)
        to_start = torch.addmm(totals[0] * kept[0], slopes[0].mul_(totals[0]), weight)
        to_rate = None
        if ctx.needs_input_grad[3]:
            to_rate = (candidates - states[:-1]).mul_(total).sum(1).sum_to_size(rate.shape)
        ctx.trace.keep(total)
        return slope, to_start, weight_gradient(slope, states[:-1]), to_rate, None


def run_leaky(projected: Tensor, start: Tensor, weight: Tensor, rate: Tensor, trace: Trace) -> Tensor:
    """h_t = (1 - a_t) * h_{t-1} + a_t * tanh(p_t + U h_{t-1}).

    Args:
        projected: p, (T, B, H).
        start: h_0, (B, H).
        weight: U, (H, H).
        rate: a, the share that is renewed, from 0 to 1: (1, H) for one that stays, (T, H) for one that changes with time.
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Leaky.apply(projected, start, weight, rate, trace)  # type: ignore[no-untyped-call]  # torch's
    return states
