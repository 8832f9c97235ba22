"""Sequence -> one vector: mean squared error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.hand_trained import HandTrained
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["OBJECTIVE"]


class Regress(Objective):
    """Mean squared error over all components."""

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - not a decoder
        """See `Objective`."""
        return F.mse_loss(model(batch.inputs, batch.lengths), batch.targets)

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `Objective`."""
        outputs = model(batch.inputs, batch.lengths)
        count = len(batch.targets)
        mse = F.mse_loss(outputs, batch.targets)
        mean = model.loss(outputs, batch.targets) if isinstance(model, HandTrained) else mse
        return {"loss": (float(mean) * count, count), "mse": (float(mse) * count, count)}, outputs.cpu().numpy()

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:  # noqa: ARG002
        """A matter of degree."""
        return None


OBJECTIVE = Regress
