"""Ridge regression in closed form, from sums that can grow batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Sums", "ridge_solutions"]


@dataclass(frozen=True)
class Sums:
    """What a least-squares problem is made of: sums over all its rows.

    Attributes:
        gram: sum of x x^T, (features, features).
        cross: sum of x y^T, (features, outputs).
        x: sum of the features, (features,).
        y: sum of the targets, (outputs,).
        count: number of rows, shape ().
    """

    gram: Tensor
    cross: Tensor
    x: Tensor
    y: Tensor
    count: Tensor

    @classmethod
    def of(cls, features: Tensor, targets: Tensor) -> Sums:
        """The sums of some rows: features (rows, features), targets (rows, outputs)."""
        count = torch.tensor(float(len(features)), dtype=features.dtype, device=features.device)
        return cls(features.T @ features, features.T @ targets, features.sum(0), targets.sum(0), count)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.gram + other.gram, self.cross + other.cross, self.x + other.x, self.y + other.y, self.count + other.count
        )


def ridge_solutions(sums: Sums, ridges: Sequence[float]) -> list[tuple[Tensor, Tensor]]:
    """Weights W (outputs, features) and bias b (outputs,) for each ridge parameter.

        minimise  sum |y - W x - b|^2 + ridge |W|^2        W = Y~ X~^T (X~ X~^T + ridge I)^-1,   b = mean(y) - W mean(x)

    where X~, Y~ are centred, so that the bias is not penalised. One decomposition of X~ X~^T serves all ridge parameters.

    Reference:
        Hoerl & Kennard 1970; Lukosevicius & Jaeger 2009, Computer Science Review 3(3), eq. 7.
    """
    mean_x, mean_y = sums.x / sums.count, sums.y / sums.count
    centred = sums.gram - sums.count * torch.outer(mean_x, mean_x)
    cross = sums.cross - sums.count * torch.outer(mean_x, mean_y)
    values, vectors = torch.linalg.eigh(centred)
    values = values.clamp_min(0)[:, None]  # what is below zero is rounding
    projected = vectors.T @ cross
    solutions = []
    for ridge in ridges:
        weight = (vectors @ (projected / (values + ridge))).T
        solutions.append((weight, mean_y - weight @ mean_x))
    return solutions
