"""Kernels of the gated recurrent unit, with the reset gate after or before the product, and of the minimal gated unit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import Trace, half_tanh_, states_from, tanh_, weight_gradient

__all__ = ["run_gru_after", "run_gru_before", "run_mgu"]


class _After(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, start: Tensor, weight: Tensor, bias: Tensor, trace: Trace) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        size = start.shape[1]
        gates = projected.clone()  # sums of r and z; then the product U_n h + c_n, which the reset gate multiplies
        gates[..., 2 * size :] = bias
        states = states_from(start, len(projected))
        candidates = torch.empty_like(states[1:])
        steps, sums, ns = states.unbind(0), gates.unbind(0), candidates.unbind(0)
        opened, products = gates[..., : 2 * size].unbind(0), gates[..., 2 * size :].unbind(0)
        r, z = (part.unbind(0) for part in gates[..., : 2 * size].chunk(2, -1))
        transposed = weight.T
        for t, p in enumerate(projected[..., 2 * size :].unbind(0)):
            sums[t].addmm_(steps[t], transposed)
            opened[t].sigmoid_()
            tanh_(torch.addcmul(p, r[t], products[t], out=ns[t]))
            torch.lerp(ns[t], steps[t], z[t], out=steps[t + 1])
        ctx.save_for_backward(gates, states, candidates, weight)
        ctx.trace = trace
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        gates, states, n, weight = ctx.saved_tensors
        r, z, product = gates.chunk(3, -1)
        slopes = gates.new_empty((*n.shape[:2], 3, n.shape[-1]))  # by what to multiply dL/dh_t for the three products
        to_sum_n = (1 - z).mul_(1 - n * n)
        torch.mul(to_sum_n * product, r * (1 - r), out=slopes[:, :, 0])
        torch.mul(states[:-1] - n, z * (1 - z), out=slopes[:, :, 1])
        torch.mul(to_sum_n, r, out=slopes[:, :, 2])
        total = gradient.clone(memory_format=torch.contiguous_format)
        totals, kept = total.unbind(0), z.unbind(0)
        steps, flat = slopes.unbind(0), slopes.flatten(2).unbind(0)
        for t in range(len(totals) - 1, 0, -1):
            steps[t].mul_(totals[t][:, None])
            totals[t - 1].addcmul_(totals[t], kept[t]).addmm_(flat[t], weight)
        steps[0].mul_(totals[0][:, None])
        to_start = torch.addmm(totals[0] * kept[0], flat[0], weight)
        ctx.trace.keep(total)
        to_products = slopes.flatten(2)
        to_bias = slopes[:, :, 2].sum((0, 1))
        to_weight = weight_gradient(to_products, states[:-1])
        to_projected = torch.cat((to_products[..., : 2 * n.shape[-1]], to_sum_n.mul_(total)), -1)
        return to_projected, to_start, to_weight, to_bias, None


def run_gru_after(projected: Tensor, start: Tensor, weight: Tensor, bias: Tensor, trace: Trace) -> Tensor:
    """All steps with the reset gate after the product; the equations are those of `GRULayer`.

    Args:
        projected: what the input gives to r, z, n, with all biases but c_n, (T, B, 3 H). Plus infinity opens a gate for good,
            minus infinity shuts it.
        start: h_0, (B, H).
        weight: U of r, z, n, (3 H, H).
        bias: c_n, (H,).
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _After.apply(projected, start, weight, bias, trace)  # type: ignore[no-untyped-call]  # torch's
    return states


class _Before(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, start: Tensor, to_gates: Tensor, to_candidate: Tensor, trace: Trace) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        size = start.shape[1]
        states = states_from(start, len(projected))
        gates = torch.empty_like(projected[..., :-size])
        seen, candidates = torch.empty_like(states[1:]), torch.empty_like(states[1:])
        steps, sums, seen_steps, ns = states.unbind(0), gates.unbind(0), seen.unbind(0), candidates.unbind(0)
        r, renewed = gates[..., :size].unbind(0), gates[..., -size:].unbind(0)
        tied = gates.shape[-1] == size  # a minimal gated unit: one gate does both, and z is 1 - r
        for t, (p, p_n) in enumerate(zip(projected[..., :-size].unbind(0), projected[..., -size:].unbind(0), strict=True)):
            torch.addmm(p, steps[t], to_gates.T, out=sums[t]).sigmoid_()
            torch.mul(r[t], steps[t], out=seen_steps[t])
            half_tanh_(torch.addmm(p_n, seen_steps[t], to_candidate.T, beta=-2, alpha=-2, out=ns[t]))
            if tied:
                torch.lerp(steps[t], ns[t], r[t], out=steps[t + 1])
            else:
                torch.lerp(ns[t], steps[t], renewed[t], out=steps[t + 1])
        ctx.save_for_backward(gates, states, seen, candidates, to_gates, to_candidate)
        ctx.tied, ctx.trace = tied, trace
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        gates, states, seen, n, to_gates, to_candidate = ctx.saved_tensors
        size, tied, before = n.shape[-1], ctx.tied, states[:-1]
        r, z = gates[..., :size], 1 - gates if tied else gates[..., size:]
        slope_n = (1 - z).mul_(1 - n * n)
        slope_r = before * (r * (1 - r))
        slope_z = torch.mul(n - before if tied else before - n, gates[..., -size:] * (1 - gates[..., -size:]))
        total = gradient.clone(memory_format=torch.contiguous_format)
        to_sums, to_n = torch.empty_like(gates), slope_n
        totals, kept, reset = total.unbind(0), z.unbind(0), r.unbind(0)
        slopes_r, slopes_z, steps_n, steps = slope_r.unbind(0), slope_z.unbind(0), to_n.unbind(0), to_sums.unbind(0)
        to_start = torch.zeros_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            to_seen = torch.mm(steps_n[t].mul_(totals[t]), to_candidate)
            torch.mul(slopes_z[t], totals[t], out=steps[t][:, -size:])
            if tied:
                steps[t].addcmul_(slopes_r[t], to_seen)
            else:
                torch.mul(slopes_r[t], to_seen, out=steps[t][:, :size])
            earlier = totals[t - 1] if t else to_start
            earlier.addcmul_(totals[t], kept[t]).addcmul_(to_seen, reset[t]).addmm_(steps[t], to_gates)
        ctx.trace.keep(total)
        to_projected = torch.cat((to_sums, to_n), -1)
        return to_projected, to_start, weight_gradient(to_sums, before), weight_gradient(to_n, seen), None


def run_gru_before(projected: Tensor, start: Tensor, weight: Tensor, trace: Trace) -> Tensor:
    """All steps with the reset gate before the product; the equations are those of `GRULayer`.

    Args:
        projected: what the input gives to r, z, n, with all biases, (T, B, 3 H); infinite as in `run_gru_after`.
        start: h_0, (B, H).
        weight: U of r, z, n, (3 H, H).
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    size = start.shape[1]
    states: Tensor = _Before.apply(projected, start, weight[: 2 * size], weight[2 * size :], trace)  # type: ignore[no-untyped-call]  # torch's
    return states


def run_mgu(projected: Tensor, start: Tensor, weight: Tensor, trace: Trace) -> Tensor:
    """All steps of a minimal gated unit; the equations are those of `MGULayer`.

    Args:
        projected: what the input gives to f, n, with all biases, (T, B, 2 H).
        start: h_0, (B, H).
        weight: U of f, n, (2 H, H).
        trace: where the gradients of the states are kept.

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    size = start.shape[1]
    states: Tensor = _Before.apply(projected, start, weight[:size], weight[size:], trace)  # type: ignore[no-untyped-call]  # torch's
    return states
