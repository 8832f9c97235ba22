"""Which moment of its training a run is shown at, and which of its samples. Nothing here draws."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.runs.records import ProbeKind

__all__ = ["Moment", "moments_of"]


@dataclass(frozen=True)
class Moment:
    """A moment that all panels and the crosshairs of all charts show.

    Attributes:
        step: step of training; None is live: the newest of everything.
        sample: place among the samples of the snapshots, from 0; a panel begins again behind its last one.
    """

    step: int | None = None
    sample: int = 0

    def moved(self, steps: Sequence[int], by: int) -> Moment:
        """The moment so many snapshots later; live behind the last one, and the first one before it.

        Args:
            steps: of all snapshots, ascending.
            by: 1 to go on, -1 to go back.
        """
        if not steps:
            return self
        if self.step is None:
            place = len(steps) - 1 + by
        elif by > 0:
            place = bisect_right(steps, self.step) + by - 1
        else:
            place = bisect_left(steps, self.step) + by
        return replace(self, step=None if place >= len(steps) else steps[max(0, place)])

    def at(self, step: float) -> Moment:
        """The moment at a step of training."""
        return replace(self, step=max(0, round(step)))

    @property
    def live(self) -> Moment:
        """The newest of everything, on the same sample."""
        return replace(self, step=None)

    def of_sample(self, by: int) -> Moment:
        """The same moment of another sample."""
        return replace(self, sample=self.sample + by)

    def step_of(self, steps: Sequence[int]) -> int | None:
        """What is shown of a kind that was taken at these steps: the last one up to this moment, else the first one."""
        if not steps:
            return None
        return steps[-1] if self.step is None else steps[max(0, bisect_right(steps, self.step) - 1)]


def moments_of(kinds: Iterable[ProbeKind]) -> tuple[int, ...]:
    """The steps at which anything was taken, ascending."""
    return tuple(sorted({step for kind in kinds for step in kind.steps}))
