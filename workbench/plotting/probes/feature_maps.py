"""What the filters of a convolution find in an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.pictures import Heatmap, Names, Picture, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._mosaic import mosaic
from workbench.plotting.probes._view import ProbeView

__all__ = ["FeatureMapsView"]


@final
class FeatureMapsView(ProbeView):
    """Answers of each filter over the image, shape (samples, filters, height, width)."""

    title = "Feature maps"
    about = (
        "Where in the image each filter of a convolution answers, beside the image itself. `,` and `.` change the image, "
        "`u` shows one map alone. A map that is dark everywhere on all images belongs to a filter that finds nothing."
    )
    axes = ("sample", "unit", "row", "column")

    @classmethod
    def summary(cls, look: Look) -> str:
        """Number, size, and how many are silent."""
        maps = look.of_sample(look.row)
        silent = int((np.nan_to_num(maps).max(axis=(1, 2)) <= 0).sum())
        target = f", target {look.target}" if look.target else ""
        return f"{len(maps)} maps of {maps.shape[1]} x {maps.shape[2]}, {silent} silent{target}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The maps of the chosen image, or one of them; and the image."""
        maps, unit, sample = look.of_sample(look.row), look.chosen.unit, look.chosen.sample
        pictures: list[Picture] = [
            mosaic("feature maps", maps, "map") if unit is None else mosaic(f"map {unit}", maps[unit : unit + 1], "map", [unit])
        ]
        samples = look.snapshot.samples
        images = numbers(samples) if samples is not None else np.zeros(0)
        if images.ndim == 3 and sample < len(images):  # noqa: PLR2004 - samples, height, width
            height, width = images.shape[1:]
            rows, columns = Names.counted("row", height), Names.counted("column", width)
            pictures.append(Heatmap("image", images[sample], rows, columns, Scale.of(images[sample]), square=True))
        return pictures
