"""A recurrence with skip connections through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.delayed import run_delayed
from workbench.nn.names import DelayedInit, ManualKernel
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights

__all__ = ["DelayedLayer"]


@final
class DelayedLayer(RecurrentLayer):
    """Besides the state of one step ago, each step sees that of d steps ago.

        h_t = tanh(W x_t + U h_{t-1} + V h_{t-d} + b)

    A gradient that takes the long way back passes through V, and shrinks, once in d steps instead of d times. The state is
    the last d values of h, the newest first.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of h.
        delay: d, at least 2.
        init: start of V, `orthogonal` (a random rotation: lengths are kept) or `default` (small and random, as U).
        kernel: `manual` runs with gradients by hand, `loop` runs the equation step by step; same parameters.

    Reference:
        Lin et al. 1996, Learning long-term dependencies in NARX recurrent neural networks; Goodfellow et al. 2016,
        section 10.9.1.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        delay: int,
        init: DelayedInit = "orthogonal",
        kernel: ManualKernel = "manual",
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.num_states = delay
        self.kernel = kernel
        self.rnn = RecurrentWeights(input_size, hidden_size, 1)
        self.weight_delayed = nn.Parameter(torch.empty_like(self.rnn.weight_hh))
        if init == "orthogonal":
            nn.init.orthogonal_(self.weight_delayed)
        else:
            nn.init.uniform_(self.weight_delayed, -(hidden_size**-0.5), hidden_size**-0.5)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), the last d states, newest first."""
        past = torch.stack((state or self.initial_state(inputs))[::-1])  # (d, B, H), oldest first
        if self.kernel == "loop":
            states = self._loop(inputs, past)
        else:
            weights = (self.rnn.weight_ih, self.rnn.bias_ih + self.rnn.bias_hh, self.rnn.weight_hh, self.weight_delayed)
            states = run_delayed(inputs.transpose(0, 1), past, weights)
        last = torch.cat((past, states[-len(past) :]))[-len(past) :]
        return states.transpose(0, 1), last.flip(0).unbind(0)

    @property
    def called(self) -> str:
        """Its delay with it."""
        return f"recurrent layer, delay {self.num_states}"

    def steps_back(self) -> Sequence[int]:
        """One step through U, d steps through V."""
        return 1, self.num_states

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U, from the step before, and V, from the delayed one."""
        return {"U": self.rnn.weight_hh.detach(), "V": self.weight_delayed.detach()}

    def _loop(self, inputs: Tensor, past: Tensor) -> Tensor:
        """The definition."""
        rnn = self.rnn
        states = list(past.unbind(0))
        for x in inputs.unbind(1):  # (B, F)
            recurrent = states[-1] @ rnn.weight_hh.T + rnn.bias_hh + states[-len(past)] @ self.weight_delayed.T
            states.append((x @ rnn.weight_ih.T + rnn.bias_ih + recurrent).tanh())
        return torch.stack(states[len(past) :])
