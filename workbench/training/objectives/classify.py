"""Image or sequence -> one class: cross-entropy and accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.hand_trained import HandTrained
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["OBJECTIVE"]


class Classify(Objective):
    """Cross-entropy over classes, with label smoothing in training."""

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - not a decoder
        """See `Objective`."""
        logits = model(batch.inputs, batch.lengths)
        return F.cross_entropy(logits, batch.targets, label_smoothing=self.label_smoothing)

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `Objective`."""
        logits = model(batch.inputs, batch.lengths)
        count = len(batch.targets)
        mean = model.loss(logits, batch.targets) if isinstance(model, HandTrained) else F.cross_entropy(logits, batch.targets)
        predicted = logits.argmax(dim=-1)
        right = float((predicted == batch.targets).sum())
        return {"loss": (float(mean) * count, count), "accuracy": (right, count)}, predicted.cpu().numpy()


OBJECTIVE = Classify
