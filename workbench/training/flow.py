"""How much of the gradient arrives at each step of a sequence."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.cards import TaskKind
from workbench.nn.precision import exact
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.windows import recorded, recurrent_layers

__all__ = ["gradient_flow", "gradient_ratio"]


def gradient_flow(model: nn.Module, objective: TaskKind, batch: TensorBatch) -> NDArray[np.float64] | None:
    """The norm of dL/dh_t at every step t of the recurrent layer that reads the input, averaged over the samples.

    dL/dh_t is the whole gradient: h_t's own share of the loss and that of every later step. L is the loss of one sample, so the
    norms do not depend on the size of the batch. Neither a parameter's `grad` nor a random generator is touched.

    Args:
        model: the model, in eval mode.
        objective: where the loss comes from.
        batch: a few samples.

    Returns:
        (length,), or None for a model without a recurrent layer.

    Reference:
        Pascanu et al. 2013, arXiv:1211.5063, eq. 3-5.
    """
    if not recurrent_layers(model):
        return None
    # cuDNN gives no gradients in eval mode
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False), recorded(model, frozen=True) as records:
        loss = objective.loss(model, batch, 1.0)
    states = [h for h, *_ in records[0].states[1:]]
    gradients = torch.autograd.grad(loss, states, materialize_grads=True)
    norms = exact(torch.stack(gradients)).norm(dim=-1).mean(1) * len(batch.inputs)  # squares of 1e-30 need the range
    values: NDArray[np.float64] = norms.numpy()
    return values


def gradient_ratio(norms: NDArray[np.float64]) -> float:
    """The norm at the first step over that at the last step that has a gradient; 0 where none has."""
    (there,) = np.nonzero(norms)
    return float(norms[0] / norms[there[-1]]) if len(there) else 0.0
