"""A series of the held-out set with what the model predicts of it, and how far off that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Picture, Plot
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView

__all__ = ["ForecastView"]

_SHOWN = 120
"""Steps at the end of a series that are drawn: more would be too dense to tell two lines apart."""
_ROWS = (2, 3)
_PREDICTED = (("forecast", "validation"), ("free run", "train"))
"""What rows 1 and 2 are, and the role whose colour they have."""


@final
class ForecastView(ProbeView):
    """Shape (rows, series, steps): row 0 the true values, row 1 the forecast of each from the true values before it.

    Row 2, where there is one, is the free run: after the warm-up the model is fed its own outputs; NaN before.
    """

    title = "Forecast"
    about = (
        "The end of a held-out series, and how far each prediction is from it on a logarithmic axis, where lines that lie "
        "on each other in the first figure come apart. `forecast` knows the true value before each step; `free run` has "
        "read a warm-up and then sees its own outputs alone, so small errors grow. The shades have one line for each "
        "evaluation: the RMS error over the series at each step, of the free run where there is one."
    )
    leads = True

    axes = ("row", "sample", "step")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Two or three rows of series."""
        return super().fits(name, shape) and shape[0] in _ROWS

    @classmethod
    def over_training(cls, name: str) -> bool:
        """The error at each step is."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """Errors over what is drawn, and the last values as numbers."""
        true, *predicted = _end(look)
        names = [name for name, _ in _PREDICTED]
        errors = [f"{name} {_rms(row - true):.3g}" for name, row in zip(names, predicted, strict=False)]
        known = np.flatnonzero(np.isfinite([true, *predicted]).all(0))
        step = int(known[-1]) if len(known) else -1
        last = ", ".join(f"{name} {row[step]:.4g}" for name, row in zip(("true", *names), (true, *predicted), strict=False))
        return f"series {look.chosen.sample + 1}: RMS error of {', of '.join(errors)}; at the end {last}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The chosen series, the distance of each prediction from it, and the error of all series over training."""
        steps = np.arange(look.array.shape[2], dtype=np.float64)[-_SHOWN:] + 1
        true, *predicted = _end(look)
        lines = [Series(name, steps, row, role) for (name, role), row in zip(_PREDICTED, predicted, strict=False)]
        errors = [Series(name, steps, np.abs(row - true), role) for (name, role), row in zip(_PREDICTED, predicted, strict=False)]
        return [
            Plot(f"series {look.chosen.sample + 1}", (Series("true", steps, true, "other"), *lines), x_name="step"),
            Plot("error", tuple(errors), log_y=True, x_name="step"),
            _over_training(look),
        ]


def _over_training(look: Look) -> Heatmap:
    """At each evaluation the RMS error over the series, by step: of the free run from its start on, else of the forecast."""
    last = look.array.shape[0] - 1
    known = np.flatnonzero(np.isfinite(look.array[last]).any(axis=0))
    part = slice(int(known[0]), int(known[-1]) + 1) if len(known) else slice(None)
    moments = []
    for row in look.history():
        if row.array is not None and row.array.shape == look.array.shape:
            true, predicted = _known(np.asarray(row.array[[0, last]][:, :, part], dtype=np.float64))
            moments.append((row.step, np.sqrt(np.square(predicted - true).mean(axis=0))))
    steps = [str(step + 1) for step in range(look.array.shape[2])[part]]
    name = _PREDICTED[last - 1][0]
    return shades_over_training(f"log10 error of {name}, training by step", moments, Names("step", steps), log="RMS error")


def _end(look: Look) -> NDArray[np.float64]:
    """What is drawn of the chosen series, (rows, steps)."""
    return _known(look.array[:, look.chosen.sample, -_SHOWN:])


def _known(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same, with NaN for what is no number."""
    return np.where(np.isfinite(rows), rows, np.nan)


def _rms(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(np.sqrt(np.square(known).mean())) if len(known) else float("nan")
