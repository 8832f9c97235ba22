"""Kernels of the gated recurrent unit, with the reset gate after or before the product, and of the minimal gated unit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import (
    input_gradients,
    rows,
    sigmoid_slope,
    states_from,
    tanh_slope,
    weight_gradient,
)

__all__ = ["run_gru_after", "run_gru_before"]


class _After(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any, inputs: Tensor, start: Tensor, to_input: Tensor, bias: Tensor, to_state: Tensor, inner: Tensor
    ) -> Tensor:
        num_steps, size = len(inputs), start.shape[1]
        states = states_from(start, num_steps)
        gates = states.new_empty((num_steps, len(start), 3 * size))  # sums of r and z; then U_n h + c_n, which r multiplies
        candidates = torch.empty_like(states[1:])
        flat = rows(inputs)
        torch.addmm(bias[: 2 * size], flat, to_input[: 2 * size].T, out=rows(gates)[:, : 2 * size])
        torch.addmm(bias[2 * size :], flat, to_input[2 * size :].T, out=rows(candidates))
        gates[..., 2 * size :] = inner
        steps, sums, opened = states.unbind(0), gates.unbind(0), gates[..., : 2 * size].unbind(0)
        transposed = to_state.T.contiguous()
        r, z, products = (part.unbind(0) for part in gates.chunk(3, -1))
        for t, n in enumerate(candidates.unbind(0)):
            sums[t].addmm_(steps[t], transposed)
            opened[t].sigmoid_()
            n.addcmul_(r[t], products[t]).tanh_()
            torch.lerp(n, steps[t], z[t], out=steps[t + 1])
        ctx.save_for_backward(inputs, gates, states, candidates, to_input, to_state)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, gates, states, n, to_input, to_state = ctx.saved_tensors
        r, z, product = gates.chunk(3, -1)
        to_products = torch.empty_like(gates)  # first by what to multiply dL/dh_t for the three products
        to_r, to_z, to_inner = to_products.chunk(3, -1)
        to_n = tanh_slope(1 - z, n)
        sigmoid_slope(to_n * product, r, to_r)
        sigmoid_slope(states[:-1] - n, z, to_z)
        torch.mul(to_n, r, out=to_inner)
        total = gradient.clone(memory_format=torch.contiguous_format)
        totals, update, products = total.unbind(0), z.unbind(0), to_products.unbind(0)
        parts = tuple(zip(to_r.unbind(0), to_z.unbind(0), to_inner.unbind(0), strict=True))
        to_start = torch.zeros_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            later, earlier = totals[t], totals[t - 1] if t else to_start
            for part in parts[t]:
                part.mul_(later)
            earlier.addcmul_(later, update[t]).addmm_(products[t], to_state)
        to_gates = to_products[..., : 2 * n.shape[-1]]
        to_inputs, to_weight, to_bias = input_gradients(
            (to_gates, to_n.mul_(total)), inputs, to_input, needed=ctx.needs_input_grad[0]
        )
        to_recurrent = weight_gradient(to_products, states[:-1])
        return to_inputs, to_start, to_weight, to_bias, to_recurrent, rows(to_inner).sum(0)


def run_gru_after(inputs: Tensor, start: Tensor, weights: tuple[Tensor, Tensor, Tensor], inner_bias: Tensor) -> Tensor:
    """All steps with the reset gate after the product; the equations are those of `GRULayer`.

    Args:
        inputs: x, (T, B, F).
        start: h_0, (B, H).
        weights: W, b, U of r, z, n: (3 H, F); (3 H,), all biases but c_n, where plus infinity opens a gate for good and minus
            infinity shuts it; (3 H, H).
        inner_bias: c_n, (H,).

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _After.apply(inputs, start, *weights, inner_bias)  # type: ignore[no-untyped-call]  # torch's
    return states


