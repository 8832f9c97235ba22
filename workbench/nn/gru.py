"""The gated recurrent unit, step by step and as one fast call, also without one of its gates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.gru import run_gru_after, run_gru_before
from workbench.nn.names import Kernel, MissingGRUGate, ResetPlace
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights, spread

__all__ = ["GRULayer"]

_WITHOUT = (math.inf, -math.inf, 0.0)
"""Sums of r, z, n for which the reset gate is 1 and the update gate 0; there is always a candidate."""


@final
class GRULayer(RecurrentLayer):
    """One gate decides how much of the state to keep, another how much of it the candidate sees.

        r = sigmoid(W_r x_t + b_r + U_r h_{t-1} + c_r)      reset gate
        z = sigmoid(W_z x_t + b_z + U_z h_{t-1} + c_z)      update gate
        n = tanh(W_n x_t + b_n + r * (U_n h_{t-1} + c_n))   candidate, reset after the product
        n = tanh(W_n x_t + b_n + U_n (r * h_{t-1}) + c_n)   candidate, reset before the product
        h_t = (1 - z) * n + z * h_{t-1}

    The three are stacked in the order r, z, n in one matrix, as torch.nn.GRU does.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        reset: whether the reset gate acts `after` the product with U_n (as torch.nn.GRU) or `before` it (the book).
        without: a gate that is left out, with its weights. Without reset gate the candidate sees the whole state (r = 1);
            without update gate nothing is kept but through the candidate (z = 0).
        kernel: `torch` runs all steps in one call, `manual` with gradients by hand, `loop` runs the equations step by step; all
            with the same parameters. torch knows neither `reset = before` nor a missing gate: these run by `manual` instead.

    Reference:
        Cho et al. 2014, arXiv:1406.1078, eq. 5-8; Goodfellow et al. 2016, eq. 10.45-10.47 (where z is named u and weighs the
        same way).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        reset: ResetPlace = "after",
        without: MissingGRUGate = "nothing",
        kernel: Kernel = "torch",
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.reset = reset
        self.present = (without != "reset_gate", without != "update_gate", True)
        whole = all(self.present)
        self.at_once = whole and reset == "after"
        self.kernel: Kernel = "manual" if kernel == "torch" and not self.at_once else kernel
        self.rnn: nn.GRU | RecurrentWeights
        if whole:
            self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)
        else:
            self.rnn = RecurrentWeights(input_size, hidden_size, sum(self.present))

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        if self.kernel_on(inputs.device) == "torch":
            outputs, h = self.rnn(inputs, None if state is None else state[0][None])
            return outputs, (h[0],)
        (h,) = state or self.initial_state(inputs)
        return self._loop(inputs, h) if self.kernel == "loop" else self._manual(inputs, h)

    @torch.no_grad()
    def gates(self, inputs: Tensor, before: State) -> Mapping[str, Tensor]:
        """`reset` and `update`, those that there are."""
        (h,) = before
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        rows = len(bias_ih) - self.hidden_size
        opened = (inputs @ weight_ih[:rows].T + bias_ih[:rows] + h @ weight_hh[:rows].T + bias_hh[:rows]).sigmoid()
        names = [name for name, there in zip(("reset", "update"), self.present[:2], strict=True) if there]
        return dict(zip(names, opened.chunk(len(names), -1), strict=True)) if names else {}

    @property
    def called(self) -> str:
        """The gate that it is without with it."""
        missing = [f"no {name} gate" for name, there in zip(("reset", "update"), self.present, strict=False) if not there]
        return ", ".join(["GRU layer", *missing])

    def gate_rows(self) -> Mapping[str, tuple[int, float]]:
        """Without reset gate r is 1, without update gate z is 0."""
        off = zip(("reset_gate", "update_gate"), self.present, _WITHOUT, strict=False)
        there = [(name, value) for name, present, value in off if present]
        return {name: (place, value) for place, (name, value) in enumerate(there)}

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U of each gate and of the candidate."""
        _, weight_hh, *_ = self.rnn.parameters()
        names = [f"U_{name}" for name, there in zip("rzn", self.present, strict=True) if there]
        return dict(zip(names, weight_hh.detach().chunk(len(names)), strict=True))

    def _manual(self, inputs: Tensor, h: Tensor) -> tuple[Tensor, State]:
        """See `workbench.nn.kernels.gru`."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        c_n = bias_hh[-self.hidden_size :]
        bias = bias_ih + bias_hh
        if self.reset == "after":  # c_n is inside the bracket that the reset gate multiplies
            bias = bias_ih + torch.cat((bias_hh[: -self.hidden_size], torch.zeros_like(c_n)))
        to_input, to_state = (spread(weight, self.present, (0, 0, 0)) for weight in (weight_ih, weight_hh))
        weights = (to_input, spread(bias, self.present, _WITHOUT), to_state)
        if self.reset == "after":
            states = run_gru_after(inputs.transpose(0, 1), h, weights, c_n)
        else:
            states = run_gru_before(inputs.transpose(0, 1), h, weights)
        return states.transpose(0, 1), (states[-1],)

    def _loop(self, inputs: Tensor, h: Tensor) -> tuple[Tensor, State]:
        """The definition."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        gates = len(bias_ih) - self.hidden_size  # rows of those that there are
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            from_input = x @ weight_ih.T + bias_ih  # (B, 3H) with both gates
            opened = from_input[:, :gates] + h @ weight_hh[:gates].T + bias_hh[:gates]
            r, z = spread(opened.T, self.present[:2], _WITHOUT[:2]).T.sigmoid().chunk(2, -1)  # (B, H) each
            if self.reset == "after":
                from_state = r * (h @ weight_hh[gates:].T + bias_hh[gates:])
            else:
                from_state = (r * h) @ weight_hh[gates:].T + bias_hh[gates:]
            n = (from_input[:, gates:] + from_state).tanh()
            h = (1 - z) * n + z * h
            outputs.append(h)
        return torch.stack(outputs, 1), (h,)
