"""A batch of samples as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, final

import torch
from torch import Tensor

__all__ = ["TensorBatch"]


class Arrays(Protocol):
    """A batch as numpy arrays; `lengths` is None where nothing is padded."""

    @property
    def inputs(self) -> Any:
        """(batch, ...)."""

    @property
    def targets(self) -> Any:
        """(batch, ...)."""

    @property
    def lengths(self) -> Any:
        """(batch,) or None."""


@final
@dataclass(frozen=True)
class TensorBatch:
    """A number of samples on a device.

    Attributes:
        inputs: (batch, ...).
        targets: (batch, ...).
        lengths: number of steps of each input, (batch,), on the CPU, where packing wants them; None where nothing is padded.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    @classmethod
    def of(cls, batch: Arrays, device: torch.device) -> TensorBatch:
        """The batch's arrays as tensors; on the CPU they share memory."""
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
        if device.type != "cpu":
            inputs, targets = inputs.to(device), targets.to(device)
        return cls(inputs, targets, lengths)

    def slice(self, start: int, stop: int) -> TensorBatch:
        """Samples start..stop-1, padded as they are."""
        lengths = None if self.lengths is None else self.lengths[start:stop]
        return TensorBatch(self.inputs[start:stop], self.targets[start:stop], lengths)