class _Before(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any, inputs: Tensor, start: Tensor, to_input: Tensor, bias: Tensor, to_state: Tensor
    ) -> Tensor:
        size = start.shape[1]
        states = states_from(start, len(inputs))
        seen, candidates = torch.empty_like(states[1:]), torch.empty_like(states[1:])
        flat = rows(inputs)
        gates = torch.addmm(bias[:-size], flat, to_input[:-size].T).view(*inputs.shape[:2], -1)
        torch.addmm(bias[-size:], flat, to_input[-size:].T, out=rows(candidates))
        steps, sums, seen_steps = states.unbind(0), gates.unbind(0), seen.unbind(0)
        r, last = gates[..., :size].unbind(0), gates[..., -size:].unbind(0)
        to_gates, to_candidate = to_state[:-size].T.contiguous(), to_state[-size:].T.contiguous()
        tied = gates.shape[-1] == size  # a minimal gated unit: one gate does both, and z is 1 - r
        for t, n in enumerate(candidates.unbind(0)):
            before = steps[t]
            sums[t].addmm_(before, to_gates).sigmoid_()
            torch.mul(r[t], before, out=seen_steps[t])
            n.addmm_(seen_steps[t], to_candidate).tanh_()
            old, new = (before, n) if tied else (n, before)
            torch.lerp(old, new, last[t], out=steps[t + 1])
        ctx.save_for_backward(inputs, gates, states, seen, candidates, to_input, to_state)
        ctx.tied = tied
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, gates, states, seen, n, to_input, to_state = ctx.saved_tensors
        size, tied, before = n.shape[-1], ctx.tied, states[:-1]
        r, z = gates[..., :size], 1 - gates if tied else gates[..., size:]
        to_n = tanh_slope(r if tied else 1 - z, n)
        slope_r = sigmoid_slope(before, r)
        to_sums = torch.empty_like(gates)
        sigmoid_slope(n - before if tied else before - n, gates[..., -size:], to_sums[..., -size:])
        total = gradient.clone(memory_format=torch.contiguous_format)
        totals, update, reset, slopes_r = total.unbind(0), z.unbind(0), r.unbind(0), slope_r.unbind(0)
        to_r, to_z, steps_n = to_sums[..., :size].unbind(0), to_sums[..., -size:].unbind(0), to_n.unbind(0)
        sums, to_gates, to_candidate = to_sums.unbind(0), to_state[:-size], to_state[-size:]
        to_start, to_seen = torch.zeros_like(totals[0]), torch.empty_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            later, earlier = totals[t], totals[t - 1] if t else to_start
            torch.mm(steps_n[t].mul_(later), to_candidate, out=to_seen)
            to_z[t].mul_(later)
            if tied:
                to_z[t].addcmul_(slopes_r[t], to_seen)
            else:
                torch.mul(slopes_r[t], to_seen, out=to_r[t])
            earlier.addcmul_(later, update[t]).addcmul_(to_seen, reset[t]).addmm_(sums[t], to_gates)
        to_inputs, to_weight, to_bias = input_gradients((to_sums, to_n), inputs, to_input, needed=ctx.needs_input_grad[0])
        to_recurrent = torch.cat((weight_gradient(to_sums, before), weight_gradient(to_n, seen)))
        return to_inputs, to_start, to_weight, to_bias, to_recurrent


def run_gru_before(inputs: Tensor, start: Tensor, weights: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """All steps with the reset gate before the product: `GRULayer`; or of a minimal gated unit, with one gate: `MGULayer`.

    Args:
        inputs: x, (T, B, F).
        start: h_0, (B, H).
        weights: W, b, U of r, z, n (or f, n): (G, F); (G,), with all biases, infinite as in `run_gru_after`; (G, H). G is 3 H
            (or 2 H).

    Returns:
        h_1 ... h_T, (T, B, H).
    """
    states: Tensor = _Before.apply(inputs, start, *weights)  # type: ignore[no-untyped-call]  # torch's
    return states
