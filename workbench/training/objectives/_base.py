"""What all objectives share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Dataset
from workbench.nn.hand_trained import HandTrained
from workbench.task import Batch, Task

__all__ = ["Objective", "TensorBatch"]


@dataclass(frozen=True)
class TensorBatch:
    """A `Batch` as tensors on a device; shapes as there."""

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    @classmethod
    def of(cls, batch: Batch, device: torch.device) -> TensorBatch:
        """The batch's arrays as tensors; on the CPU they share memory."""
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
        if device.type != "cpu":
            inputs, targets = inputs.to(device), targets.to(device)
        return cls(inputs, targets, lengths)  # lengths stay on the CPU, where packing wants them


@cache
def _trains_by_hand(kind: type[nn.Module]) -> bool:
    """Asked once for each class: a structural check at every step would cost as much as logging."""
    return issubclass(kind, HandTrained)


class Objective(ABC):
    """Loss, metrics and predictions of one kind of task."""

    def __init__(self, task: Task, label_smoothing: float) -> None:
        self.task = task
        self.label_smoothing = label_smoothing

    def backward(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float, weight: float = 1.0) -> Tensor:
        """Add the gradient of `weight` times the batch's mean loss to every parameter's `grad`; returns that, shape ()."""
        kind: Any = type(model)
        if _trains_by_hand(kind):
            loss, _ = cast("HandTrained", model).loss_and_gradients(
                batch.inputs, batch.targets, label_smoothing=self.label_smoothing, weight=weight
            )
            return loss * weight
        loss = self.loss(model, batch, teacher_forcing) * weight
        torch.autograd.backward(loss)
        return loss.detach()

    def num_counted(self, batch: TensorBatch) -> int:
        """Targets over which `loss` takes its mean: by this number the losses of several batches are weighed."""
        return len(batch.targets)

    @abstractmethod
    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """Mean training loss of the batch, shape ()."""

    @abstractmethod
    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """Measure the model (in eval mode) on one batch.

        Returns:
            metric -> (sum, count), and the predictions in the form of `Batch.targets`.
        """

    def finished(self, means: Mapping[str, float]) -> dict[str, float]:
        """The metrics, from the means of what `score` gave over the whole held-out set; most are means already."""
        return dict(means)

    @property
    def signatures(self) -> Mapping[str, str]:
        """How metrics are worked out that have more than one definition, by metric; most have one."""
        return {}

    def whole_set(
        self,
        dataset: Dataset,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        predicted: Sequence[NDArray[np.generic]],  # noqa: ARG002
    ) -> tuple[Mapping[str, float], Mapping[str, NDArray[np.generic]]]:
        """Metrics of the held-out set as a whole, from the predictions as arrays, and arrays to be drawn by name; mostly none."""
        return {}, {}

    def valid(
        self,
        dataset: Dataset,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        predicted: Sequence[NDArray[np.generic]],  # noqa: ARG002
    ) -> NDArray[np.bool_] | None:
        """Which predictions the source could have written, (n,), for a kind whose predictions are drawn; else None."""
        return None

    def drawings(self, model: nn.Module, batch: TensorBatch) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Arrays to be drawn, by kind of probe, from the model (in eval mode) and a few samples; mostly none."""
        return {}

    def asked(
        self, predicted: NDArray[np.generic], target: NDArray[np.generic]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """One prediction and its target at what is asked: steps that do not count are masked or left out of both."""
        return predicted, target

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """Whether one prediction is right, or None where that is a matter of degree."""
        return bool(np.array_equal(predicted, target))
