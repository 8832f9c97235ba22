"""Metrics that several kinds of task have. Not a kind."""

from __future__ import annotations

from workbench.cards.metric import Metric

__all__ = ["ACCURACY", "LOSS", "MSE"]

LOSS = Metric("loss", "mean loss per output: cross-entropy in nats, or squared error", lower_is_better=True)
ACCURACY = Metric("accuracy", "fraction of correct predictions, counted per step where each step has a target")
MSE = Metric("mse", "mean squared error", lower_is_better=True)
