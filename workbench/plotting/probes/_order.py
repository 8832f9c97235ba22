"""An order of units in which those that do alike stand beside each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Heatmap, Names, Scale

__all__ = ["by_similarity", "most_varied", "units_over_steps"]

_MOST_STEPS = 128
"""Steps that the order rests on: 0.14 s for 1,024 steps of 512 units become 6 ms, and the message pump waits for it."""


def by_similarity(activity: NDArray[np.float64]) -> NDArray[np.int64]:
    """The units in the order of their angle in the plane of the two largest principal components.

    Args:
        activity: (steps, units); what is not finite counts as 0. Of many steps some, evenly spread, decide.
    Returns:
        A permutation of the units, the same for the same activity.
    """
    some = activity[:: max(1, -(-len(activity) // _MOST_STEPS))]
    values = np.nan_to_num(some, nan=0.0, posinf=0.0, neginf=0.0)
    values = values / (np.abs(values).max(initial=0.0) or 1.0)
    centred = values - values.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    directions = centred / np.where(norms > 0, norms, 1.0)
    if min(directions.shape) < 2 or not norms.any():  # noqa: PLR2004 - no plane
        return np.arange(values.shape[1])
    _, _, components = np.linalg.svd(directions, full_matrices=False)
    first, second = (part * np.sign(part[np.abs(part).argmax()] or 1.0) for part in components[:2])
    angles = np.arctan2(second, first)
    order = np.argsort(angles, kind="stable").astype(np.int64)
    gaps = np.diff(np.append(angles[order], angles[order[0]] + 2 * np.pi))
    return np.roll(order, -int(gaps.argmax()) - 1)  # the circle is cut where there is the widest gap


def most_varied(activity: NDArray[np.float64]) -> int:
    """The unit whose activity, (steps, units), varies most."""
    return int(np.nan_to_num(activity, nan=0.0, posinf=0.0, neginf=0.0).std(axis=0).argmax())


def units_over_steps(  # noqa: PLR0913, PLR0917 - the parts of a picture
    title: str,
    values: NDArray[np.float64],
    order: NDArray[np.int64],
    steps: list[int],
    words: list[str] | None,
    scale: Scale,
) -> Heatmap:
    """Units (down, in an order) by steps of the sequence (across).

    Args:
        title: what is shown.
        values: (steps, units).
        order: which unit stands in which row.
        steps: numbers of the steps.
        words: what is read or written at each step, or None.
        scale: what the values are shown between.
    """
    units = order.tolist()

    def said(row: int, column: int) -> str:
        word = f" '{words[column]}'" if words is not None else ""
        return f"unit {units[row]}, step {steps[column]}{word}"

    rows = Names("unit", [str(unit) for unit in units])
    return Heatmap(title, values.T[order], rows, Names("step", [str(step) for step in steps]), scale, said=said)
