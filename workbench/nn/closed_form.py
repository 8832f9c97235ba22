"""Models that are fitted in closed form instead of by gradient descent, and models that measure something of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from torch import Tensor

__all__ = ["ClosedForm", "Recalling", "SelfMeasuring"]


@runtime_checkable
class ClosedForm(Protocol):
    """A model whose parameters are the exact solution of a least-squares problem."""

    def fit(self, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Add a batch, and fit the parameters to all batches added so far, in closed form.

        The sums over all batches are part of the state dict, so that fitting can go on after a checkpoint.

        Args:
            inputs: a batch as `forward` takes it.
            targets: vectors (batch, size) or (batch, length, size), or classes (batch,) or (batch, length).
            lengths: number of real steps, (batch,), or None when nothing is padded.

        Returns:
            The mean squared error on this batch, shape ().
        """


@runtime_checkable
class Recalling(Protocol):
    """A model that speaks of the batch that it was fitted to last."""

    def recall(self, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None) -> None:
        """Look at that batch again, in a run that goes on from a checkpoint. Nothing is fitted, and no parameter changes."""


@runtime_checkable
class SelfMeasuring(Protocol):
    """A model that knows more of itself than its outputs show."""

    def measure(
        self, inputs: Tensor, targets: Tensor, lengths: Tensor | None
    ) -> tuple[Mapping[str, float], Mapping[str, Tensor]]:
        """Measure on held-out samples, without a gradient.

        Returns:
            The card's `measures`, each a number, and arrays to be drawn, by kind of probe.
        """
