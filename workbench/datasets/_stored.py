"""Batches of stored samples: which samples stand in which step, as a pure function of (seed, step, size)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._streams import random_stream

__all__ = ["EpochOrder", "fixed_order"]


@lru_cache(maxsize=4)
def _order(module: str, num_samples: int, seed: int, epoch: int) -> NDArray[np.intp]:
    """The permutation of one epoch; the few last ones are kept, so a step costs a slice."""
    return random_stream(module, "epochs", seed=seed, step=epoch).permutation(num_samples)


def fixed_order(module: str, purpose: str, num_samples: int) -> NDArray[np.intp]:
    """A permutation that is the same for every run, for cutting off held-out sets. `module`, `purpose`: see `random_stream`."""
    return random_stream(module, purpose).permutation(num_samples)


class EpochOrder:
    """Walks through stored samples epoch by epoch, each in its own order.

    Epochs follow one another without a gap: a batch may end one and begin the next, so every sample comes exactly once
    per epoch and all batches have the same size.

    Args:
        module: the `__name__` of the card's file, see `random_stream`.
        num_samples: number of stored training samples, at least 1.
    """

    def __init__(self, module: str, num_samples: int) -> None:
        self._module = module
        self.num_samples = num_samples

    def indices(self, seed: int, step: int, size: int) -> NDArray[np.intp]:
        """The samples of a step, shape (size,); the permutation of an epoch is keyed by (seed, epoch)."""
        epoch, offset = divmod(step * size, self.num_samples)
        first = _order(self._module, self.num_samples, seed, epoch)[offset : offset + size]
        parts = [first]
        missing = size - len(first)
        while missing > 0:
            epoch += 1
            part = _order(self._module, self.num_samples, seed, epoch)[:missing]
            parts.append(part)
            missing -= len(part)
        return first if len(parts) == 1 else np.concatenate(parts)
