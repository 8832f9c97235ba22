"""A sequence -> one class per step: cross-entropy, accuracy per step and per sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.metric import Metric
from workbench.cards.signals import Classes
from workbench.cards.task import IGNORE_INDEX, Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._shared_metrics import ACCURACY, LOSS, count_pairs

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Label"]


@final
class Label(TaskKind):
    """Cross-entropy over classes at every step whose target is not IGNORE_INDEX.

    For a model that reads its own labels, loss is measured with the true ones before each step, accuracy with its own.
    """

    title = "sequence -> one class per step"
    interface = Interface.EVERY_STEP
    metrics = (LOSS, ACCURACY, Metric("sequence_accuracy", "fraction of sequences in which every step is correct"))
    headline = "accuracy"

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:  # noqa: ARG003 - the same for all
        """See `TaskKind`."""
        return AnswerForm.STEPS

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """See `TaskKind`."""
        logits = _forced(model, batch, teacher_forcing)  # (B, T, C)
        return _cross_entropy(logits, batch.targets, self.label_smoothing)

    def num_counted(self, batch: TensorBatch) -> int:
        """Steps with a target."""
        return int((batch.targets != IGNORE_INDEX).sum())

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`."""
        from workbench.nn.hand_trained import HandTrained
        from workbench.nn.label_fed import LabelFed

        logits = self.outputs(model, batch)
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
        return totals, self.at_counted(predicted.cpu().numpy(), batch.targets.cpu().numpy())[0]

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        from torch.nn import functional as F

        from workbench.nn.hand_trained import HandTrained
        from workbench.nn.label_fed import LabelFed

        if isinstance(model, HandTrained):
            return super().sample_totals(model, batch)
        logits = self.outputs(model, batch)
        known = _forced(model, batch, 1.0) if isinstance(model, LabelFed) else logits
        losses = F.cross_entropy(known.movedim(-1, 1), batch.targets, ignore_index=IGNORE_INDEX, reduction="none")
        counted = batch.targets != IGNORE_INDEX
        right = ((logits.argmax(dim=-1) == batch.targets) & counted).sum(dim=1)
        steps = counted.sum(dim=1).double().cpu().numpy()
        whole = (right == counted.sum(dim=1)).double().cpu().numpy()
        return {
            "loss": (losses.double().sum(dim=1).cpu().numpy(), steps),
            "accuracy": (right.double().cpu().numpy(), steps),
            "sequence_accuracy": (whole, np.ones(len(steps))),
        }

    def confusion(self, targets: Sequence[NDArray[np.generic]], predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.int64]:
        """See `TaskKind`; over all steps with a target."""
        wanted, given = np.concatenate(list(targets)), np.concatenate(list(predicted))
        counted = wanted != IGNORE_INDEX
        return count_pairs(wanted[counted], given[counted], len(cast("Classes", self.task.outputs).names))

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:  # noqa: ARG002
        """The class of every step."""
        return Answer.of_numbers(self.outputs(model, batch)[0].argmax(dim=-1).numpy())

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:
        """The log-probability of all the labels, each by itself."""
        from torch import as_tensor
        from torch.nn import functional as F

        logits = self.outputs(model, batch)[0]
        return Explained(-F.cross_entropy(logits, as_tensor(predicted), reduction="sum"), "log-probability of the labels")

    def at_counted(
        self, predicted: NDArray[np.generic], target: NDArray[np.generic]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """See `TaskKind`; IGNORE_INDEX stands at every step whose target is that."""
        return np.where(target == IGNORE_INDEX, IGNORE_INDEX, predicted), target


def _cross_entropy(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """The mean over the steps that have a target; 0 where none has (torch's own mean of nothing is NaN)."""
    from torch.nn import functional as F

    if not bool((targets != IGNORE_INDEX).any()):
        return logits.sum() * 0
    flat, wanted = logits.flatten(0, 1), targets.flatten()
    return F.cross_entropy(flat, wanted, ignore_index=IGNORE_INDEX, label_smoothing=smoothing)


def _forced(model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
    """Logits with the true labels before each step, for a model that reads labels."""
    from workbench.nn.label_fed import LabelFed

    if isinstance(model, LabelFed):
        return model.forced(batch.inputs, batch.lengths, batch.targets, teacher_forcing)
    logits: Tensor = model(batch.inputs, batch.lengths)
    return logits
