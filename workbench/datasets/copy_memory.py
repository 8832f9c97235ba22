"""copy_memory: ten symbols, many blanks, then all ten again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, Tokens, setting
from workbench.datasets._generator import ContentSplit, GeneratedDataset
from workbench.errors import DataError

__all__ = ["CopyMemory"]

NUM_COPIED = 10
NUM_SYMBOLS = 8
BLANK, SIGNAL = 8, 9
SYMBOLS = (*"12345678", "_", ">")


class CopyMemoryConfig(Config):
    """Settings of the copying task."""

    length: int = setting(60, "Number of steps T over which the symbols must be remembered.", ge=1, le=10_000, unit="steps")


class CopyMemory(DatasetCard[CopyMemoryConfig]):
    """The copying task as defined by Arjovsky et al.

    The alphabet is a1 ... a8, blank and signal. The input of T + 20 steps is ten symbols drawn from a1 ... a8, T - 1
    blanks, the signal, and ten blanks; the target is T + 10 blanks and then the ten symbols in order. A model that
    predicts the blanks and guesses the ten symbols has the cross-entropy 10 ln 8 / (T + 20).
    """

    Config = CopyMemoryConfig
    title = "Copy memory"
    group = "Memory tasks"
    summary = (
        "Ten symbols are shown, then many blanks, then a signal asks for all ten symbols in order. It is a strict test of how "
        "long a network remembers exact values: gates help, a plain recurrent network forgets."
    )
    reference = (
        "Hochreiter & Schmidhuber 1997, Neural Computation 9(8); in this form Arjovsky, Shah & Bengio 2016, "
        "arXiv:1511.06464, section 4.1."
    )
    held_out = HeldOut("disjoint", "each sequence of ten symbols is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: CopyMemoryConfig) -> Task:
        """A symbol per step in, a symbol or blank per step out."""
        total = config.length + 2 * NUM_COPIED
        guessed = NUM_COPIED / NUM_SYMBOLS
        sentence = "predicting blanks, then random symbols"
        baselines = (
            Baseline("loss", NUM_COPIED * math.log(NUM_SYMBOLS) / total, sentence),
            Baseline("accuracy", (total - NUM_COPIED + guessed) / total, sentence),
        )
        inputs = Tokens(SYMBOLS, total, joiner="", special=False)
        return Task("label", inputs, Classes(SYMBOLS[:SIGNAL]), baselines)

    @classmethod
    def open(cls, config: CopyMemoryConfig) -> CopyMemoryDataset:
        """Sequences without end."""
        return CopyMemoryDataset(cls.task(config), config.length)

    @classmethod
    def describe(cls, config: CopyMemoryConfig) -> str:
        """What is asked at this length."""
        total = config.length + 2 * NUM_COPIED
        return (
            f"{NUM_COPIED} symbols out of {NUM_SYMBOLS}, {config.length} steps of waiting, then all ten in order: {total} "
            "steps. Predicting blanks and guessing the symbols gives a loss of "
            f"{NUM_COPIED * math.log(NUM_SYMBOLS) / total:.3f}."
        )


class CopyMemoryDataset(GeneratedDataset):
    """Sequences of symbols: inputs and targets (batch, length + 20)."""

    def __init__(self, task: Task, length: int) -> None:
        super().__init__(task)
        self.length = length
        self.split = ContentSplit(NUM_COPIED, float(NUM_SYMBOLS**NUM_COPIED))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """The symbols to be kept, shape (n, 10)."""
        return rng.integers(0, NUM_SYMBOLS, (n, NUM_COPIED))

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The symbols with blanks and signal after them, and the targets."""
        shape = (len(contents), self.length + 2 * NUM_COPIED)
        inputs = np.full(shape, BLANK, dtype=np.int64)
        inputs[:, :NUM_COPIED] = contents
        inputs[:, NUM_COPIED + self.length - 1] = SIGNAL
        targets = np.full(shape, BLANK, dtype=np.int64)
        targets[:, -NUM_COPIED:] = contents
        return Batch(inputs, targets)

    def input_example(self) -> str:
        """The ten symbols alone."""
        return "1234567812"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """The ten symbols to be kept (`1234567812`), or a whole sequence with blanks `_` and signal `>`.

        Raises:
            DataError: other symbols, or neither ten nor a whole sequence.
        """
        indices = self.task.inputs.parse(text) if isinstance(self.task.inputs, Tokens) else np.empty(0, np.int64)
        if len(indices) == NUM_COPIED and indices.max() < NUM_SYMBOLS:
            whole: NDArray[np.generic] = self.batch(indices[None]).inputs[0]
            return whole
        total = self.length + 2 * NUM_COPIED
        if len(indices) != total:
            raise DataError(f"input: got {len(indices)} symbols; expected {NUM_COPIED} of 1-8, or {total}. Add or remove some.")
        return indices
