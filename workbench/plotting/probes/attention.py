"""Where a model looks: how much each step attends to each other one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.pictures import Heatmap, Names, Picture, Scale
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._view import ProbeView

__all__ = ["AttentionView"]

_START = "(start)"


@final
class AttentionView(ProbeView):
    """Attention weights, shape (samples, heads, queries, keys); each row sums to 1."""

    title = "Attention"
    about = (
        "Each line is one step and shows where it looks: its weights over the columns add up to 1. In translation a line is "
        "the word that is being written and a column a word that is read; a path along the diagonal keeps the order, a "
        "crossing is a change of places. `a` turns to the next head, `y` to the next layer; long texts have pages, which "
        "the cursor turns."
    )
    axes = ("sample", "head", "query", "key")

    @classmethod
    def summary(cls, look: Look) -> str:
        """How spread the weights are: the number of steps that an even spread of the same entropy would have."""
        weights, _, _ = _part(look)
        known = np.where(np.isfinite(weights) & (weights > 0), weights, 1.0)
        spread = float(np.exp(-(known * np.log(known)).sum(axis=1)).mean()) if known.size else float("nan")
        return f"a line looks at {spread:.2g} of {weights.shape[1]} columns on average"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """One head, with the words on both sides."""
        weights, rows, columns = _part(look)
        title = f"head {look.chosen.head + 1}: {rows.name} (down) looks at {columns.name} (across)"
        return (Heatmap(title, weights, rows, columns, Scale(0.0, 1.0), whole=True, written=True),)


def _part(look: Look) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], Names, Names]:
    """The chosen head without padding, (queries, keys), and what its rows and columns are."""
    row = look.row
    sides = [str(row.info.get(key, "inputs")) for key in ("rows", "columns")]
    queries, keys = (look.steps(row, key, side) for key, side in zip(("row_steps", "column_steps"), sides, strict=True))
    weights = look.array[look.chosen.sample, look.chosen.head]
    weights = weights[: len(queries) or None, : len(keys) or None]
    names = []
    for place, (key, side) in enumerate(zip(("row_steps", "column_steps"), sides, strict=True)):
        words, count = look.words(row, key, side), weights.shape[place]
        if words is not None and place == 1 and sides == ["outputs", "outputs"]:
            words = [_START, *words[:-1]]  # a decoder reads what it has written: one step later
        called = {"outputs": "output", "inputs": "input"}.get(side, side)
        steps = (queries, keys)[place] or range(1, count + 1)
        names.append(Names(called, words, words=True) if words is not None else Names(called, [str(step) for step in steps]))
    return weights, names[0], names[1]
