"""What is measured, and what of it is better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

__all__ = ["Metric"]


@final
@dataclass(frozen=True)
class Metric:
    """One number that tells how a model does.

    Attributes:
        name: its tag without the split (`train/`, `validation/`, `test/`).
        meaning: what it is, in one line.
        lower_is_better: whether a smaller value is the better one.
    """

    name: str
    meaning: str
    lower_is_better: bool = False

    @staticmethod
    def names(metrics: Iterable[Metric]) -> tuple[str, ...]:
        """The names of several."""
        return tuple(metric.name for metric in metrics)
