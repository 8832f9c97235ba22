"""Models that work out their own gradients."""

from __future__ import annotations

from functools import cache
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

__all__ = ["HandTrained", "trains_by_hand"]


@runtime_checkable
class HandTrained(Protocol):
    """A model whose gradients come from hand-written equations instead of automatic differentiation."""

    def loss_and_gradients(
        self, inputs: Tensor, targets: Tensor, label_smoothing: float = 0.0, weight: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Forward and backward pass: adds the gradient of `weight` times the mean loss to every parameter's `grad`.

        Args:
            inputs: a batch as `forward` takes it.
            targets: classes, (batch,) or (batch, length), or vectors, (batch, size).
            label_smoothing: share of the target's probability spread over all classes.
            weight: factor of the gradient, when several batches make one step.

        Returns:
            The mean loss, shape (), not weighed, and the outputs, as `forward` gives them.
        """

    def loss(self, outputs: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
        """The mean loss of outputs that `forward` gave, shape ()."""


@cache
def trains_by_hand(kind: type[nn.Module]) -> bool:
    """Whether the models of a class are `HandTrained`; asked once for each: a check of structure takes long."""
    return issubclass(kind, HandTrained)
