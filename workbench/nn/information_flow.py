"""The regulariser that keeps the gradient's length from step to step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from workbench.nn.recurrent import RecurrentLayer
from workbench.nn.windows import Record

__all__ = ["flow_penalty"]


def flow_penalty(record: Record, gradients: Sequence[Sequence[Tensor]]) -> Tensor:
    """How far the gradient is from keeping its length at each step on its way back, summed over the steps.

        Omega = sum_t (|g_t ds_t/ds_{t-1}| / |g_t| - 1)^2        s_t: the state after step t, g_t = dL/ds_t

    Only ds_t/ds_{t-1} depends on the parameters here: states and g are constants, as in the paper, so all steps are taken
    side by side. Of a state with several parts (h and c) all are meant, as one vector. A step at which the gradient is 0
    counts for nothing.

    Args:
        record: the run of a layer.
        gradients: for each state in the record the gradient of each of its parts, (batch, size).

    Returns:
        Omega, averaged over the samples, shape (). Its graph leads to the layer's parameters.

    Reference:
        Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, eq. 9-10. There the state is what enters the squashing function, so
        that its slope is a constant too; here it is what leaves it.
    """
    size, num_steps = record.inputs.shape[:2]
    clocked = not all(part.requires_grad for part in record.states[-1])  # a count of steps is one number for all rows
    at_once = 1 if clocked else num_steps
    total = record.inputs.new_zeros(())
    with _by_loop(record.layer):
        for first in range(1, num_steps, at_once):  # from the first state of the sequence on
            steps = range(first, min(first + at_once, num_steps))
            total = total + _penalty(record, gradients, steps)
    return total / size


def _penalty(record: Record, gradients: Sequence[Sequence[Tensor]], steps: range) -> Tensor:
    """The sum over some steps, and all samples; step t leads from state t to state t + 1."""
    inputs = torch.cat([record.inputs[:, t] for t in steps]).detach()[:, None]  # (steps * B, 1, F)
    before = [torch.cat(parts).detach() for parts in zip(*(record.states[t] for t in steps), strict=True)]
    moving = [k for k, part in enumerate(record.states[-1]) if part.requires_grad]
    for k in moving:
        before[k].requires_grad_()
    _, after = record.layer(inputs, tuple(before))
    given = [torch.cat([gradients[t + 1][k] for t in steps]) for k in moving]
    directions = _direction(torch.cat(given, -1))
    parts = torch.split(directions, [part.shape[-1] for part in given], -1)
    back = torch.autograd.grad([after[k] for k in moving], [before[k] for k in moving], parts, create_graph=True)
    lengths = torch.linalg.vector_norm(torch.cat(back, -1), dim=-1)
    off: Tensor = (lengths - 1).square() * directions.any(-1)
    return off.sum()


def _direction(gradients: Tensor) -> Tensor:
    """Rows of length 1, or 0; a gradient of 1e-30 has squares that single precision does not."""
    largest = gradients.abs().amax(-1, keepdim=True)
    scaled = torch.where(largest > 0, gradients / largest, 0)
    unit: Tensor = scaled / torch.linalg.vector_norm(scaled, dim=-1, keepdim=True).clamp_min(1)
    return unit


@contextmanager
def _by_loop(layer: RecurrentLayer) -> Iterator[None]:
    """While it lasts, the layer runs by its definition: the gradients that are written by hand have no gradients."""
    kernel, layer.kernel = layer.kernel, "loop"
    try:
        yield
    finally:
        layer.kernel = kernel
