"""Series of the held-out set with what the model predicts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.probes._view import Plot, ProbeView

__all__ = ["ForecastView"]

_SHOWN = 120
"""Steps at the end of a series that are drawn: more would be too dense to tell two lines apart."""
_ROWS = (2, 3)
_FREE = 2


@final
class ForecastView(ProbeView):
    """Shape (rows, series, steps): row 0 the true values, row 1 the forecast of each from the true values before it.

    Row 2, where there is one, is the free run: after the warm-up the model is fed its own outputs; NaN before.
    """

    title = "Forecast"
    about = (
        "The end of two held-out series. `forecast` knows the true value before each step; `free run` has read a warm-up and "
        "then sees its own outputs alone, so small errors grow."
    )
    leads = True

    @classmethod
    def fits(cls, array: NDArray[np.generic]) -> bool:
        """Two or three rows of series."""
        return array.ndim == 3 and array.shape[0] in _ROWS and min(array.shape) > 0  # noqa: PLR2004 - rows, series, steps

    @classmethod
    def summary(cls, array: NDArray[np.generic], experiment: Mapping[str, Any]) -> str:  # noqa: ARG003 - no setting matters
        """Errors over what is drawn, and the last values as numbers."""
        true, *found = _end(array, 0)
        names = ("forecast", "free run")
        errors = [f"{name} {_rms(row - true):.3g}" for name, row in zip(names, found, strict=False)]
        known = np.flatnonzero(np.isfinite([true, *found]).all(0))
        step = int(known[-1]) if len(known) else -1
        last = ", ".join(f"{name} {row[step]:.4g}" for name, row in zip(("true", *names), (true, *found), strict=False))
        return f"series 1: RMS error of {', of '.join(errors)}; at the end {last}"

    @classmethod
    def plots(cls, array: NDArray[np.generic], experiment: Mapping[str, Any]) -> Sequence[Plot]:  # noqa: ARG003 - see above
        """One figure for each of the first two series."""
        steps = np.arange(array.shape[2], dtype=np.float64)[-_SHOWN:] + 1
        found = []
        for number in range(min(2, array.shape[1])):
            rows = _end(array, number)
            lines = [Series("true", steps, rows[0], "other"), Series("forecast", steps, rows[1], "validation")]
            if len(rows) > _FREE:
                lines.append(Series("free run", steps, rows[_FREE], "train"))
            found.append(Plot(f"series {number + 1}", tuple(lines)))
        return found


def _end(array: NDArray[np.generic], number: int) -> NDArray[np.float64]:
    """What is drawn of one series, (rows, steps), NaN for what is no number."""
    rows = array[:, number, -_SHOWN:].astype(np.float64)
    return np.where(np.isfinite(rows), rows, np.nan)


def _rms(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(np.sqrt(np.square(known).mean())) if len(known) else float("nan")
