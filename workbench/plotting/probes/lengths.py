"""Lengths of sequences that the model draws, against those of the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Picture, Plot, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView

__all__ = ["LengthsView"]


@final
class LengthsView(ProbeView):
    """Shares of lengths 0, 1, ..., shape (2, n): row 0 the source's, row 1 the model's."""

    title = "Lengths"
    about = (
        "How often the model ends a sequence after how many symbols, beside the source's own distribution. `length_tv` is "
        "half the sum of their differences: 0 when they agree, 1 when they share no length. The shades have one line for each "
        "evaluation: the model's share minus the source's, above 0 where it ends too often after that many symbols."
    )

    axes = ("side", "length")
    named = "data"

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Two rows."""
        return super().fits(name, shape) and shape[0] == 2  # noqa: PLR2004 - source and model

    @classmethod
    def over_training(cls, name: str) -> bool:
        """The distance by length is."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """Mean lengths and the distance between the two."""
        true, drawn = _shares(look.array)
        lengths = np.arange(len(true))
        distance = np.abs(true - drawn).sum() / 2
        return f"mean length: source {true @ lengths:.3g}, model {drawn @ lengths:.3g}; total variation {distance:.3g}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """Both histograms in one figure, the source's as an outline, the model's as points; their difference over training."""
        true, drawn = _shares(look.array)
        used = np.flatnonzero((true > 0) | (drawn > 0))
        part = slice(max(0, int(used[0]) - 1), int(used[-1]) + 2) if len(used) else slice(None)
        lengths = np.arange(len(true), dtype=np.float64)[part]
        edges = np.concatenate((lengths - 0.5, lengths[-1:] + 0.5)).repeat(2)
        outline = np.concatenate(([0.0], true[part].repeat(2), [0.0]))
        tops = np.stack((drawn[part], np.full(len(lengths), np.nan)), axis=1).ravel()  # points, without a line between them
        stems = np.stack((np.zeros(len(lengths)), drawn[part], np.full(len(lengths), np.nan)), axis=1).ravel()
        return (
            Plot(
                "share of sequences by length",
                (
                    Series("source", edges, outline, "other"),
                    Series("model", lengths.repeat(3), stems, "validation", faint=True),
                    Series("model", lengths.repeat(2), tops, "validation", "●"),
                ),
                x_name="length",
            ),
            _differences(look, part),
        )


def _differences(look: Look, part: slice) -> Heatmap:
    """At each evaluation the model's share minus the source's, by length."""
    pairs = [(row.step, _shares(numbers(row))) for row in look.history()]
    moments = [(step, (shares[1] - shares[0])[part]) for step, shares in pairs]
    lengths = [str(length) for length in range(look.array.shape[1])[part]]
    largest = max((float(np.abs(row).max(initial=0.0)) for _, row in moments), default=0.0) or 1.0
    scale = Scale(-largest, largest, diverging=True)
    return shades_over_training("model minus source, training by length", moments, Names("length", lengths), scale)


def _shares(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """The array with 0 for what is no number."""
    return np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0)
