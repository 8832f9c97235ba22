"""Stored pairs of token sequences: padded arrays in memory, cut per batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.cards import EOS, PAD, SPECIAL_SYMBOLS, UNK, Batch, Dataset, SourceFile, Split, Task
from workbench.datasets._stored import EpochOrder

__all__ = ["PairArrays", "PairParts", "PairsDataset", "encode_pairs", "index_of"]


@dataclass(frozen=True)
class PairArrays:
    """Pairs as indices: each row ends in EOS and is filled with PAD.

    Attributes:
        sources: (n, longest source) int32.
        targets: (n, longest target) int32.
        source_lengths, target_lengths: (n,) int64, EOS counted.
    """

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    source_lengths: NDArray[np.int64]
    target_lengths: NDArray[np.int64]

    def batch(self, rows: NDArray[np.intp]) -> Batch:
        """These rows, cut to the longest of them."""
        lengths, target_lengths = self.source_lengths[rows], self.target_lengths[rows]
        width, target_width = int(lengths.max(initial=1)), int(target_lengths.max(initial=1))
        inputs = self.sources[rows, :width].astype(np.int64)
        return Batch(inputs, self.targets[rows, :target_width].astype(np.int64), lengths)


def index_of(words: Sequence[str]) -> dict[str, int]:
    """The index of each word after the special symbols."""
    return {word: index for index, word in enumerate(words, len(SPECIAL_SYMBOLS))}


def encode_pairs(
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]], source_index: Mapping[str, int], target_index: Mapping[str, int]
) -> PairArrays:
    """The pairs as arrays; a word that is not in the index becomes UNK."""
    sources, source_lengths = _pad([source for source, _ in pairs], source_index)
    targets, target_lengths = _pad([target for _, target in pairs], target_index)
    return PairArrays(sources, targets, source_lengths, target_lengths)


def _pad(sentences: Sequence[Sequence[str]], index: Mapping[str, int]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Indices (n, longest) and lengths (n,), EOS counted."""
    lengths = np.array([len(sentence) + 1 for sentence in sentences], dtype=np.int64)
    width = int(lengths.max(initial=1))
    padded = np.full((len(sentences), width), PAD, dtype=np.int32)
    flat: list[int] = []
    for sentence in sentences:
        flat.extend([index.get(word, UNK) for word in sentence])
        flat.append(EOS)
    padded[np.arange(width) < lengths[:, None]] = flat
    return padded, lengths


@dataclass(frozen=True)
class PairParts:
    """A corpus, divided.

    Attributes:
        train, validation, test: the pairs of each part.
        words: the words of each held-out target, by split, where the vocabulary does not hold them all.
        notices: what the user should know of the data as opened.
    """

    train: PairArrays
    validation: PairArrays
    test: PairArrays
    words: Mapping[Split, Sequence[Sequence[str]]] | None = None
    notices: tuple[str, ...] = ()


class PairsDataset(Dataset):
    """Training pairs in an order per epoch, and two held-out sets, all in memory.

    Args:
        task: the task, of kind `transduce`.
        read: gives the pairs when they are asked for, and not before.
        sources: the files that they come from.
    """

    def __init__(self, task: Task, read: Callable[[], PairParts], sources: Sequence[SourceFile] = ()) -> None:
        super().__init__(task, sources=sources)
        self._read = read

    @cached_property
    def _parts(self) -> PairParts:
        return self._read()

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(type(self).__module__, len(self._parts.train.sources))

    @property
    def num_train(self) -> int:
        """Number of training pairs."""
        return len(self._parts.train.sources)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of the pairs."""
        return self._parts.notices

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The pairs of a step in the epoch's order."""
        return self._parts.train.batch(self._epochs.indices(seed, step, size))

    def held_out(self, split: Split) -> Batch:
        """All pairs of the split."""
        arrays = self._parts.test if split == "test" else self._parts.validation
        return arrays.batch(np.arange(len(arrays.sources)))

    def target_words(self, split: Split) -> list[list[str]] | None:
        """The words as the data have them, where some are outside the vocabulary."""
        words = self._parts.words
        return None if words is None else [list(target) for target in words[split]]
