"""Samples drawn without end, and a split of a discrete space that no draw can cross.

Training batches are a pure function of (seed, step, size). The held-out sets depend on the dataset's settings alone.
How they stand to training, each card says (`held_out`):

- in a discrete space every sample belongs to one split by a hash of its content, and draws of the others are rejected;
- in a continuous space the streams differ, and two sequences of 24-bit fractions do not meet by chance;
- where the distribution over sequences is itself to be learned, no draw is rejected, and samples do meet.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Batch, Dataset, Split
from workbench.datasets._streams import random_stream

__all__ = ["NUM_HELD_OUT", "ContentSplit", "GeneratedDataset"]

NUM_HELD_OUT = 1000
"""Samples of the validation set, and of the test set, where the space has that many."""

TRAIN, VALIDATION, TEST = 0, 1, 2
_NUMBERS: dict[Split, int] = {"validation": VALIDATION, "test": TEST}
_ROUND = 16_384
_FRUITLESS_ROUNDS = 8


class ContentSplit:
    """Divides a discrete space into training, validation and test samples by a 64-bit hash of their content.

    One bucket each is validation and test, the rest is training. There are 64 buckets, or 8 in a small space, where
    a 64th part would be few samples.

    Args:
        width: number of integers that make up a sample; fewer are taken as padded with zeros.
        space: number of different samples, as a float since it may be huge.
    """

    def __init__(self, width: int, space: float) -> None:
        weights = random_stream(__name__, "content split").integers(1, 2**63, size=width, dtype=np.uint64)
        self._weights = weights | np.uint64(1)
        self._shift = np.uint64(61 if space < 64 * NUM_HELD_OUT else 58)

    @property
    def num_buckets(self) -> int:
        """How many buckets there are."""
        return 1 << (64 - int(self._shift))

    def hashes(self, contents: NDArray[np.integer]) -> NDArray[np.uint64]:
        """A 64-bit hash per row of `contents`, shape (n, <= width); trailing zeros do not count."""
        rows = contents.astype(np.uint64)
        mixed = (rows + rows * rows * np.uint64(0x9E3779B97F4A7C15)) @ self._weights[: rows.shape[1]]
        # the finaliser of splitmix64: a change of one digit reaches the high bits, which choose the bucket
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
        return result

    def of(self, contents: NDArray[np.integer]) -> NDArray[np.int8]:
        """The split of each row: TRAIN, VALIDATION or TEST; shape (n,)."""
        bucket = self.hashes(contents) >> self._shift
        split = np.zeros(len(bucket), dtype=np.int8)
        split[bucket == 0] = VALIDATION
        split[bucket == 1] = TEST
        return split


class GeneratedDataset(Dataset):
    """A dataset without end: a subclass says how to draw contents and how to make a batch of them.

    `split` is None in a continuous space, where rejection has nothing to reject, and where the task is the distribution itself,
    which rejection would change. `num_held_out` is the size of each held-out set.
    """

    split: ContentSplit | None = None
    num_held_out: int = NUM_HELD_OUT
    _held_out: dict[str, Batch] | None = None

    @abstractmethod
    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Contents of n samples, one a row."""

    def draws(self) -> tuple[int, int]:
        """About how many times `draw` is called for one held-out set, and for how many samples each.

        Where there is a content split, most samples belong to training.
        """
        if self.split is None:
            return 1, self.num_held_out
        return -(-self.num_held_out * self.split.num_buckets // _ROUND), _ROUND

    @abstractmethod
    def batch(self, contents: NDArray[Any]) -> Batch:
        """The samples that belong to the contents."""

    def identity(self, contents: NDArray[Any]) -> NDArray[np.integer]:
        """What of the contents decides the split, shape (n, width)."""
        return contents

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """`size` samples of the training split, the same for the same arguments."""
        rng = random_stream(type(self).__module__, "train", seed=seed, step=step)
        if self.split is None:
            return self.batch(self.draw(rng, size))
        parts: list[NDArray[Any]] = []
        missing = size
        while missing > 0:
            contents = self.draw(rng, missing + missing // 8 + 4)
            contents = contents[self.split.of(self.identity(contents)) == TRAIN][:missing]
            parts.append(contents)
            missing -= len(contents)
        return self.batch(parts[0] if len(parts) == 1 else np.concatenate(parts))

    def held_out(self, split: Split) -> Batch:
        """`num_held_out` different samples, or as many as the space has; drawn once and kept."""
        if self._held_out is None:
            self._held_out = {}
        if split not in self._held_out:
            self._held_out[split] = self.batch(self.held_out_contents(split))
        return self._held_out[split]

    def held_out_contents(self, split: Split) -> NDArray[Any]:
        """Contents of one held-out split; where there is a content split, no two alike."""
        rng = random_stream(type(self).__module__, split)
        if self.split is None:
            return self.draw(rng, self.num_held_out)
        chosen = self.draw(rng, 0)
        fruitless = 0
        while len(chosen) < self.num_held_out and fruitless < _FRUITLESS_ROUNDS:
            contents = self.draw(rng, _ROUND)
            contents = np.concatenate([chosen, contents[self.split.of(self.identity(contents)) == _NUMBERS[split]]])
            first = np.unique(self.split.hashes(self.identity(contents)), return_index=True)[1]
            fruitless = fruitless + 1 if len(first) == len(chosen) else 0
            chosen = contents[np.sort(first)]
        return chosen[: self.num_held_out]
