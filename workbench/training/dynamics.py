"""A recurrent layer as a dynamical system: its Jacobian from one step to the next, and how fast neighbouring states part."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.training.traces import LayerTrace

__all__ = ["jacobian", "lyapunov"]

WINDOW = 16
"""Steps through which a vector is taken at once; few enough that it neither overflows nor vanishes on the way."""


def jacobian(layer: LayerTrace, step: int) -> Tensor:
    """The Jacobian d s_t / d s_{t-1} for each sample, (N, D, D), where s is the whole state: of an LSTM h and c.

    Each row is the gradient of one number of s_t; all of them are taken at once, from D copies of the sample.
    """
    sizes = [part.shape[-1] for part in layer.states]
    size, count = sum(sizes), len(layer.inputs)
    inputs = layer.inputs[:, step : step + 1].repeat_interleave(size, 0)
    before = [part[:, step].repeat_interleave(size, 0).requires_grad_() for part in layer.states]
    with torch.enable_grad():
        _, after = layer.layer(inputs, tuple(before))
        outputs = torch.cat(after, -1).view(count, size, size).diagonal(dim1=1, dim2=2)
        rows = torch.autograd.grad(outputs.sum(), before, materialize_grads=True)
    return torch.cat(rows, -1).view(count, size, size).double().cpu()


def lyapunov(layer: LayerTrace) -> Tensor:
    """An estimate of the largest Lyapunov exponent along each sample's own states, (N,), in nats a step.

    The mean growth of a random vector u under u <- J_t^T u from the last step to the first. The windows that begin in the last
    quarter of the sequence are left out, if others are left: there u turns to the direction that grows most. Padded steps of
    shorter samples are met first and take part.

    Reference:
        Engelken, Wolf and Abbott 2023, arXiv:2006.02427, section 2; transposed, the product has the same exponents.
    """
    num_steps = layer.inputs.shape[1]
    generator = torch.Generator().manual_seed(0)  # not the run's, which looking must leave alone
    u = [torch.randn(part[:, 0].shape, generator=generator).to(part) for part in layer.states]
    growth, counted = torch.zeros(len(layer.inputs), dtype=torch.float64), 0
    for end in range(num_steps, 0, -WINDOW):
        start = max(0, end - WINDOW)
        u, norms = _normalised(_pulled_back(layer, start, end, _normalised(u)[0]))
        if start == 0 or start < num_steps - num_steps // 4:
            growth += norms.log()
            counted += end - start
    return growth / counted


def _pulled_back(layer: LayerTrace, start: int, end: int, u: Sequence[Tensor]) -> list[Tensor]:
    """U times the Jacobians of the steps start..end-1."""
    before = [part[:, start].clone().requires_grad_() for part in layer.states]
    with torch.enable_grad():
        _, after = layer.layer(layer.inputs[:, start:end], tuple(before))
        # of the sum, not of the parts along u: with vectors given torch loads sympy to compare their shapes, a third of a second
        products = [(part * along).sum() for part, along in zip(after, u, strict=True) if part.requires_grad]
        return list(torch.autograd.grad(torch.stack(products).sum(), before, materialize_grads=True))


def _normalised(parts: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Vectors in several parts at length 1, and the lengths that they had, (N,)."""
    norms = torch.cat([part.double() for part in parts], -1).norm(dim=-1)
    scale = norms.where(norms > 0, 1)[:, None]
    return [(part / scale).to(part.dtype) for part in parts], norms.cpu()
