"""The gradient of a batch, with what is done to it on its way back through time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn

from workbench.cards import TaskKind
from workbench.experiment.settings import TrainingConfig
from workbench.nn.information_flow import flow_penalty
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.windows import Memory, carried, recorded, truncated

__all__ = ["WHOLE", "Share", "backward", "shares"]


class Share(NamedTuple):
    """How much of one step's data a batch is, each from 0 to 1.

    Attributes:
        targets: share of the counted targets: a step of several batches is one of all their targets, however they are cut.
        samples: share of the samples.
    """

    targets: float
    samples: float


WHOLE = Share(1.0, 1.0)


def shares(objective: TaskKind, batches: Sequence[TensorBatch]) -> list[Share]:
    """The share of each batch of a step; a step without any counted target has no loss."""
    targets = [objective.num_counted(batch) for batch in batches]
    samples = [len(batch.inputs) for batch in batches]
    return [Share(n / max(1, sum(targets)), m / max(1, sum(samples))) for n, m in zip(targets, samples, strict=True)]


def backward(  # noqa: PLR0913 - what is measured, on what, and what is done to its gradient
    objective: TaskKind,
    model: nn.Module,
    batch: TensorBatch,
    teacher_forcing: float,
    training: TrainingConfig,
    *,
    share: Share = WHOLE,
    memory: Memory | None = None,
) -> dict[str, Tensor]:
    """Add the gradient of the batch to every parameter's `grad`: cut after `truncate` steps, or with the penalty on its flow.

    Args:
        objective, model, batch, teacher_forcing, training: of the run.
        share: how much of the step's data the batch is.
        memory: the recurrent states after the batch before, for data whose batches go on; those after this one take their place.

    Returns:
        `train/loss`, the mean loss times the batch's share of the counted targets, and with `flow_regularizer` also
        `train/flow_penalty`, times its share of the samples and without the regulariser's weight; shape () each.
    """
    if not training.flow_regularizer:
        with truncated(model, training.truncate), _going_on(model, memory):
            return {"train/loss": objective.backward(model, batch, teacher_forcing, share.targets)}
    # cuDNN has no second derivatives
    with torch.backends.cudnn.flags(enabled=False), recorded(model) as records, _going_on(model, memory):
        loss = objective.loss(model, batch, teacher_forcing) * share.targets
    parts = [part for record in records for state in record.states for part in state if part.requires_grad]
    for part in parts:
        part.retain_grad()
    torch.autograd.backward(loss)
    penalty = torch.zeros_like(loss)
    for record in records:
        gradients = [[torch.zeros_like(part) if part.grad is None else part.grad for part in state] for state in record.states]
        penalty = penalty + flow_penalty(record, gradients)
    penalty = penalty * share.samples
    torch.autograd.backward(training.flow_regularizer * penalty)
    return {"train/loss": loss.detach(), "train/flow_penalty": penalty.detach()}


def _going_on(model: nn.Module, memory: Memory | None) -> AbstractContextManager[None]:
    return nullcontext() if memory is None else carried(model, memory)
