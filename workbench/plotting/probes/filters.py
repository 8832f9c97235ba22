"""What the filters of a convolution look for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from workbench.plotting.pictures import Picture
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._mosaic import mosaic
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
        "filter with a kernel for each channel."
    )
    axes = ("unit", "channel", "row", "column")

    @classmethod
    def summary(cls, look: Look) -> str:
        """Number and size."""
        filters, channels, height, width = look.array.shape
        largest = exact(float(abs(look.array).max()), 3)
        return f"{filters} filters of {height} x {width} over {channels} channel{'s' * (channels > 1)}, largest weight {largest}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """All filters, or the channels of one."""
        array, unit = look.array, look.chosen.unit
        if unit is not None:
            return (mosaic(f"filter {unit}, a kernel for each channel", array[unit], "channel"),)
        mean = ", mean over channels" if array.shape[1] > 1 else ""
        return (mosaic(f"filters{mean}", array.mean(axis=1), "filter"),)
