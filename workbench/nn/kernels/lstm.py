"""Kernel of long short-term memory and its variants."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.nn.kernels.parts import Trace, half_tanh_, one_minus_twice_, states_from, weight_gradient

__all__ = ["run_lstm"]


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any,
        projected: Tensor,
        h_start: Tensor,
        c_start: Tensor,
        weight: Tensor,
        peephole: Tensor | None,
        coupled: bool,  # noqa: FBT001
        trace: Trace,
    ) -> tuple[Tensor, Tensor]:
        num_steps, size = len(projected), h_start.shape[1]
        gates = projected.clone()
        gates[..., 2 * size : 3 * size] *= -2  # for the candidate's tanh, see `half_tanh_`
        h, c = states_from(h_start, num_steps), states_from(c_start, num_steps)
        squashed = torch.empty_like(c[1:])
        hs, cs, sums = h.unbind(0), c.unbind(0), gates.unbind(0)
        transposed = torch.cat((weight[: 2 * size], -2 * weight[2 * size : 3 * size], weight[3 * size :])).T
        early = (gates if peephole is None else gates[..., : 3 * size]).unbind(0)  # an output gate with peephole waits for c_t
        keeps = gates[..., : 2 * size].unbind(0)  # input and forget gate
        i, f, g, o = (part.unbind(0) for part in gates.chunk(4, -1))
        for t in range(num_steps):
            sums[t].addmm_(hs[t], transposed)
            if peephole is not None:
                keeps[t].view(-1, 2, size).addcmul_(cs[t][:, None], peephole[:2])
            early[t].sigmoid_()
            one_minus_twice_(g[t])
            if coupled:
                torch.neg(f[t], out=i[t]).add_(1)
            after = torch.mul(f[t], cs[t], out=cs[t + 1]).addcmul_(i[t], g[t])
            if peephole is not None:
                o[t].addcmul_(after, peephole[2]).sigmoid_()
            torch.mul(o[t], half_tanh_(torch.mul(after, -2, out=squashed[t])), out=hs[t + 1])
        ctx.save_for_backward(gates, h, c, squashed, weight, peephole)
        ctx.coupled, ctx.trace = coupled, trace
        return h[1:], c[-1]

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, gradient: Tensor, to_last_c: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor | None, None, None]:
        gates, h, c, squashed, weight, peephole = ctx.saved_tensors
        to_gates, through = _LSTM.slopes(gates, c[:-1], squashed, coupled=ctx.coupled)  # (T, B, 4, H), (T, B, H)
        total = gradient.clone(memory_format=torch.contiguous_format)
        to_c = to_last_c.clone()
        totals, through_steps, forget = total.unbind(0), through.unbind(0), gates.chunk(4, -1)[1].unbind(0)
        to_sums, to_kept, to_output = to_gates.flatten(2).unbind(0), to_gates[:, :, :3].unbind(0), to_gates[:, :, 3].unbind(0)
        to_start = torch.empty_like(totals[0])
        for t in range(len(totals) - 1, -1, -1):
            to_o = to_output[t].mul_(totals[t])
            to_c.addcmul_(totals[t], through_steps[t])
            if peephole is not None:
                to_c.addcmul_(to_o, peephole[2])
            kept = to_kept[t].mul_(to_c[:, None])
            to_c.mul_(forget[t])
            if peephole is not None:
                to_c.addcmul_(kept[:, 0], peephole[0]).addcmul_(kept[:, 1], peephole[1])
            if t:
                totals[t - 1].addmm_(to_sums[t], weight)
            else:
                torch.mm(to_sums[t], weight, out=to_start)
        ctx.trace.keep(total)
        to_peephole = None
        if peephole is not None:
            seen = (c[:-1], c[:-1], c[1:])
            to_peephole = torch.stack([(to_gates[:, :, k] * seen[j]).sum((0, 1)) for j, k in enumerate((0, 1, 3))])
        to_projected = to_gates.flatten(2)
        return to_projected, to_start, to_c, weight_gradient(to_projected, h[:-1]), to_peephole, None, None

    @staticmethod
    def slopes(gates: Tensor, before: Tensor, squashed: Tensor, *, coupled: bool) -> tuple[Tensor, Tensor]:
        """By what to multiply dL/dc_t for the sums of i, f, g and dL/dh_t for that of o; and dL/dh_t for c_t."""
        i, f, g, o = gates.chunk(4, -1)
        found = gates.new_empty((*before.shape[:2], 4, before.shape[-1]))
        if coupled:
            found[:, :, 0] = 0
            torch.mul(before - g, f * (1 - f), out=found[:, :, 1])
        else:
            torch.mul(g, i * (1 - i), out=found[:, :, 0])
            torch.mul(before, f * (1 - f), out=found[:, :, 1])
        torch.mul(i, 1 - g * g, out=found[:, :, 2])
        torch.mul(squashed, o * (1 - o), out=found[:, :, 3])
        return found, o * (1 - squashed * squashed)


def run_lstm(
    projected: Tensor,
    state: tuple[Tensor, Tensor],
    weight: Tensor,
    peephole: Tensor | None,
    trace: Trace,
    *,
    coupled: bool = False,
) -> tuple[Tensor, Tensor]:
    """All steps of a cell with gates; the equations are those of `LSTMLayer`.

    Args:
        projected: what the input gives to i, f, g, o, (T, B, 4 H). Plus infinity opens a gate for good.
        state: (h_0, c_0), (B, H) each.
        weight: U of i, f, g, o, (4 H, H).
        peephole: weights from the cell to i, f, o, (3, H), or None.
        trace: where the gradients of the states h are kept.
        coupled: i is 1 - f, and its rows of `projected` and `weight` count for nothing.

    Returns:
        h_1 ... h_T, (T, B, H), and c_T, (B, H).
    """
    outputs: tuple[Tensor, Tensor] = _LSTM.apply(projected, *state, weight, peephole, coupled, trace)  # type: ignore[no-untyped-call]  # torch's
    return outputs
