"""reversal: a string of digits in reverse order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import EOS, SPECIAL_SYMBOLS, Baseline, Batch, Config, DatasetCard, HeldOut, Task, Tokens, setting
from workbench.datasets._generator import ContentSplit, GeneratedDataset

__all__ = ["Reversal"]

_FIRST_DIGIT = len(SPECIAL_SYMBOLS)


class ReversalConfig(Config):
    """Settings of the reversal task."""

    min_length: int = setting(3, "Length of the shortest string.", ge=1, le=200, unit="digits")
    max_length: int = setting(14, "Length of the longest string.", ge=3, le=200, unit="digits")

    @model_validator(mode="after")
    def _range_is_ordered(self) -> ReversalConfig:
        if self.min_length > self.max_length:
            raise ValueError(f"expected min_length up to max_length {self.max_length}, got {self.min_length}")
        return self


class Reversal(DatasetCard[ReversalConfig]):
    """Reversal of digit strings, the task that shows what a fixed-size context vector cannot hold."""

    Config = ReversalConfig
    title = "Reversal"
    group = "Translation"
    summary = (
        "The target is the input string of digits in reverse order. The digits are random, so a context vector of fixed size "
        "must store all of them, while attention only has to look at the right position."
    )
    reference = (
        "Sutskever, Vinyals & Le 2014, arXiv:1409.3215 (order of the source); Bahdanau et al. 2015, arXiv:1409.0473, figure 2."
    )
    held_out = HeldOut("disjoint", "each string is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: ReversalConfig) -> Task:
        """Digits in, digits out."""
        tokens = Tokens((*SPECIAL_SYMBOLS, *"0123456789"), config.max_length + 1, joiner="")
        # without the source: ln 10 for every digit, and once per string the choice of where to end
        mean = (config.min_length + config.max_length) / 2
        lengths = config.max_length - config.min_length + 1
        loss = (mean * math.log(10) + math.log(lengths)) / (mean + 1)
        return Task("transduce", tokens, tokens, (Baseline("loss", loss, "ignoring the source"),))

    @classmethod
    def open(cls, config: ReversalConfig) -> ReversalDataset:
        """Digit strings without end."""
        return ReversalDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: ReversalConfig) -> str:
        """What is asked at these lengths."""
        length = (
            f"{config.min_length} to {config.max_length}" if config.min_length < config.max_length else f"{config.max_length}"
        )
        return (
            f"{length} random digits; the target is the same string in reverse order: 3141 becomes 1413. The end must be "
            "predicted as well."
        )


class ReversalDataset(GeneratedDataset):
    """Digit strings: inputs and targets (batch, longest + 1), each ending in EOS."""

    def __init__(self, task: Task, config: ReversalConfig) -> None:
        super().__init__(task)
        self.config = config
        self.split = ContentSplit(config.max_length, 10.0**config.max_length)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Strings of indices padded with PAD, shape (n, max_length)."""
        longest = self.config.max_length
        lengths = rng.integers(self.config.min_length, longest + 1, (n, 1))
        digits = rng.integers(_FIRST_DIGIT, _FIRST_DIGIT + 10, (n, longest))
        return digits * (np.arange(longest) < lengths)  # PAD is 0

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The strings with their reversals, cut to the longest of the batch."""
        lengths = np.count_nonzero(contents, axis=1)
        width = int(lengths.max(initial=0))
        inputs = np.zeros((len(contents), width + 1), dtype=np.int64)
        inputs[:, :width] = contents[:, :width]
        targets = np.zeros_like(inputs)
        source = lengths[:, None] - 1 - np.arange(width)  # the column that stands in each place, negative past the end
        targets[:, :width] = np.where(source >= 0, np.take_along_axis(inputs, np.maximum(source, 0), axis=1), 0)
        rows = np.arange(len(contents))
        inputs[rows, lengths] = EOS
        targets[rows, lengths] = EOS
        return Batch(inputs, targets, (lengths + 1).astype(np.int64))
