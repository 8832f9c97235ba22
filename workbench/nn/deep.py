"""Depth of a recurrent network in each of its three places: before the state, inside the recurrence and after the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.names import Skip
from workbench.nn.recurrent import LayerFactory, RecurrentLayer, RecurrentStack, State
from workbench.nn.recurrent_weights import RecurrentWeights

__all__ = ["DeepRecurrent", "DeepTransitionLayer", "ExtraLayers"]


@final
class ExtraLayers(nn.Module):
    """Ordinary layers, the same at every step; none of them is the identity.

        y^k = tanh(A_k y^{k-1} + a_k)                  y^0 is the input
        y^k = y^{k-1} + tanh(A_k y^{k-1} + a_k)        with skip connections, where the sizes allow it

    Args:
        input_size: size of the input.
        hidden_size: size of every layer.
        num_layers: how many.
        skip: whether each layer whose input has its size has a skip connection.

    Attributes:
        output_size: size of the output.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, *, skip: bool = False) -> None:
        super().__init__()
        self.skip = skip
        self.output_size = hidden_size if num_layers else input_size
        self.layers = nn.ModuleList(nn.Linear(hidden_size if k else input_size, hidden_size) for k in range(num_layers))

    def forward(self, values: Tensor) -> Tensor:
        """(..., input_size) -> (..., output_size)."""
        for layer in self.layers:
            new = torch.tanh(layer(values))
            values = values + new if self.skip and new.shape == values.shape else new
        return values


@final
class DeepTransitionLayer(RecurrentLayer):
    """A plain recurrence in which the state passes through layers of its own before the next step sees it.

        h_t = tanh(W x_t + U g(h_{t-1}) + b),  g: `ExtraLayers`

    From one state to the next there are num_transition + 1 layers, so the path through time is that many times longer; skip
    connections shorten it.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.
        num_transition: number of extra layers.
        skip: whether each of them has a skip connection.

    Reference:
        Pascanu et al. 2014, arXiv:1312.6026, eq. 7-8 (DT-RNN, and with skip connections DT(S)-RNN); Goodfellow et al.
        2016, figure 10.13 b and c.
    """

    def __init__(self, input_size: int, hidden_size: int, *, num_transition: int, skip: bool = False) -> None:
        super().__init__(input_size, hidden_size)
        self.rnn = RecurrentWeights(input_size, hidden_size, 1)
        self.transition = ExtraLayers(hidden_size, hidden_size, num_transition, skip=skip)

    @property
    def called(self) -> str:
        """Its extra layers with it."""
        return f"recurrent layer, {len(self.transition.layers)} more from state to state"

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h,)."""
        (h,) = state or self.initial_state(inputs)
        projected = F.linear(inputs.transpose(0, 1), self.rnn.weight_ih, self.rnn.bias_ih + self.rnn.bias_hh)  # (T, B, H)
        states = []
        for p in projected.unbind(0):  # (B, H)
            h = torch.tanh(p + self.transition(h) @ self.rnn.weight_hh.T)
            states.append(h)
        return torch.stack(states, 1), (h,)


@final
class DeepRecurrent(nn.Module):
    """Extra layers from input to state, a stack of recurrent layers, extra layers from state to output.

    Args:
        layer: makes one recurrent layer from (input_size, hidden_size).
        input_size: size of the input at each step.
        hidden_size: size of every layer's state, and of every extra layer.
        num_layers: number of recurrent layers.
        input_depth: number of extra layers before the first of them.
        output_depth: number of extra layers after the last of them.
        dropout: share of the outputs dropped between recurrent layers.
        skip: skip connections between layers; see `RecurrentStack`. Extra layers have them, too, unless it is `none`.

    Attributes:
        output_size: size of the outputs.

    Reference:
        Pascanu et al. 2014, arXiv:1312.6026; Goodfellow et al. 2016, section 10.5.
    """

    def __init__(
        self,
        layer: LayerFactory,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        input_depth: int = 0,
        output_depth: int = 0,
        dropout: float = 0.0,
        skip: Skip = "none",
    ) -> None:
        super().__init__()
        around = skip != "none"
        self.before = ExtraLayers(input_size, hidden_size, input_depth, skip=around)
        self.stack = RecurrentStack(layer, self.before.output_size, hidden_size, num_layers, dropout, skip)
        self.after = ExtraLayers(self.stack.output_size, hidden_size, output_depth, skip=around)
        self.output_size = self.after.output_size

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - states see only the past
        """(batch, length, input_size) -> (batch, length, output_size)."""
        outputs, _ = self.run(inputs, None)
        return outputs

    @property
    def endless(self) -> bool:
        """See `workbench.nn.sequence_model.CarriesState`."""
        return self.stack.endless

    def run(self, inputs: Tensor, states: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """The same from given states of all recurrent layers; also returns the states after the last step."""
        outputs, after = self.stack.run(self.before(inputs), states)
        read_out: Tensor = self.after(outputs)
        return read_out, after
