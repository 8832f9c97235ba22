"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Heatmap, Names, Picture, Scale, Sheet
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._view import ProbeView

__all__ = ["ConfusionView"]

_WORST = 20
"""Confusions that are listed."""


@final
class ConfusionView(ProbeView):
    """Counts, true class by predicted class, shape (classes, classes)."""

    title = "Confusion"
    about = (
        "How often a true class (line) was predicted as which class (column) on held-out samples. What is right stands on "
        "the diagonal; a dark column is a class that is hardly ever predicted. The table lists the most frequent mistakes."
    )
    axes = ("true", "predicted")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """As many columns as lines."""
        return super().fits(name, shape) and shape[0] == shape[1]

    @classmethod
    def summary(cls, look: Look) -> str:
        """Accuracy, and the most frequent mistake."""
        counts = _counts(look)
        total, right = counts.sum(), np.trace(counts)
        words = f"{right:,.0f} of {total:,.0f} right ({right / total:.1%})" if total > 0 else "nothing was counted"
        mistakes = _mistakes(counts)
        if not mistakes:
            return words
        true, predicted = mistakes[0]
        names = _names(look)
        return f"{words}; most often {names[true]} taken for {names[predicted]} ({counts[true, predicted]:,.0f})"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The table of counts as shades, and the mistakes by their number."""
        counts, names = _counts(look), _names(look)
        title = "true (down), predicted (across)"
        rows, columns = Names("true", names, words=True), Names("predicted", names, words=True)
        shades = Heatmap(title, counts, rows, columns, Scale.of(counts, low=0.0), whole=True, written=True)
        totals = counts.sum(axis=1)
        lines = [
            (names[true], names[predicted], f"{counts[true, predicted]:,.0f}", f"{counts[true, predicted] / totals[true]:.1%}")
            for true, predicted in _mistakes(counts)[:_WORST]
        ]
        return shades, Sheet("mistakes", ("true", "taken for", "times", "share"), lines)


def _counts(look: Look) -> NDArray[np.float64]:
    return np.nan_to_num(look.array, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)


def _names(look: Look) -> list[str]:
    """The classes' names; their numbers where they are not known."""
    given, count = look.row.info.get("classes"), len(look.array)
    return (
        [str(name) for name in given]
        if isinstance(given, list) and len(given) == count
        else [str(place) for place in range(count)]
    )


def _mistakes(counts: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of different classes with any count, the most frequent first."""
    wrong = counts * (1 - np.eye(len(counts)))
    order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
    return [(int(place) // len(counts), int(place) % len(counts)) for place in order]
