"""A table of which classes were taken for which, and the most frequent mistakes as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Heatmap, Names, Picture, Scale, Sheet

__all__ = ["confusion_pictures", "most_frequent_mistakes"]

_LISTED = 20
"""Mistakes that are listed."""


def confusion_pictures(
    counts: NDArray[np.float64], names: Sequence[str], such: Callable[[int, int], str] | None = None
) -> list[Picture]:
    """The table as shades, and below it the mistakes by their number, where there are any.

    Args:
        counts: true class x predicted class.
        names: the classes.
        such: samples of a pair of classes, in words; "" for none.
    """
    rows, columns = Names("true", names, words=True), Names("predicted", names, words=True)

    def said(row: int, column: int) -> str:
        samples = "" if such is None else such(row, column)
        return f"true {names[row]}, predicted {names[column]}{f' (such as {samples})' if samples else ''}"

    title, scale = "true (down), predicted (across)", Scale.of(counts, low=0.0)
    shades = Heatmap(title, counts, rows, columns, scale, whole=True, written=True, said=said)
    totals = counts.sum(axis=1)
    lines = [
        (names[true], names[predicted], f"{counts[true, predicted]:,.0f}", f"{counts[true, predicted] / totals[true]:.1%}")
        for true, predicted in most_frequent_mistakes(counts)[:_LISTED]
    ]
    return [shades, *([Sheet("mistakes", ("true", "taken for", "times", "share"), lines)] if lines else ())]


def most_frequent_mistakes(counts: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of different classes with any count, the most frequent first."""
    wrong = counts * (1 - np.eye(len(counts)))
    order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
    return [(int(place) // len(counts), int(place) % len(counts)) for place in order]
