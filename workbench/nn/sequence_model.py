"""A whole model for sequences: input adapter, backbone, readout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast, final, runtime_checkable

import torch
from torch import Tensor, nn

from workbench.nn.adapters import InputAdapter, Readout
from workbench.nn.forcing import drawn_forcing

__all__ = ["CarriesState", "SequenceModel"]


@runtime_checkable
class CarriesState(Protocol):
    """A backbone that can stop after any step and go on from there.

    Attributes:
        endless: whether what it carries stays of one size, so that it can go on for as long as one likes.
    """

    endless: bool

    def run(self, inputs: Tensor, states: Sequence[Any] | None) -> tuple[Tensor, list[Any]]:
        """Outputs (batch, length, size) from given states of all layers (None for the start), and the states afterwards."""


@final
class SequenceModel(nn.Module):
    """inputs -> features -> states -> outputs.

    Args:
        adapter: turns inputs into features, (batch, length, features).
        backbone: called with (features, lengths); returns states, (batch, length, state_size). Its states at real steps
            do not depend on padding.
        readout: turns states into outputs.
    """

    def __init__(self, adapter: InputAdapter, backbone: nn.Module, readout: Readout) -> None:
        super().__init__()
        self.adapter = adapter
        self.backbone = backbone
        self.readout = readout

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits or a vector.

        Args:
            inputs: (batch, length, size) float32 or (batch, length) int64.
            lengths: number of real steps, (batch,), or None when nothing is padded.

        Returns:
            (batch, outputs), or (batch, length, outputs) when the readout reads every step.
        """
        outputs: Tensor = self.readout(self.states(inputs, lengths), lengths)
        return outputs

    def states(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The backbone's state at every step, (batch, length, state_size)."""
        states: Tensor = self.backbone(self.adapter(inputs), lengths)
        return states

    def free_run(self, inputs: Tensor, horizon: int) -> Tensor:
        """What follows the inputs when each output is fed back as the next input.

        Args:
            inputs: (batch, warm-up, size), true values that bring the state up to date.
            horizon: number of outputs; the first one follows the last input.

        Returns:
            (batch, horizon, size).
        """
        output, states = self.go_on(inputs, None)
        outputs = [output]
        for _ in range(horizon - 1):
            output, states = self.go_on(output, states)
            outputs.append(output)
        return torch.cat(outputs, 1)

    def scheduled(self, inputs: Tensor, teacher_forcing: float) -> Tensor:
        """Outputs where a share of the inputs is the model's own output of the step before (scheduled sampling).

        Whether a step sees the true input is drawn for each step of each sequence (`drawn_forcing`); the first one always does.
        Outputs that are fed back are constants: the gradient does not flow through them.

        Args:
            inputs: (batch, length, size), each the target of the step before.
            teacher_forcing: share of true inputs, 0 to 1.

        Returns:
            (batch, length, size).

        Reference:
            Bengio et al. 2015, arXiv:1506.03099.
        """
        true = drawn_forcing(inputs, teacher_forcing)
        true[:, 0] = True
        output, states = inputs[:, :1], None
        outputs = []
        for step in range(inputs.shape[1]):
            chosen = torch.where(true[:, step, None, None], inputs[:, step : step + 1], output.detach())
            output, states = self.go_on(chosen, states)
            outputs.append(output)
        return torch.cat(outputs, 1)

    @property
    def endless(self) -> bool:
        """Whether `go_on` can be called for as long as one likes: what is carried does not grow."""
        return isinstance(self.backbone, CarriesState) and self.backbone.endless

    def go_on(self, inputs: Tensor, states: list[Any] | None) -> tuple[Tensor, list[Any]]:
        """The output after the last of some inputs, (batch, 1, size), and the states after it.

        Args:
            inputs: (batch, steps, size) or (batch, steps), what follows the inputs that led to `states`.
            states: of the backbone, None for the start.

        Raises:
            TypeError: the backbone cannot be stopped after a step.
        """
        if not isinstance(self.backbone, CarriesState):
            raise TypeError(f"{type(self.backbone).__name__} cannot be stopped after a step")
        states_now, after = cast("CarriesState", self.backbone).run(self.adapter(inputs), states)
        output: Tensor = self.readout(states_now[:, -1:])
        return output, after
