"""The gradient of a batch, with what is done to it on its way back through time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workbench.nn.information_flow import flow_penalty
from workbench.nn.segments import recorded, truncated
from workbench.settings import TrainingConfig
from workbench.training.objectives import Objective, TensorBatch

__all__ = ["backward"]


def backward(
    objective: Objective, model: nn.Module, batch: TensorBatch, teacher_forcing: float, training: TrainingConfig
) -> dict[str, Tensor]:
    """Add the gradient of the batch to every parameter's `grad`: cut after `truncate` steps, or with the penalty on its flow.

    Returns:
        `train/loss`, the mean loss, and with `flow_regularizer` also `train/flow_penalty`, not weighed; shape () each.
    """
    if not training.flow_regularizer:
        with truncated(model, training.truncate):
            return {"train/loss": objective.backward(model, batch, teacher_forcing)}
    with torch.backends.cudnn.flags(enabled=False), recorded(model) as records:  # cuDNN has no second derivatives
        loss = objective.loss(model, batch, teacher_forcing)
    parts = [part for record in records for state in record.states for part in state if part.requires_grad]
    for part in parts:
        part.retain_grad()
    torch.autograd.backward(loss)
    penalty = torch.zeros_like(loss)
    for record in records:
        gradients = [[torch.zeros_like(part) if part.grad is None else part.grad for part in state] for state in record.states]
        penalty = penalty + flow_penalty(record, gradients)
    torch.autograd.backward(training.flow_regularizer * penalty)
    return {"train/loss": loss.detach(), "train/flow_penalty": penalty.detach()}
