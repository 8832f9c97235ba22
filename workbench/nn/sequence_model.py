"""A whole model for sequences: input adapter, backbone, readout."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from workbench.nn.adapters import InputAdapter, Readout

__all__ = ["SequenceModel"]


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
