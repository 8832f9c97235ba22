"""Random numbers that belong to a card and a purpose: two cards, or two purposes of one, never draw the same."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np

__all__ = ["random_stream", "stream_number"]


def random_stream(module: str, purpose: str, *, seed: int = 0, step: int = 0) -> np.random.Generator:
    """The generator of one step: Philox, a counter-based one, so no earlier step has to be drawn first.

    Args:
        module: the `__name__` of a card's file, of which the last part, the card's name, counts.
        purpose: what the numbers are for (`train`, `validation`, `test`, or any other words).
        seed: the run's seed, 0 or above; 0 for what every run has in common.
        step: training step or epoch, 0 or above; up to 2**128 draws belong to each.
    Reference:
        Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
    """
    counter = np.array([0, 0, step, 0], dtype=np.uint64)
    key = np.array([seed, stream_number(module, purpose)], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(counter=counter, key=key))


@lru_cache(maxsize=256)
def stream_number(module: str, purpose: str) -> int:
    """A 64-bit number of the card's name and the purpose, the same on every machine. `module` and `purpose` as above."""
    card = module.rpartition(".")[2]
    return int.from_bytes(blake2b(f"{card}/{purpose}".encode(), digest_size=8).digest(), "little")
