"""Readout error of a reservoir for other ridge parameters and washouts than the run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Mark, Series
from workbench.plotting.pictures import Plot
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import curves_over_training, only_moment
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
        "axis is the run's own setting. NRMSE 1 is what predicting the mean gives. Where the readout is fitted to more batches "
        "step by step, the errors with the run's own setting are drawn over these steps."
    )
    leads = True

    axes = ("setting", "column")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Four columns."""
        return super().fits(name, shape) and shape[1] == _COLUMNS

    @classmethod
    def over_training(cls, name: str) -> bool:
        """The errors of the run's own setting are."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """The run's own error, the best cell of the table, and whether there is one moment only."""
        table, experiment = look.array, look.experiment
        own = _own(table, experiment)
        errors = np.where(np.isfinite(table[:, 2]), table[:, 2], np.inf)
        best = table[int(errors.argmin())]
        words = f"NRMSE {table[own, 2]:.3g} here, lowest {best[2]:.3g} (ridge {best[0]:g}, washout {best[1]:g})"
        return "; ".join(part for part in (words, only_moment(look, len(look.history()))) if part)

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Plot]:
        """Error over ridge at the run's washout, over washout at the run's ridge, and of the run's own setting over its steps."""
        table, experiment = look.array, look.experiment
        ridge, washout = table[_own(table, experiment), :2]
        over_ridge = table[table[:, 1] == washout]
        over_washout = table[table[:, 0] == ridge]
        plots = [
            Plot("NRMSE by ridge", _lines(over_ridge, 0), True, True, (Mark(ridge, "▲", "mark"),), "ridge"),
            Plot("NRMSE by washout", _lines(over_washout, 1), False, True, (Mark(washout, "▲", "mark"),), "washout"),
        ]
        taken = look.history()
        if len(taken) > 1:
            steps = np.array([row.step for row in taken], dtype=np.float64)
            own = np.array([numbers(row)[_own(numbers(row), experiment), 2:] for row in taken])
            lines = [Series("train", steps, own[:, 1], "train", "○"), Series("held out", steps, own[:, 0], "validation", "●")]
            plots.append(curves_over_training("NRMSE by training step", look, lines, log_y=True))
        return plots


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
