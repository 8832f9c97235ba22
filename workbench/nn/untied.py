"""A recurrent network whose weights are not shared: every step has its own."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.untied import run_untied
from workbench.nn.names import ManualKernel
from workbench.nn.recurrent import RecurrentLayer, State

__all__ = ["UntiedLayer"]


@final
class UntiedLayer(RecurrentLayer):
    """The plain recurrence with weights of their own for each of its steps.

        h_t = tanh(W_t x_t + U_t h_{t-1} + b_t),  t = 1 .. T

    A feed-forward network of T layers that reads one step's input at each. The state carries the number of steps done, so that
    it can be taken up again anywhere; there is no step after T.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        num_steps: T.
        kernel: `manual` runs with gradients by hand, `loop` runs the equation step by step; same parameters.

    Reference:
        Goodfellow et al. 2016, section 10.1 and eq. 10.5, where the steps' functions are made one.
    """

    num_states = 2
    endless = False

    def __init__(self, input_size: int, hidden_size: int, *, num_steps: int, kernel: ManualKernel = "manual") -> None:
        super().__init__(input_size, hidden_size)
        self.kernel = kernel
        self.num_steps = num_steps
        self.weight_ih = nn.Parameter(torch.empty(num_steps, hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(num_steps, hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(num_steps, hidden_size))
        bound = 1 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def start_size(self) -> int:
        """The units' values; steps done are none."""
        return self.hidden_size

    def start(self, values: Tensor) -> State:
        """A first state that something else decides: (batch, hidden_size)."""
        return values, torch.zeros_like(values)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h, steps done).

        Raises:
            ValueError: there are no weights for so many steps.
        """
        h, done = state or self.initial_state(inputs)
        first, last = int(done[0, 0]), int(done[0, 0]) + inputs.shape[1]
        if last > self.num_steps:
            raise ValueError(f"untied: got a sequence of {last} steps; expected at most the {self.num_steps} that have weights.")
        weight_ih, weight_hh, bias = (parameter[first:last] for parameter in (self.weight_ih, self.weight_hh, self.bias))
        projected = torch.baddbmm(bias[:, None], inputs.transpose(0, 1), weight_ih.mT)  # (T, B, H)
        states = self._loop(projected, h, weight_hh) if self.kernel == "loop" else run_untied(projected, h, weight_hh)
        return states.transpose(0, 1), (states[-1], done + inputs.shape[1])

    @property
    def called(self) -> str:
        """A layer whose steps share nothing."""
        return "recurrent layer, weights of each step its own"

    def _loop(self, projected: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
        """The definition."""
        states = []
        for p, weight in zip(projected.unbind(0), weight_hh.unbind(0), strict=True):  # (B, H), (H, H)
            h = torch.tanh(p + h @ weight.T)
            states.append(h)
        return torch.stack(states)
