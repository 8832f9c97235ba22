"""The minimal gated unit, step by step and with gradients by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from workbench.nn.kernels.gru import run_gru_before
from workbench.nn.names import ManualKernel
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights

__all__ = ["MGULayer"]


@final
class MGULayer(RecurrentLayer):
    """A gated recurrent unit whose one gate does both: it renews what it shows.

        f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        n = tanh(W_n x_t + U_n (f * h_{t-1}) + b_n)
        h_t = (1 - f) * h_{t-1} + f * n

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        kernel: `manual` runs with gradients by hand, `loop` runs the equations step by step; same parameters.

    Reference:
        Zhou et al. 2016, arXiv:1603.09420, eq. 6.
    """

    def __init__(self, input_size: int, hidden_size: int, *, kernel: ManualKernel = "manual") -> None:
        super().__init__(input_size, hidden_size)
        self.kernel = kernel
        self.rnn = RecurrentWeights(input_size, hidden_size, 2)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        (h,) = state or self.initial_state(inputs)
        if self.kernel == "loop":
            return self._loop(inputs, h)
        rnn = self.rnn
        weights = (rnn.weight_ih, rnn.bias_ih + rnn.bias_hh, rnn.weight_hh)
        states = run_gru_before(inputs.transpose(0, 1), h, weights)
        return states.transpose(0, 1), (states[-1],)

    @torch.no_grad()
    def gates(self, inputs: Tensor, before: State) -> Mapping[str, Tensor]:
        """`forget`, the only one."""
        rnn, size = self.rnn, self.hidden_size
        bias = (rnn.bias_ih + rnn.bias_hh)[:size]
        return {"forget": (inputs @ rnn.weight_ih[:size].T + bias + before[0] @ rnn.weight_hh[:size].T).sigmoid()}

    @property
    def called(self) -> str:
        """A layer of minimal gated units."""
        return "minimal gated layer"

    def gate_rows(self) -> Mapping[str, tuple[int, float]]:
        """Without the gate f is 1: every step renews the whole state."""
        return {"forget_gate": (0, math.inf)}

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U of the gate and of the candidate."""
        return dict(zip(("U_f", "U_n"), self.rnn.weight_hh.detach().chunk(2), strict=True))

    def _loop(self, inputs: Tensor, h: Tensor) -> tuple[Tensor, State]:
        """The definition."""
        weight_ih, weight_hh, bias = self.rnn.weight_ih, self.rnn.weight_hh, self.rnn.bias_ih + self.rnn.bias_hh
        size = self.hidden_size
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            to_f, to_n = (x @ weight_ih.T + bias).chunk(2, -1)  # (B, H) each
            f = (to_f + h @ weight_hh[:size].T).sigmoid()
            n = (to_n + (f * h) @ weight_hh[size:].T).tanh()
            h = (1 - f) * h + f * n
            outputs.append(h)
        return torch.stack(outputs, 1), (h,)
