"""Kernel of the recurrence with weights of their own for each step: h_t = tanh(p_t + U_t h_{t-1})."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import states_from, tanh_slope

__all__ = ["run_untied"]


class _Untied(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, start: Tensor, to_state: Tensor) -> Tensor:
        states = states_from(start, len(projected))
        steps = states.unbind(0)
        for p, before, weight, after in zip(projected.unbind(0), steps[:-1], to_state.mT.unbind(0), steps[1:], strict=True):
            torch.addmm(p, before, weight, out=after).tanh_()
        ctx.save_for_backward(states, to_state)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, to_state = ctx.saved_tensors
        total = gradient.clone(memory_format=torch.contiguous_format)
        to_sums = torch.empty_like(total)
        after, steps, totals, weights = (values.unbind(0) for values in (states[1:], to_sums, total, to_state))
        for t in range(len(totals) - 1, 0, -1):
            totals[t - 1].addmm_(tanh_slope(totals[t], after[t], steps[t]), weights[t])
        to_start = torch.mm(tanh_slope(totals[0], after[0], steps[0]), weights[0])
        return to_sums, to_start, torch.bmm(to_sums.mT, states[:-1])


def run_untied(projected: Tensor, start: Tensor, to_state: Tensor) -> Tensor:
    """h_t = tanh(p_t + U_t h_{t-1}).

    Args:
        projected: p, (T, B, H).
        start: h_0, (B, H).
        to_state: all U_t, (T, H, H).

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Untied.apply(projected, start, to_state)  # type: ignore[no-untyped-call]  # torch's
    return states
