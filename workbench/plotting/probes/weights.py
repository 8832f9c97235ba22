"""What the weights of each parameter are, and what training does to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, final

import numpy as np

from workbench.plotting.figure import Level, Series
from workbench.plotting.pictures import Bars, Picture, Plot, Sheet
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import curves_over_training
from workbench.plotting.probes._view import ProbeView
from workbench.saying import exact

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["WeightsView"]

_PARTS = (("weight", "train"), ("gradient", "validation"), ("last update", "other"))
"""What the rows of the array are histograms of, and their roles."""
_RATIO, _WEIGHT, _GRADIENT, _UPDATE = 1, 2, 3, 4
"""Columns of the numbers over training; the step stands in the first one."""
_USUAL = 1e-3
"""Update / weight that is usual."""


@final
class WeightsView(ProbeView):
    """Shares of values in bins of equal width: of weights, gradients and last updates, shape (3, bins)."""

    title = "Weights"
    about = (
        "One line for each parameter: norms of its weights, of its gradient and of its last update, and update / weight: "
        "about 1e-3 is usual, far less learns slowly, far more jumps. The curves show it over training, of the chosen "
        "parameter (`y`) before all others, and the norms of that one. The histograms are of the chosen one too. A "
        "gradient whose bars stand all at 0 reaches nothing."
    )
    axes = ("part", "bin")
    named = "parameter"
    numbers = ("$.ratio", "$.norms[0]", "$.norms[1]", "$.norms[2]")

    @classmethod
    def group(cls, name: str) -> str:
        """Each parameter by itself, whatever stands in its name."""
        return name

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Three histograms."""
        return super().fits(name, shape) and shape[0] == len(_PARTS)

    @classmethod
    def summary(cls, look: Look) -> str:
        """The chosen parameter's ratio, and the range of all."""
        ratios = {row.name: ratio for row in look.snapshot.rows.values() if (ratio := _number(row.info.get("ratio"))) is not None}
        own = ratios.get(look.chosen.name)
        words = [f"update / weight {exact(own, 3)}"] if own is not None else ["update not known at this step"]
        if ratios:
            low, high = min(ratios, key=ratios.__getitem__), max(ratios, key=ratios.__getitem__)
            words.append(f"lowest {exact(ratios[low], 3)} ({low}), highest {exact(ratios[high], 3)} ({high})")
        return "; ".join(words)

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """All parameters as a table, update / weight and norms over training, and the histograms of the chosen one."""
        rows = [_line(row, chosen=row.name == look.chosen.name) for row in look.snapshot.rows.values()]
        columns = ("parameter", "weight", "gradient", "update", "ratio")
        pictures: list[Picture] = [Sheet("norms", columns, rows, paths=True), *_over_training(look)]
        array, edges = numbers(look.row), look.row.info.get("edges")
        for place, (part, role) in enumerate(_PARTS):
            ends = edges[place] if isinstance(edges, list) and place < len(edges) else None
            if isinstance(ends, list) and len(ends) == 2 and all(_number(end) is not None for end in ends):  # noqa: PLR2004 - low, high
                pictures.append(Bars(f"{part} of {look.chosen.name}", array[place], float(ends[0]), float(ends[1]), role))
        return pictures


def _over_training(look: Look) -> list[Plot]:
    """Update / weight of all parameters, the chosen one before the others; and that one's norms."""
    tables, chosen = look.snapshot.numbers, look.chosen.name
    own = tables.get(chosen, np.zeros((0, 5)))
    others = {name: table for name, table in tables.items() if name != chosen and name in look.snapshot.rows}
    plots = []
    if any((table[:, _RATIO] > 0).any() for table in (own, *others.values())):
        lines = [Series(name, table[:, 0], table[:, _RATIO], "other", faint=True) for name, table in others.items()]
        lines.append(Series(chosen, own[:, 0], own[:, _RATIO], "train", "●"))
        levels = (Level(_USUAL, "usual", "mark"),)
        plots.append(curves_over_training("update / weight by training step", look, lines, log_y=True, levels=levels))
    if (own[:, _WEIGHT:] > 0).any():
        norms = (("weight", _WEIGHT, "train", "●"), ("gradient", _GRADIENT, "validation", "○"), ("update", _UPDATE, "other", "◆"))
        lines = [Series(name, own[:, 0], own[:, column], role, sign) for name, column, role, sign in norms]
        plots.append(curves_over_training(f"norms of {chosen} by training step", look, lines, log_y=True))
    return plots


def _line(row: Probe, *, chosen: bool) -> tuple[str, ...]:
    norms = row.info.get("norms")
    known = [*norms, None, None, None][:3] if isinstance(norms, list) else [None] * 3
    return (f"{row.name}{' <' if chosen else ''}", *(_said(norm) for norm in known), _said(row.info.get("ratio")))


def _said(value: object) -> str:
    number = _number(value)
    return "-" if number is None else exact(number, 3)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None
