"""A series of the held-out set with what the model predicts of it, and how far off that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Plot
from workbench.plotting.probes._look import Look
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
        "read a warm-up and then sees its own outputs alone, so small errors grow."
    )
    leads = True

    axes = ("row", "sample", "step")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Two or three rows of series."""
        return super().fits(name, shape) and shape[0] in _ROWS

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
    def pictures(cls, look: Look) -> Sequence[Plot]:
        """The chosen series, and the distance of each prediction from it."""
        steps = np.arange(look.array.shape[2], dtype=np.float64)[-_SHOWN:] + 1
        true, *predicted = _end(look)
        lines = [Series(name, steps, row, role) for (name, role), row in zip(_PREDICTED, predicted, strict=False)]
        errors = [Series(name, steps, np.abs(row - true), role) for (name, role), row in zip(_PREDICTED, predicted, strict=False)]
        return [
            Plot(f"series {look.chosen.sample + 1}", (Series("true", steps, true, "other"), *lines), x_name="step"),
            Plot("error", tuple(errors), log_y=True, x_name="step"),
        ]


def _end(look: Look) -> NDArray[np.float64]:
    """What is drawn of the chosen series, (rows, steps), NaN for what is no number."""
    rows = look.array[:, look.chosen.sample, -_SHOWN:]
    return np.where(np.isfinite(rows), rows, np.nan)


def _rms(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(np.sqrt(np.square(known).mean())) if len(known) else float("nan")
