"""Kernels of the plain and the leaky recurrence: h_t = f(W x_t + b + U h_{t-1}), and a share of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import input_gradients, rows, states_from, tanh_slope, weight_gradient
from workbench.nn.names import RecurrentActivation

__all__ = ["run_elman", "run_leaky"]


class _Elman(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any,
        inputs: Tensor,
        start: Tensor,
        to_input: Tensor,
        bias: Tensor,
        to_state: Tensor,
        activation: RecurrentActivation,
    ) -> Tensor:
        states = states_from(start, len(inputs))
        torch.addmm(bias, rows(inputs), to_input.T, out=rows(states[1:]))
        steps, transposed = states.unbind(0), to_state.T.contiguous()
        for before, after in pairwise(steps):
            after.addmm_(before, transposed)
            if activation == "tanh":
                after.tanh_()
            elif activation == "relu":
                torch.relu_(after)
        ctx.save_for_backward(inputs, states, to_input, to_state)
        ctx.activation = activation
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, states, to_input, to_state = ctx.saved_tensors
        total = gradient.clone(memory_format=torch.contiguous_format)
        match ctx.activation:
            case "tanh":
                to_sums = torch.empty_like(total)
            case "relu":
                to_sums = (states[1:] > 0).to(total.dtype)
            case _:
                to_sums = torch.ones_like(total)
        after, steps, totals = states[1:].unbind(0), to_sums.unbind(0), total.unbind(0)
        to_start = torch.empty_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            to_sum = tanh_slope(totals[t], after[t], steps[t]) if ctx.activation == "tanh" else steps[t].mul_(totals[t])
            if t:
                totals[t - 1].addmm_(to_sum, to_state)
            else:
                torch.mm(to_sum, to_state, out=to_start)
        to_inputs, to_weight, to_bias = input_gradients((to_sums,), inputs, to_input, needed=ctx.needs_input_grad[0])
        return to_inputs, to_start, to_weight, to_bias, weight_gradient(to_sums, states[:-1]), None


def run_elman(
    inputs: Tensor,
    start: Tensor,
    weights: tuple[Tensor, Tensor, Tensor],
    activation: RecurrentActivation,
) -> Tensor:
    """h_t = f(W x_t + b + U h_{t-1}).

    Args:
        inputs: x, (T, B, F).
        start: h_0, (B, H).
        weights: W, (H, F); b, (H,); U, (H, H).
        activation: f.

    Returns:
        h_1 ... h_T, (T, B, H).

    Reference:
        Goodfellow et al. 2016, eq. 10.8-10.9 forwards and 10.17-10.28 backwards.
    """
    states: Tensor = _Elman.apply(inputs, start, *weights, activation)  # type: ignore[no-untyped-call]  # torch's
    return states


class _Leaky(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any, inputs: Tensor, start: Tensor, to_input: Tensor, bias: Tensor, to_state: Tensor, rate: Tensor
    ) -> Tensor:
        states = states_from(start, len(inputs))
        candidates = torch.empty_like(states[1:])
        torch.addmm(bias, rows(inputs), to_input.T, out=rows(candidates))
        steps, transposed = states.unbind(0), to_state.T.contiguous()
        for n, before, after in zip(candidates.unbind(0), steps[:-1], steps[1:], strict=True):
            n.addmm_(before, transposed).tanh_()
            torch.lerp(before, n, rate, out=after)
        ctx.save_for_backward(inputs, states, candidates, to_input, to_state, rate)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, states, candidates, to_input, to_state, rate = ctx.saved_tensors
        to_sums = torch.addcmul(rate, candidates * rate, candidates, value=-1)  # a (1 - n^2), and then times dL/dh_t
        total = gradient.clone(memory_format=torch.contiguous_format)
        steps, totals, share_kept = to_sums.unbind(0), total.unbind(0), 1 - rate
        to_start = torch.zeros_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            earlier = totals[t - 1] if t else to_start
            earlier.addcmul_(totals[t], share_kept).addmm_(steps[t].mul_(totals[t]), to_state)
        to_rate = (candidates - states[:-1]).mul_(total).sum((0, 1)) if ctx.needs_input_grad[5] else None
        to_inputs, to_weight, to_bias = input_gradients((to_sums,), inputs, to_input, needed=ctx.needs_input_grad[0])
        return to_inputs, to_start, to_weight, to_bias, weight_gradient(to_sums, states[:-1]), to_rate


def run_leaky(inputs: Tensor, start: Tensor, weights: tuple[Tensor, Tensor, Tensor], rate: Tensor) -> Tensor:
    """h_t = (1 - a) * h_{t-1} + a * tanh(W x_t + b + U h_{t-1}).

    Args:
        inputs: x, (T, B, F).
        start: h_0, (B, H).
        weights: W, (H, F); b, (H,); U, (H, H).
        rate: a, the share that is renewed at each step, from 0 to 1, (H,).

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Leaky.apply(inputs, start, *weights, rate)  # type: ignore[no-untyped-call]  # torch's
    return states
