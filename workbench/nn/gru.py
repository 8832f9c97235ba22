"""The gated recurrent unit, step by step and as one fast call."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor, nn

from workbench.nn.recurrent import Kernel, RecurrentLayer, State

__all__ = ["GRULayer"]


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
        reset: whether the reset gate acts `after` the product with U_n (fast, as torch.nn.GRU) or `before` it (the book).
        kernel: `torch` runs all steps in one call, `loop` runs the equations step by step with the same parameters.
            `reset = before` always runs step by step.

    Reference:
        Cho et al. 2014, arXiv:1406.1078, eq. 5-8; Goodfellow et al. 2016, eq. 10.45-10.47 (where z is named u and weighs the
        same way).
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, reset: Literal["after", "before"] = "after", kernel: Kernel = "torch"
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.reset = reset
        self.kernel = kernel
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        if self.kernel == "loop" or self.reset == "before":
            return self._loop(inputs, state or self.initial_state(inputs))
        outputs, h = self.rnn(inputs, None if state is None else state[0][None])
        return outputs, (h[0],)

    def _loop(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The definition."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        gates = 2 * self.hidden_size
        (h,) = state
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            from_input = x @ weight_ih.T + bias_ih  # (B, 3H)
            r, z = (from_input[:, :gates] + h @ weight_hh[:gates].T + bias_hh[:gates]).sigmoid().chunk(2, -1)  # (B, H) each
            if self.reset == "after":
                from_state = r * (h @ weight_hh[gates:].T + bias_hh[gates:])
            else:
                from_state = (r * h) @ weight_hh[gates:].T + bias_hh[gates:]
            n = (from_input[:, gates:] + from_state).tanh()
            h = (1 - z) * n + z * h
            outputs.append(h)
        return torch.stack(outputs, 1), (h,)
