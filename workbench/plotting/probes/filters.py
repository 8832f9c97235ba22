"""What the filters of a convolution look for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Names, Picture, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._mosaic import mosaic
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView
from workbench.saying import exact

__all__ = ["FiltersView"]


@final
class FiltersView(ProbeView):
    """Kernels of a convolution, shape (filters, channels, height, width)."""

    title = "Filters"
    about = (
        "The kernels of a convolution as images: bright weights are positive, dark ones negative. A filter with a bright "
        "and a dark side answers to an edge between them. With several input channels their mean is shown; `u` shows one "
        "filter with a kernel for each channel. The shades over training say how far each filter has moved since the first "
        "snapshot, as a share of its norm then: 0.1 is a tenth."
    )
    axes = ("unit", "channel", "row", "column")

    @classmethod
    def over_training(cls, name: str) -> bool:
        """How far each has moved is drawn over training."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """Number and size, and how far they have moved."""
        filters, channels, height, width = look.array.shape
        largest = exact(float(abs(look.array).max()), 3)
        words = f"{filters} filters of {height} x {width} over {channels} channel{'s' * (channels > 1)}, largest weight {largest}"
        moved = next((shares for step, shares in _moved(look) if step == look.snapshot.step), None)
        if moved is None or not np.isfinite(moved).any():
            return words
        return f"{words}, moved by {np.nanmean(moved):.2g} of their norm since step {look.history()[0].step:,}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """All filters, or the channels of one; and how far each has moved."""
        array, unit = look.array, look.chosen.unit
        mean = ", mean over channels" if array.shape[1] > 1 else ""
        shown = (
            mosaic(f"filters{mean}", array.mean(axis=1), "filter")
            if unit is None
            else mosaic(f"filter {unit}, a kernel for each channel", array[unit], "channel")
        )
        moved = _moved(look)
        if not moved:
            return (shown,)
        largest = max((float(shares[np.isfinite(shares)].max(initial=0.0)) for _, shares in moved), default=0.0)
        scale = Scale(0.0, largest or 1.0)
        return shown, shades_over_training("moved since, training by filter", moved, Names.counted("unit", len(array)), scale)


def _moved(look: Look) -> list[tuple[int, NDArray[np.float64]]]:
    """At each moment the distance of each filter from what it was at the first one, by its norm then; NaN for one that was 0."""
    shape = look.array.shape
    all_taken = [(row.step, numbers(row)) for row in look.history()]
    taken = [(step, values.reshape(len(values), -1)) for step, values in all_taken if values.shape == shape]
    if not taken:
        return []
    first = taken[0][1]
    norms = np.linalg.norm(first, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return [(step, np.linalg.norm(values - first, axis=1) / np.where(norms > 0, norms, np.nan)) for step, values in taken]
