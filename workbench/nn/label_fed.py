"""Models that read their own last label."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor

__all__ = ["LabelFed"]


@runtime_checkable
class LabelFed(Protocol):
    """A model whose answer at a step depends on the labels of the steps before; `forward` feeds it its own choices."""

    def forced(self, inputs: Tensor, lengths: Tensor | None, labels: Tensor, teacher_forcing: float = 1.0) -> Tensor:
        """Logits where the true labels are known up to the step before.

        Args:
            inputs: a batch as `forward` takes it.
            lengths: number of real steps, (batch,), or None when nothing is padded.
            labels: true labels, (batch, length) int64; below 0 where there is none.
            teacher_forcing: probability that a step of a sequence is fed the true label; otherwise it is fed the model's own
                choice, see `drawn_forcing`.

        Returns:
            (batch, length, classes).
        """
