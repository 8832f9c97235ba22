"""Metrics that several kinds of task have. Not a kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.cards.metric import Metric

__all__ = ["ACCURACY", "LOSS", "MSE", "count_pairs"]

LOSS = Metric("loss", "mean loss per output: cross-entropy in nats, or squared error", lower_is_better=True)
ACCURACY = Metric("accuracy", "fraction of correct predictions, counted per step where each step has a target")
MSE = Metric("mse", "mean squared error", lower_is_better=True)


def count_pairs(targets: NDArray[np.generic], predicted: NDArray[np.generic], num_classes: int) -> NDArray[np.int64]:
    """How often each class was predicted for each true one, (true classes, predicted classes)."""
    pairs = targets.astype(np.int64) * num_classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)
