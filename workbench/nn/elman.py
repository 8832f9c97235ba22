"""The recurrent network with hidden-to-hidden connections, step by step and as one fast call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.elman import run_elman
from workbench.nn.names import Kernel, RecurrentActivation, RecurrentInit
from workbench.nn.recurrent import RecurrentLayer, State

__all__ = ["ElmanLayer"]


@final
class ElmanLayer(RecurrentLayer):
    """Hidden state fed back to itself.

        h_t = f(W x_t + b + U h_{t-1} + c)

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        activation: f, `tanh`, `relu` or `identity`, which makes a linear network.
        init: `default` draws all weights from U(-1/sqrt(n), 1/sqrt(n)); `orthogonal` makes U a random rotation; `identity`
            makes U the identity and the biases zero, so the state starts as a plain memory (IRNN).
        spectral_radius: U is scaled so that its largest absolute eigenvalue is this; 0 leaves it as it was drawn.
        kernel: `torch` runs all steps in one call, `manual` with gradients by hand, `loop` runs the equation step by step; all
            with the same parameters. torch has no linear network: it runs by `manual` instead.

    Reference:
        Goodfellow et al. 2016, eq. 10.8-10.9; Elman 1990. Identity: Le et al. 2015, arXiv:1504.00941.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        activation: RecurrentActivation = "tanh",
        init: RecurrentInit = "default",
        spectral_radius: float = 0.0,
        kernel: Kernel = "torch",
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.activation = activation
        linear = activation == "identity"
        self.at_once = not linear
        self.kernel: Kernel = "manual" if kernel == "torch" and not self.at_once else kernel
        self.rnn = nn.RNN(input_size, hidden_size, nonlinearity="tanh" if linear else activation, batch_first=True)
        _, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        match init:
            case "orthogonal":
                nn.init.orthogonal_(weight_hh)
            case "identity":
                nn.init.eye_(weight_hh)
                nn.init.zeros_(bias_ih)
                nn.init.zeros_(bias_hh)
            case "default":
                pass
        if spectral_radius:
            with torch.no_grad():
                weight_hh.mul_(spectral_radius / torch.linalg.eigvals(weight_hh).abs().max())

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        if self.kernel_on(inputs.device) == "torch":
            outputs, h = self.rnn(inputs, None if state is None else state[0][None])
            return outputs, (h[0],)
        state = state or self.initial_state(inputs)
        return self._loop(inputs, state) if self.kernel == "loop" else self._manual(inputs, state)

    @property
    def called(self) -> str:
        """Its activation with it."""
        return f"recurrent layer, {self.activation}"

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U."""
        _, weight_hh, *_ = self.rnn.all_weights[0]
        return {"U": weight_hh.detach()}

    def _manual(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """See `workbench.nn.kernels.elman`."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        weights = (weight_ih, bias_ih + bias_hh, weight_hh)
        states = run_elman(inputs.transpose(0, 1), state[0], weights, self.activation)
        return states.transpose(0, 1), (states[-1],)

    def _loop(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The definition."""
        f = {"tanh": torch.tanh, "relu": torch.relu, "identity": torch.clone}[self.activation]
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        (h,) = state
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            h = f(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)  # (B, H)
            outputs.append(h)
        return torch.stack(outputs, 1), (h,)
