"""An image, a sequence or a tree -> one class: cross-entropy and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.signals import Classes
from workbench.cards.task import Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._shared_metrics import ACCURACY, LOSS, count_pairs

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Classify"]


@final
class Classify(TaskKind):
    """Cross-entropy over classes, with label smoothing in training."""

    title = "image, sequence or tree -> one class"
    interface = Interface.ONE_OUTPUT
    metrics = (LOSS, ACCURACY)
    headline = "accuracy"

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:  # noqa: ARG003 - the same for all
        """See `TaskKind`."""
        return AnswerForm.CLASS

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - not a decoder
        """See `TaskKind`."""
        from torch.nn import functional as F

        return F.cross_entropy(self.outputs(model, batch), batch.targets, label_smoothing=self.label_smoothing)

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`."""
        from torch.nn import functional as F

        from workbench.nn.hand_trained import HandTrained

        logits = self.outputs(model, batch)
        count = len(batch.targets)
        mean = model.loss(logits, batch.targets) if isinstance(model, HandTrained) else F.cross_entropy(logits, batch.targets)
        predicted = logits.argmax(dim=-1)
        right = float((predicted == batch.targets).sum())
        return {"loss": (float(mean) * count, count), "accuracy": (right, count)}, predicted.cpu().numpy()

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        from torch.nn import functional as F

        from workbench.nn.hand_trained import HandTrained

        if isinstance(model, HandTrained):
            return super().sample_totals(model, batch)
        logits = self.outputs(model, batch)
        losses, right = F.cross_entropy(logits, batch.targets, reduction="none"), logits.argmax(dim=-1) == batch.targets
        one_each = np.ones(len(batch.targets))
        return {"loss": (losses.double().cpu().numpy(), one_each), "accuracy": (right.double().cpu().numpy(), one_each)}

    def confusion(self, targets: Sequence[NDArray[np.generic]], predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.int64]:
        """See `TaskKind`."""
        return count_pairs(np.asarray(targets), np.asarray(predicted), len(cast("Classes", self.task.outputs).names))

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:  # noqa: ARG002
        """The class, with the probability of each, likeliest first."""
        outputs = self.outputs(model, batch)[0]
        chosen = outputs.argmax()
        shares = zip(cast("Classes", self.task.outputs).names, outputs.softmax(dim=-1).tolist(), strict=True)
        return Answer.of_numbers(chosen.numpy(), probabilities=dict(sorted(shares, key=lambda pair: -pair[1])))

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:
        """The class's logit."""
        chosen = int(predicted)
        name = cast("Classes", self.task.outputs).names[chosen]
        return Explained(self.outputs(model, batch)[0, chosen], f"logit of the class {name}")
