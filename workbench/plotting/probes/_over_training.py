"""What was measured at several steps of training: one line of shades for each, or a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Level, Mark, Series
from workbench.plotting.pictures import Heatmap, Names, Plot, Scale
from workbench.saying import exact

if TYPE_CHECKING:
    from workbench.plotting.probes._look import Look

__all__ = ["curves_over_training", "only_moment", "shades_over_training"]

_STEP = "training step"


def shades_over_training(
    title: str,
    moments: Sequence[tuple[int, NDArray[np.float64]]],
    columns: Names,
    scale: Scale | None = None,
    *,
    log: str = "",
) -> Heatmap:
    """One row for each step of training, one column for each thing that was measured then.

    Args:
        title: what is shown.
        moments: (step, values), oldest first; values that are missing at the end become gaps.
        columns: what the values are of.
        scale: what they are shown between; by default what there is.
        log: name of the quantity where the shades are its logarithm to base 10; the words name the quantity itself then.
    """
    values = np.full((len(moments), len(columns.labels)), np.nan)
    for place, (_, row) in enumerate(moments):
        part = row[: values.shape[1]]
        values[place, : len(part)] = part
    steps = [f"{step:,}" for step, _ in moments]
    rows = Names(_STEP, steps)
    if not log:
        return Heatmap(title, values, rows, columns, scale if scale is not None else Scale.of(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: NDArray[np.float64] = np.where(values > 0, np.log10(values), np.nan)
    known = logs[np.isfinite(logs)]
    ends = Scale.of(known, low=float(known.min()), high=float(known.max())) if known.size else Scale(0.0, 1.0)

    def said(row: int, column: int) -> str:
        where = f"{_STEP} {steps[row]}, {columns.name} {columns.labels[column]}"
        return f"{where}: {log} {exact(float(values[row, column]), 3)}, its logarithm"

    return Heatmap(title, logs, rows, columns, scale if scale is not None else ends, said=said)


def curves_over_training(
    title: str, look: Look, lines: Sequence[Series], *, log_y: bool = False, levels: Sequence[Level] = ()
) -> Plot:
    """Lines over the steps of training, with a mark at the one that is shown."""
    mark = Mark(float(look.snapshot.step), "▲", "mark")
    return Plot(title, tuple(lines), log_y=log_y, marks=(mark,), x_name=_STEP, levels=tuple(levels))


def only_moment(look: Look, moments: int) -> str:
    """Why there is one moment only, for a kind of model that is solved instead of being trained; "" where there are more."""
    total = look.experiment.get("training", {}).get("steps", 0)
    ended = isinstance(total, int) and look.snapshot.step >= total
    return "the only moment: it was solved in closed form, not trained" if moments == 1 and ended else ""
