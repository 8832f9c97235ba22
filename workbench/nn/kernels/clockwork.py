"""Kernel of the clockwork network: at each step only the units that tick are computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import input_gradients, rows, states_from, tanh_slope, weight_gradient

__all__ = ["Span", "run_clockwork", "ticking"]

Span: TypeAlias = tuple[int, int]
"""Neighbouring units, from the first to before the second."""


def ticking(modules: Sequence[tuple[int, Span]], first_step: int, num_steps: int) -> list[list[Span]]:
    """For each step the units that tick, in spans as long as can be; where the periods divide each other it is one span.

    Args:
        modules: period in steps and units of each module, in the order of the units.
        first_step: number of the first step.
        num_steps: number of steps.
    """
    spans_at: list[list[Span]] = []
    for t in range(first_step, first_step + num_steps):
        spans: list[Span] = []
        for period, (start, stop) in modules:
            if t % period == 0:
                joined = bool(spans) and spans[-1][1] == start
                spans.append((spans.pop()[0] if joined else start, stop))
        spans_at.append(spans)
    return spans_at


class _Clockwork(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any,
        inputs: Tensor,
        start: Tensor,
        to_input: Tensor,
        bias: Tensor,
        to_state: Tensor,
        spans: Sequence[Sequence[Span]],
    ) -> Tensor:
        states = states_from(start, len(inputs))
        sums = torch.addmm(bias, rows(inputs), to_input.T).view_as(states[1:]).unbind(0)
        steps, weight = states.unbind(0), to_state.T
        transposed: dict[Span, Tensor] = {}
        for p, before, after, now in zip(sums, steps[:-1], steps[1:], spans, strict=True):
            after.copy_(before)
            for span in now:
                units = slice(*span)
                if span not in transposed:
                    transposed[span] = weight[:, units].contiguous()
                torch.addmm(p[:, units], before, transposed[span], out=after[:, units]).tanh_()
        ctx.save_for_backward(inputs, states, to_input, to_state)
        ctx.spans = spans
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, states, to_input, to_state = ctx.saved_tensors
        total = gradient.clone(memory_format=torch.contiguous_format)
        to_sums = torch.zeros_like(total)
        totals, after, steps = total.unbind(0), states[1:].unbind(0), to_sums.unbind(0)
        to_start = torch.zeros_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            earlier = totals[t - 1] if t else to_start
            for start, stop in pairwise((0, *chain(*ctx.spans[t]), gradient.shape[-1])):
                units = slice(start, stop)
                later = totals[t][:, units]
                if (start, stop) in ctx.spans[t]:
                    earlier.addmm_(tanh_slope(later, after[t][:, units], steps[t][:, units]), to_state[units])
                elif start < stop:
                    earlier[:, units].add_(later)
        to_inputs, to_weight, to_bias = input_gradients((to_sums,), inputs, to_input, needed=ctx.needs_input_grad[0])
        return to_inputs, to_start, to_weight, to_bias, weight_gradient(to_sums, states[:-1]), None


def run_clockwork(
    inputs: Tensor,
    start: Tensor,
    weights: tuple[Tensor, Tensor, Tensor],
    spans: Sequence[Sequence[Span]],
) -> Tensor:
    """h_t = tanh(W x_t + b + U h_{t-1}) for the units that tick at t; the others stand still.

    Args:
        inputs: x, (T, B, F).
        start: h_0, (B, H).
        weights: W, (H, F); b, (H,); U, (H, H), with zeros where there is no connection.
        spans: the units that tick at each step, as `ticking` gives them.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Clockwork.apply(inputs, start, *weights, spans)  # type: ignore[no-untyped-call]  # torch's
    return states
