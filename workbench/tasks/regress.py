"""A sequence, an image or a tree -> one vector: mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.signals import Vectors
from workbench.cards.task import Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._shared_metrics import LOSS, MSE

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Regress"]


@final
class Regress(TaskKind):
    """Mean squared error over all components."""

    title = "image, sequence or tree -> one vector"
    interface = Interface.ONE_OUTPUT
    metrics = (LOSS, MSE)
    headline = "mse"
    not_smoothed = "the loss is a squared error"

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:  # noqa: ARG003 - the same for all
        """See `TaskKind`."""
        return AnswerForm.NUMBERS

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - not a decoder
        """See `TaskKind`."""
        from torch.nn import functional as F

        return F.mse_loss(self.outputs(model, batch), batch.targets)

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`."""
        from torch.nn import functional as F

        from workbench.nn.hand_trained import HandTrained

        outputs = self.outputs(model, batch)
        count = len(batch.targets)
        mse = F.mse_loss(outputs, batch.targets)
        mean = model.loss(outputs, batch.targets) if isinstance(model, HandTrained) else mse
        return {"loss": (float(mean) * count, count), "mse": (float(mse) * count, count)}, outputs.cpu().numpy()

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        from workbench.nn.hand_trained import HandTrained

        if isinstance(model, HandTrained):
            return super().sample_totals(model, batch)
        squares = (self.outputs(model, batch) - batch.targets).double().square().flatten(1).mean(dim=1).cpu().numpy()
        one_each = np.ones(len(batch.targets))
        return {"loss": (squares, one_each), "mse": (squares, one_each)}

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:  # noqa: ARG002
        """The vector; its value is a number where it has one component."""
        return Answer.of_vectors(self.outputs(model, batch)[0].numpy(), cast("Vectors", self.task.outputs))

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:  # noqa: ARG002
        """The answer's first number, in the data's own."""
        outputs = cast("Vectors", self.task.outputs)
        scale = outputs.scale[0] if outputs.scale else 1.0
        words = "the answer" if outputs.size == 1 else f"the answer's {outputs.columns[0] if outputs.columns else 'first number'}"
        return Explained(self.outputs(model, batch)[0, 0] * scale, words)

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:  # noqa: ARG002
        """A matter of degree."""
        return None
