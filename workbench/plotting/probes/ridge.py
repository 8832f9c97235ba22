"""Readout error of a reservoir for other ridge parameters and washouts than the run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Mark, Series
from workbench.plotting.pictures import Plot
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._view import ProbeView

__all__ = ["RidgeView"]

_COLUMNS = 4


@final
class RidgeView(ProbeView):
    """Rows of (ridge, washout, held-out NRMSE, training NRMSE), shape (n, 4)."""

    title = "Ridge"
    about = (
        "The readout is fitted again for each ridge parameter and washout; the reservoir's states are the same. Too small a "
        "ridge fits noise: training error falls and held-out error rises. Too large a one fits nothing. The mark on the "
        "axis is the run's own setting. NRMSE 1 is what predicting the mean gives."
    )
    leads = True

    axes = ("setting", "column")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Four columns."""
        return super().fits(name, shape) and shape[1] == _COLUMNS

    @classmethod
    def summary(cls, look: Look) -> str:
        """The run's own error, and the best cell of the table."""
        table, experiment = look.array, look.experiment
        own = _own(table, experiment)
        errors = np.where(np.isfinite(table[:, 2]), table[:, 2], np.inf)
        best = table[int(errors.argmin())]
        return f"NRMSE {table[own, 2]:.3g} here, lowest {best[2]:.3g} (ridge {best[0]:g}, washout {best[1]:g})"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Plot]:
        """Error over ridge at the run's washout, and over washout at the run's ridge."""
        table, experiment = look.array, look.experiment
        ridge, washout = table[_own(table, experiment), :2]
        over_ridge = table[table[:, 1] == washout]
        over_washout = table[table[:, 0] == ridge]
        return (
            Plot("NRMSE by ridge", _lines(over_ridge, 0), True, True, (Mark(ridge, "▲", "mark"),), "ridge"),
            Plot("NRMSE by washout", _lines(over_washout, 1), False, True, (Mark(washout, "▲", "mark"),), "washout"),
        )


def _own(table: NDArray[np.float64], experiment: Mapping[str, Any]) -> int:
    """The row of the run's own ridge and washout, or the nearest one; the best one where they are not known.

    A dataset whose first steps count for nothing has a washout of its own, and the longer one is in force.
    """
    model, data = experiment.get("model", {}), experiment.get("data", {})
    ridge, washouts = model.get("ridge"), [settings.get("washout", 0) for settings in (model, data)]
    if not isinstance(ridge, int | float) or ridge <= 0 or not all(isinstance(washout, int | float) for washout in washouts):
        return int(np.nan_to_num(table[:, 2], nan=np.inf).argmin())
    distance = np.abs(np.log10(np.maximum(table[:, 0], 1e-300) / ridge)) + np.abs(table[:, 1] - max(washouts))
    return int(distance.argmin())


def _lines(rows: NDArray[np.float64], column: int) -> tuple[Series, ...]:
    rows = rows[rows[:, column].argsort()]
    return (
        Series("train", rows[:, column], rows[:, 3], "train", "○"),
        Series("held out", rows[:, column], rows[:, 2], "validation", "●"),
    )
