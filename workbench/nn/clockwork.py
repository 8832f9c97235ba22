"""The clockwork network: modules that are renewed at different periods, with the connections from fast to slow removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import final

import torch
from torch import Tensor

from workbench.nn.kernels.clockwork import run_clockwork, ticking
from workbench.nn.names import ManualKernel
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights

__all__ = ["ClockworkLayer"]


@final
class ClockworkLayer(RecurrentLayer):
    """The state is divided into modules; module k is renewed at the steps t = 0, T_k, 2 T_k, ... and stands still between them.

        h_t[k] = tanh(W_k x_t + U_k h_{t-1} + b_k)   when t mod T_k = 0
        h_t[k] = h_{t-1}[k]                          otherwise

    Module k sees itself and those of the same or a longer period only. The state carries the number of steps done, so that it
    can be taken up again anywhere.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state, divided evenly among the modules.
        periods: T_k in steps, shortest first.
        kernel: `manual` runs with gradients by hand, `loop` runs the equation step by step; same parameters.

    Reference:
        Koutnik et al. 2014, arXiv:1402.3511, eq. 1-2; Goodfellow et al. 2016, section 10.9.3.
    """

    num_states = 2

    def __init__(self, input_size: int, hidden_size: int, *, periods: Sequence[int], kernel: ManualKernel = "manual") -> None:
        super().__init__(input_size, hidden_size)
        self.kernel = kernel
        self.rnn = RecurrentWeights(input_size, hidden_size, 1)
        module = torch.arange(hidden_size) * len(periods) // hidden_size
        self.periods: Tensor
        self.connected: Tensor
        self.register_buffer("periods", torch.tensor(periods)[module], persistent=False)
        self.register_buffer("connected", self.periods[:, None] <= self.periods[None], persistent=False)
        bounds = [-(-index * hidden_size // len(periods)) for index in range(len(periods) + 1)]
        self.modules_at = list(zip(periods, pairwise(bounds), strict=True))
        with torch.no_grad():
            self.rnn.weight_hh.mul_(self.connected)

    def initial_state(self, inputs: Tensor) -> State:
        """Zeros, and no step done."""
        return inputs.new_zeros(len(inputs), self.hidden_size), inputs.new_zeros(len(inputs), self.hidden_size)

    @property
    def start_size(self) -> int:
        """The units' values; steps done are none."""
        return self.hidden_size

    def start(self, values: Tensor) -> State:
        """A first state that something else decides: (batch, hidden_size)."""
        return values, torch.zeros_like(values)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h, steps done)."""
        h, done = state or self.initial_state(inputs)
        num_steps = inputs.shape[1]
        first = int(done[0, 0])
        weight = self.rnn.weight_hh * self.connected
        if self.kernel == "loop":
            states = self._loop(inputs, h, weight, first)
        else:
            weights = (self.rnn.weight_ih, self.rnn.bias_ih + self.rnn.bias_hh, weight)
            spans = ticking(self.modules_at, first, num_steps)
            states = run_clockwork(inputs.transpose(0, 1), h, weights, spans)
        return states.transpose(0, 1), (states[-1], done + num_steps)

    @property
    def called(self) -> str:
        """The number of its modules with it."""
        return f"clockwork layer, {len(self.modules_at)} modules"

    def steps_back(self) -> Sequence[int]:
        """The periods: so long each module stands still."""
        return tuple(period for period, _ in self.modules_at)

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U, without the connections that are removed."""
        return {"U": self.rnn.weight_hh.detach() * self.connected}

    def _loop(self, inputs: Tensor, h: Tensor, weight: Tensor, first: int) -> Tensor:
        """The definition."""
        rnn = self.rnn
        states = []
        for t, x in enumerate(inputs.unbind(1), start=first):  # (B, F)
            renewed = (x @ rnn.weight_ih.T + rnn.bias_ih + h @ weight.T + rnn.bias_hh).tanh()
            h = torch.where(t % self.periods == 0, renewed, h)
            states.append(h)
        return torch.stack(states)
