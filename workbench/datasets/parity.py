"""parity: after each bit, whether the number of ones so far is odd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, setting
from workbench.datasets._bits import BitSequences, bits

__all__ = ["Parity"]


class ParityConfig(Config):
    """Settings of running parity."""

    length: int = setting(64, "Number of bits of a training or validation sequence.", ge=8, le=10_000, unit="steps")
    test_length: int = setting(
        0, "Number of bits of a test sequence; 0 for the same as in training.", ge=0, le=10_000, unit="steps"
    )


class Parity(DatasetCard[ParityConfig]):
    """Running parity, with test sequences of a length of their own."""

    Config = ParityConfig
    title = "Running parity"
    group = "Memory tasks"
    summary = (
        "Random bits come in; the target after each one is whether the number of ones so far is odd. The previous target and "
        "the new bit determine the next target, so one bit of memory solves the task at any length."
    )
    reference = "y(t) = y(t-1) xor x(t), y(0) = 0; parity as in Minsky and Papert 1969, over time as in Bengio et al. 1994"
    held_out = HeldOut("disjoint", "each bit sequence is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: ParityConfig) -> Task:
        """A bit per step in, a bit per step out."""
        sentence = "random guess"
        baselines = (Baseline("loss", math.log(2), sentence), Baseline("accuracy", 0.5, sentence))
        return Task("label", bits(config.length, config.test_length), Classes(("0", "1")), baselines)

    @classmethod
    def open(cls, config: ParityConfig) -> ParityDataset:
        """Bit sequences without end."""
        return ParityDataset(cls.task(config), config.length, config.test_length or config.length)

    @classmethod
    def describe(cls, config: ParityConfig) -> str:
        """What is asked at this length."""
        longer = f" Test sequences have {config.test_length} bits." if config.test_length not in (0, config.length) else ""
        return f"{config.length} random bits; the target after each one is whether the number of ones so far is odd.{longer}"


class ParityDataset(BitSequences):
    """Sequences of bits: inputs (batch, length, 1), targets (batch, length).

    Args:
        task: what is asked.
        length: bits of a training or validation sequence.
        test_length: bits of a test sequence.
    """

    def __init__(self, task: Task, length: int, test_length: int) -> None:
        super().__init__(task, length, None if test_length == length else ParityDataset(task, test_length, test_length))

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The bits as numbers, and their running sum modulo two."""
        targets = np.cumsum(contents, axis=1, dtype=np.int64) % 2
        return Batch(contents[:, :, None].astype(np.float32), targets)
