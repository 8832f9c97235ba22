"""Sequence -> one class per step: cross-entropy, accuracy per step and per sequence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.hand_trained import HandTrained
from workbench.nn.label_fed import LabelFed
from workbench.task import IGNORE_INDEX
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["OBJECTIVE"]


class Label(Objective):
    """Cross-entropy over classes at every step whose target is not IGNORE_INDEX.

    For a model that reads its own labels, loss is measured with the true ones before each step, accuracy with its own.
    """

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """See `Objective`."""
        logits = _forced(model, batch, teacher_forcing)  # (B, T, C)
        return _cross_entropy(logits, batch.targets, self.label_smoothing)

    def num_counted(self, batch: TensorBatch) -> int:
        """Steps with a target."""
        return int((batch.targets != IGNORE_INDEX).sum())

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `Objective`."""
        logits = model(batch.inputs, batch.lengths)
        if isinstance(model, HandTrained):
            mean = model.loss(logits, batch.targets)
        else:
            known = _forced(model, batch, 1.0) if isinstance(model, LabelFed) else logits
            mean = _cross_entropy(known, batch.targets, 0.0)
        counted = batch.targets != IGNORE_INDEX
        predicted = logits.argmax(dim=-1)
        right = (predicted == batch.targets) & counted
        steps = float(counted.sum())
        whole = float((right.sum(dim=1) == counted.sum(dim=1)).sum())
        totals = {
            "loss": (float(mean) * steps, steps),
            "accuracy": (float(right.sum()), steps),
            "sequence_accuracy": (whole, float(len(batch.targets))),
        }
        return totals, self.asked(predicted.cpu().numpy(), batch.targets.cpu().numpy())[0]

    def asked(
        self, predicted: NDArray[np.generic], target: NDArray[np.generic]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """See `Objective`; IGNORE_INDEX stands at every step whose target is that."""
        return np.where(target == IGNORE_INDEX, IGNORE_INDEX, predicted), target


def _cross_entropy(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """The mean over the steps that have a target; 0 where none has (torch's own mean of nothing is NaN)."""
    if not bool((targets != IGNORE_INDEX).any()):
        return logits.sum() * 0
    flat, wanted = logits.flatten(0, 1), targets.flatten()
    return F.cross_entropy(flat, wanted, ignore_index=IGNORE_INDEX, label_smoothing=smoothing)


def _forced(model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
    """Logits with the true labels before each step, for a model that reads labels."""
    if isinstance(model, LabelFed):
        return model.forced(batch.inputs, batch.lengths, batch.targets, teacher_forcing)
    logits: Tensor = model(batch.inputs, batch.lengths)
    return logits


OBJECTIVE = Label
