"""Leaky units: states that are renewed only in part at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.elman import run_leaky
from workbench.nn.names import LeakyInit, ManualKernel
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights

__all__ = ["LeakyLayer"]


@final
class LeakyLayer(RecurrentLayer):
    """Each unit is a running average of its candidates, with a time constant of its own.

        h_t = (1 - 1/tau) * h_{t-1} + 1/tau * tanh(W x_t + U h_{t-1} + b)

    A time constant of 1 is a plain recurrent unit; one of 100 remembers over a hundred steps. The units are divided evenly
    among the constants, in the order given.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        time_constants: tau in steps, 1 or above, one for each group of units.
        learned: whether every unit's constant is a parameter; it is then kept as logit(1/tau), so it stays above 1.
        init: start of U, `default` (small and random) or `orthogonal` (a random rotation).
        kernel: `manual` runs with gradients by hand, `loop` runs the equation step by step; same parameters.

    Reference:
        Mozer 1992; Goodfellow et al. 2016, section 10.9.2; Jaeger et al. 2007 for several scales.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        time_constants: Sequence[float],
        learned: bool = False,
        init: LeakyInit = "default",
        kernel: ManualKernel = "manual",
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.kernel = kernel
        self.rnn = RecurrentWeights(input_size, hidden_size, 1)
        if init == "orthogonal":
            nn.init.orthogonal_(self.rnn.weight_hh)
        group = torch.arange(hidden_size) * len(time_constants) // hidden_size
        rate = 1 / torch.tensor(time_constants)[group]
        self.rate_logit = nn.Parameter(torch.logit(rate, eps=0.01)) if learned else None
        self.rate: Tensor
        self.register_buffer("rate", rate, persistent=False)

    def rates(self) -> Tensor:
        """1/tau of every unit, (hidden_size,)."""
        return self.rate if self.rate_logit is None else self.rate_logit.sigmoid()

    @property
    def called(self) -> str:
        """A layer of leaky units."""
        return "leaky recurrent layer"

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        (h,) = state or self.initial_state(inputs)
        if self.kernel == "loop":
            states = self._loop(inputs, h)
        else:
            weights = (self.rnn.weight_ih, self.rnn.bias_ih + self.rnn.bias_hh, self.rnn.weight_hh)
            states = run_leaky(inputs.transpose(0, 1), h, weights, self.rates())
        return states.transpose(0, 1), (states[-1],)

    @torch.no_grad()
    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U, and with a = 1/tau the linear part of a step: what is kept, and what is let in through U."""
        rate, matrix = self.rates(), self.rnn.weight_hh.detach()
        return {"U": matrix, "(1 - a) I + a U": torch.diag(1 - rate) + rate[:, None] * matrix}

    def _loop(self, inputs: Tensor, h: Tensor) -> Tensor:
        """The definition."""
        rate, rnn = self.rates(), self.rnn
        states = []
        for x in inputs.unbind(1):  # (B, F)
            h = (1 - rate) * h + rate * (x @ rnn.weight_ih.T + rnn.bias_ih + h @ rnn.weight_hh.T + rnn.bias_hh).tanh()
            states.append(h)
        return torch.stack(states)
