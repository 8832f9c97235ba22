"""Where a prediction differs from its target: place by place, or by the fewest changes that make the one of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_change", "by_place"]


def by_place(prediction: Sequence[str], target: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Places at which two sequences with one symbol for each step differ; what only one of them has is wrong as well.

    Returns:
        Wrong places of the prediction, and those of the target.
    """
    differ = {place for place, pair in enumerate(zip(prediction, target, strict=False)) if pair[0] != pair[1]}
    shared = min(len(prediction), len(target))
    return frozenset({*differ, *range(shared, len(prediction))}), frozenset({*differ, *range(shared, len(target))})


def by_change(prediction: Sequence[str], target: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Symbols that take part in the fewest replacements, insertions and deletions that make the target of the prediction.

    Returns:
        Places of the prediction that are replaced or one too many, and places of the target that are replaced or missing.

    Reference:
        Levenshtein 1966; Wagner and Fischer 1974, The string-to-string correction problem.
    """
    shared = min(len(prediction), len(target))
    head = next((place for place in range(shared) if prediction[place] != target[place]), shared)
    tail = next((place for place in range(shared - head) if prediction[-1 - place] != target[-1 - place]), shared - head)
    ours, truth = prediction[head : len(prediction) - tail], target[head : len(target) - tail]
    costs = _costs(ours, truth)
    wrong_ours, wrong_truth = set[int](), set[int]()
    row, column = len(ours), len(truth)
    while row or column:
        here = costs[row, column]
        if row and column and here == costs[row - 1, column - 1] + (ours[row - 1] != truth[column - 1]):
            row, column = row - 1, column - 1
            if ours[row] != truth[column]:
                wrong_ours.add(head + row)
                wrong_truth.add(head + column)
        elif row and here == costs[row - 1, column] + 1:
            row -= 1
            wrong_ours.add(head + row)
        else:
            column -= 1
            wrong_truth.add(head + column)
    return frozenset(wrong_ours), frozenset(wrong_truth)


def _costs(ours: Sequence[str], truth: Sequence[str]) -> NDArray[np.int64]:
    """Changes between the first i symbols of the one and the first j of the other, (len(ours) + 1, len(truth) + 1)."""
    numbers = {symbol: number for number, symbol in enumerate({*ours, *truth})}
    wanted = np.array([numbers[symbol] for symbol in truth], dtype=np.int64)
    places = np.arange(len(truth) + 1, dtype=np.int64)
    costs = np.empty((len(ours) + 1, len(truth) + 1), dtype=np.int64)
    costs[0] = places
    for row, symbol in enumerate(ours, 1):
        best = np.empty(len(truth) + 1, dtype=np.int64)
        best[0] = row
        best[1:] = np.minimum(costs[row - 1, :-1] + (wanted != numbers[symbol]), costs[row - 1, 1:] + 1)
        costs[row] = np.minimum.accumulate(best - places) + places  # insertions along the row, all at once
    return costs
