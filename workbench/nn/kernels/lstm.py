"""Kernel of long short-term memory and its variants."""

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

__all__ = ["run_lstm"]


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any,
        inputs: Tensor,
        h_start: Tensor,
        c_start: Tensor,
        to_input: Tensor,
        bias: Tensor,
        to_state: Tensor,
        peephole: Tensor | None,
        coupled: bool,  # noqa: FBT001
    ) -> tuple[Tensor, Tensor]:
        num_steps, size = len(inputs), h_start.shape[1]
        gates = torch.addmm(bias, rows(inputs), to_input.T).view(num_steps, -1, 4 * size)
        h, c = states_from(h_start, num_steps), states_from(c_start, num_steps)
        squashed = torch.empty_like(c[1:])
        hs, cs, ys, sums = h.unbind(0), c.unbind(0), squashed.unbind(0), gates.unbind(0)
        transposed, early = to_state.T.contiguous(), gates[..., : 2 * size].unbind(0)  # i and f in one go
        to_i, to_f, to_o = (None, None, None) if peephole is None else peephole.unbind(0)
        for t, (i, f, g, o) in enumerate(zip(*(part.unbind(0) for part in gates.chunk(4, -1)), strict=True)):
            sums[t].addmm_(hs[t], transposed)
            if to_i is not None:
                i.addcmul_(cs[t], to_i)
                f.addcmul_(cs[t], to_f)
            early[t].sigmoid_()
            g.tanh_()
            if coupled:
                torch.neg(f, out=i).add_(1)
            after = torch.mul(f, cs[t], out=cs[t + 1]).addcmul_(i, g)
            if to_o is not None:  # an output gate with peephole waits for c_t
                o.addcmul_(after, to_o)
            torch.mul(o.sigmoid_(), torch.tanh(after, out=ys[t]), out=hs[t + 1])
        ctx.save_for_backward(inputs, gates, h, c, squashed, to_input, to_state, peephole)
        ctx.coupled = coupled
        return h[1:], c[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, to_last_c: Tensor) -> tuple[Tensor | None, ...]:
        inputs, gates, h, c, squashed, to_input, to_state, peephole = ctx.saved_tensors
        to_sums, through = _LSTM.slopes(gates, c[:-1], squashed, coupled=ctx.coupled)  # (T, B, 4 H), (T, B, H)
        total = gradient.clone(memory_format=torch.contiguous_format)
        to_c, to_start = to_last_c.clone(), torch.empty_like(total[0])
        totals, through_steps, sums = total.unbind(0), through.unbind(0), to_sums.unbind(0)
        forget = gates.chunk(4, -1)[1].unbind(0)
        to_i, to_f, to_g, to_o = (part.unbind(0) for part in to_sums.chunk(4, -1))
        seen = None if peephole is None else peephole.unbind(0)
        for t in range(len(totals) - 1, -1, -1):
            later = totals[t]
            to_o[t].mul_(later)
            to_c.addcmul_(later, through_steps[t])
            if seen is not None:
                to_c.addcmul_(to_o[t], seen[2])
            if not ctx.coupled:
                to_i[t].mul_(to_c)
            to_f[t].mul_(to_c)
            to_g[t].mul_(to_c)
            to_c.mul_(forget[t])
            if seen is not None:
                to_c.addcmul_(to_i[t], seen[0]).addcmul_(to_f[t], seen[1])
            if t:
                totals[t - 1].addmm_(sums[t], to_state)
            else:
                torch.mm(sums[t], to_state, out=to_start)
        to_peephole = None
        if peephole is not None:
            pairs = zip((0, 1, 3), (c[:-1], c[:-1], c[1:]), strict=True)
            to_peephole = torch.stack([(to_sums.chunk(4, -1)[k] * cell).sum((0, 1)) for k, cell in pairs])
        to_inputs, to_weight, to_bias = input_gradients((to_sums,), inputs, to_input, needed=ctx.needs_input_grad[0])
        to_recurrent = weight_gradient(to_sums, h[:-1])
        return to_inputs, to_start, to_c, to_weight, to_bias, to_recurrent, to_peephole, None

    @staticmethod
    def slopes(gates: Tensor, before: Tensor, squashed: Tensor, *, coupled: bool) -> tuple[Tensor, Tensor]:
        """By what to multiply dL/dc_t for the sums of i, f, g and dL/dh_t for that of o; and dL/dh_t for c_t."""
        i, f, g, o = gates.chunk(4, -1)
        to_sums = torch.empty_like(gates)
        to_i, to_f, to_g, to_o = to_sums.chunk(4, -1)
        if coupled:
            to_i.zero_()
            sigmoid_slope(before - g, f, to_f)
        else:
            sigmoid_slope(g, i, to_i)
            sigmoid_slope(before, f, to_f)
        tanh_slope(i, g, to_g)
        sigmoid_slope(squashed, o, to_o)
        return to_sums, tanh_slope(o, squashed)


def run_lstm(
    inputs: Tensor,
    state: tuple[Tensor, Tensor],
    weights: tuple[Tensor, Tensor, Tensor],
    peephole: Tensor | None,
    *,
    coupled: bool = False,
) -> tuple[Tensor, Tensor]:
    """All steps of a cell with gates; the equations are those of `LSTMLayer`.

    Args:
        inputs: x, (T, B, F).
        state: (h_0, c_0), (B, H) each.
        weights: W, b, U of i, f, g, o: (4 H, F); (4 H,), where plus infinity opens a gate for good; (4 H, H).
        peephole: weights from the cell to i, f, o, (3, H), or None.
        coupled: i is 1 - f, and its rows of the weights count for nothing.

    Returns:
        h_1 ... h_T, (T, B, H), and c_T, (B, H).
    """
    outputs: tuple[Tensor, Tensor] = _LSTM.apply(inputs, *state, *weights, peephole, coupled)  # type: ignore[no-untyped-call]  # torch's
    return outputs
