"""How far the gates of a layer are open at each step of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Passage, Picture, Plot, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._order import units_over_steps
from workbench.plotting.probes._view import ProbeView

__all__ = ["GatesView"]

_LINES = (("train", "●"), ("validation", "○"), ("other", "◆"), ("mark", "◇"))
"""Role and sign of each gate's line."""


@final
class GatesView(ProbeView):
    """Gates between 0 (closed) and 1 (open), shape (samples, steps, units), named `<layer>/<gate>`."""

    title = "Gates"
    about = (
        "How far each gate of a layer is open: 0 is closed, 1 is open. The curves are means over units; the heatmap has one "
        "gate with its units below each other. A forget gate near 1 keeps what the cell holds; an input gate that opens at "
        "some steps alone decides what is written. `y` turns to the next gate, `u` to a unit over the text."
    )
    axes = ("sample", "step", "unit")
    alike = True
    named = "gate"

    @classmethod
    def group(cls, name: str) -> str:
        """Each gate is chosen by itself."""
        return name

    @classmethod
    def summary(cls, look: Look) -> str:
        """The mean of each gate of the layer."""
        gates = _of_layer(look)
        return "mean over units and steps: " + ", ".join(f"{name} {_mean(values):.3g}" for name, values in gates.items())

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """Means of all gates of the layer over t, and the chosen one unit by unit."""
        row, steps = look.row, look.steps(look.row)
        t = np.array(steps, dtype=np.float64)
        lines = tuple(
            Series(name, t[: len(values)], _means(values), *_LINES[place % len(_LINES)])
            for place, (name, values) in enumerate(_of_layer(look).items())
        )
        values, everything = look.of_sample(row), numbers(row)
        order, words = look.order(everything.reshape(-1, everything.shape[-1])), look.words(row)
        gate = look.chosen.name.rpartition("/")[2]
        scale = Scale.of(values, low=0.0, high=1.0)
        heatmap = units_over_steps(f"{gate}, units by steps", values, order, steps, words, scale)
        means = Plot("mean over units by t", lines, x_name="t")
        unit = look.chosen.unit
        if unit is None or words is None:
            return means, heatmap
        return means, heatmap, Passage(f"{gate}, unit {unit} over the text", words, values[:, unit], scale, steps)


def _of_layer(look: Look) -> dict[str, NDArray[np.float64]]:
    """The gates of the chosen one's layer by name, each (steps, units)."""
    layer = look.chosen.name.rpartition("/")[0]
    rows = [row for row in look.snapshot.rows.values() if row.name.rpartition("/")[0] == layer]
    return {row.name.rpartition("/")[2]: look.of_sample(row) for row in rows}


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over units of what is finite, NaN where nothing is."""
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    sums: NDArray[np.float64] = np.where(known, values, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
