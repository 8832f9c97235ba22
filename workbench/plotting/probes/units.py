"""Which units are dead and which are saturated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Picture, Plot, Scale, Sheet
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import curves_over_training
from workbench.plotting.probes._view import ProbeView

__all__ = ["UnitsView"]

_MOSTLY = 0.5


@final
class UnitsView(ProbeView):
    """Of each unit the share of steps at which it is 0, and at which it is near its bound: shape (units, 2)."""

    title = "Units"
    about = (
        "Share of steps at which a unit is dead (exactly 0 on all samples) and at which it is saturated (beyond 95 % of its "
        "bound). A dead unit gets no gradient through a ReLU; a saturated one hardly any through tanh. The curves are means "
        "over the units of the layer, by training step; the table has all layers."
    )
    axes = ("unit of the layer", "part")

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Two shares for each unit."""
        return super().fits(name, shape) and shape[1] == 2  # noqa: PLR2004 - dead, saturated

    @classmethod
    def over_training(cls, name: str) -> bool:
        """Means over a layer's units are drawn over training."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """How many are dead, and how many mostly saturated."""
        shares = look.array
        dead, saturated = int((shares[:, 0] >= 1).sum()), int((shares[:, 1] > _MOSTLY).sum())
        return f"{len(shares)} units: {dead} always dead, {saturated} saturated at more than half of the steps"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """Shares unit by unit, their means over training, and those of all layers."""
        shares = look.array.T
        columns = Names.counted("unit", shares.shape[1])
        bound = look.row.info.get("bound")
        title = "share of steps" if bound is not None else "share of steps (a layer without a bound cannot saturate)"
        heatmap = Heatmap(title, shares, Names("", ("dead", "saturated"), words=True), columns, Scale(0.0, 1.0))
        lines = []
        for row in look.snapshot.rows.values():
            values = np.nan_to_num(numbers(row), nan=0.0, posinf=0.0, neginf=0.0)
            dead, saturated = int((values[:, 0] >= 1).sum()), int((values[:, 1] > _MOSTLY).sum())
            lines.append(
                (
                    row.name,
                    str(len(values)),
                    str(dead),
                    f"{values[:, 0].mean():.1%}",
                    str(saturated),
                    f"{values[:, 1].mean():.1%}",
                )
            )
        head = ("layer", "units", "dead", "of steps", "saturated", "of steps")
        return heatmap, _means(look), Sheet("all layers", head, lines, paths=True)


def _means(look: Look) -> Plot:
    """Mean shares of the layer's units at each moment of training."""
    taken = look.history()
    steps = np.array([row.step for row in taken], dtype=np.float64)
    means = np.array([numbers(row).mean(axis=0) for row in taken]).reshape(len(taken), 2)
    lines = [Series("dead", steps, means[:, 0], "train", "●"), Series("saturated", steps, means[:, 1], "validation", "○")]
    return curves_over_training("mean share by training step", look, lines)
