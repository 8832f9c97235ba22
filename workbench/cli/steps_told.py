"""Says how far a command is that takes steps of a run once more."""

from __future__ import annotations

import time

from workbench.cli.output import message

__all__ = ["StepsTold"]

_EVERY_S = 1.0


class StepsTold:
    """Says it once a second at most, and at most at each hundredth; nothing of what takes less than a second.

    Args:
        words: what stands behind the numbers.
    """

    def __init__(self, words: str = "") -> None:
        self._words = words
        self._next_s, self._share = time.monotonic() + _EVERY_S, 0

    def __call__(self, step: int, last: int) -> None:
        """A step is done."""
        share = 100 * step // last
        if share > self._share and time.monotonic() >= self._next_s:
            self._next_s, self._share = time.monotonic() + _EVERY_S, share
            message(f"step {step:,} of {last:,}, {share} %{self._words}")
