"""What the units of a layer hold at each step of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Passage, Picture, Plot, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._order import units_over_steps
from workbench.plotting.probes._view import ProbeView
from workbench.saying import exact

__all__ = ["StatesView"]


@final
class StatesView(ProbeView):
    """h_t of each layer, shape (samples, steps, units)."""

    title = "States"
    about = (
        "The hidden state of a layer: units below each other, steps of the sequence from left to right. Units that do alike "
        "stand together. A unit that keeps its shade over many steps remembers something; one that changes at a certain "
        "word tells it apart. Below, one unit alone: the text shaded by it, or its curve. `u` and `U` choose the unit, or "
        "enter in the heatmap."
    )
    axes = ("sample", "step", "unit")
    alike = True

    @classmethod
    def summary(cls, look: Look) -> str:
        """Size, range, and how much of the activity varies."""
        values = look.of_sample(look.row)
        known = values[np.isfinite(values)]
        span = f"{exact(float(known.min()), 3)} to {exact(float(known.max()), 3)}" if known.size else "nothing finite"
        return f"{values.shape[1]} units, alike ones together, {values.shape[0]} steps, {span}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """Units by steps, and the chosen unit over the text, or as a curve."""
        row = look.row
        everything = numbers(row).reshape(-1, numbers(row).shape[-1])
        values, steps, words = look.of_sample(row), look.steps(row), look.words(row)
        scale, every = Scale.of(everything), row.info.get("every", 1)
        thinned = f", every {every}th step" if isinstance(every, int) and every > 1 else ""
        title = f"h_t, units by steps{thinned}"
        unit = look.leading(everything)
        heatmap = units_over_steps(title, values, look.order(everything), steps, words, scale)
        if words is not None:
            return heatmap, Passage(f"unit {unit} over the text", words, values[:, unit], scale, steps)
        curve = Series(f"unit {unit}", np.array(steps, dtype=np.float64), values[:, unit], "train")
        return heatmap, Plot(f"unit {unit} over t", (curve,), x_name="t")
