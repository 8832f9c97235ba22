"""Metrics that several kinds of task have. Not a kind."""

from __future__ import annotations

from workbench.cards.metric import Metric

__all__ = ["ACCURACY", "LOSS", "MSE"]

LOSS = Metric("loss", "mean loss of an answer: cross-entropy in nats, or squared error", lower_is_better=True)
ACCURACY = Metric("accuracy", "share of right answers, counted step by step where each step has one")
MSE = Metric("mse", "mean squared error", lower_is_better=True)
