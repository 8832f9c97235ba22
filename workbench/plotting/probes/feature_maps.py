"""What the filters of a convolution find in an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.pictures import Heatmap, Names, Picture, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._mosaic import mosaic
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView

__all__ = ["FeatureMapsView"]

_ACTIVE = "active"


@final
class FeatureMapsView(ProbeView):
    """Answers of each filter over the image, (samples, filters, height, width); `<layer>/active` (samples, filters).

    The latter is the share of places at which a map answers.
    """

    title = "Feature maps"
    about = (
        "Where in the image each filter of a convolution answers, beside the image itself. `,` and `.` change the image, "
        "`u` shows one map alone. A map that is dark everywhere on all images belongs to a filter that finds nothing. The "
        "shades over training are the share of its places at which each map answers."
    )
    axes = ("sample", "unit", "row", "column")

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """A share has no places."""
        return cls.axes[:2] if cls.over_training(name) else cls.axes

    @classmethod
    def over_training(cls, name: str) -> bool:
        """Shares are small enough."""
        return name.endswith(f"/{_ACTIVE}")

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Maps, or their shares."""
        return name.partition("/")[2] in ("", _ACTIVE) and super().fits(name, shape)

    @classmethod
    def summary(cls, look: Look) -> str:
        """Number, size, and how many are silent."""
        maps = look.of_sample(look.row)
        silent = int((np.nan_to_num(maps).max(axis=(1, 2)) <= 0).sum())
        target = f", target {look.target}" if look.target else ""
        return f"{len(maps)} maps of {maps.shape[1]} x {maps.shape[2]}, {silent} silent{target}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The maps of the chosen image, or one of them; the image; and how much of each map answers, over training."""
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
        if taken := look.history(_ACTIVE):
            moments = [(row.step, numbers(row)[sample]) for row in taken if sample < len(numbers(row))]
            columns = Names.counted("unit", len(maps))
            pictures.append(shades_over_training("share that answers, training by map", moments, columns, Scale(0.0, 1.0)))
        return pictures
