"""echo: repeat each bit after a fixed number of steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import IGNORE_INDEX, Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, setting
from workbench.datasets._bits import BitSequences, bits

__all__ = ["Echo"]


class EchoConfig(Config):
    """Settings of the echo task."""

    length: int = setting(25, "Number of steps of a training or validation sequence.", ge=8, le=10_000, unit="steps")
    test_length: int = setting(
        0, "Number of steps of a test sequence; 0 for the same as in training.", ge=0, le=10_000, unit="steps"
    )
    delay: int = setting(5, "Delay: the target is the bit this many steps earlier.", ge=0, le=9_999, unit="steps")

    @model_validator(mode="after")
    def _echo_fits(self) -> EchoConfig:
        shortest = min(self.length, self.test_length or self.length)
        if self.delay >= shortest:
            raise ValueError(f"expected a delay below the length {shortest}, got {self.delay}")
        return self


class Echo(DatasetCard[EchoConfig]):
    """Delayed echo of random bits, the simplest task that needs a hidden state."""

    Config = EchoConfig
    title = "Echo"
    group = "Memory tasks"
    summary = (
        "Random bits come in; the target at each step is the bit some steps earlier. Without memory only a random guess is "
        "possible; with memory the task is solved exactly."
    )
    reference = "y(t) = x(t - d); the delay-line task of Jaeger 2001, Short term memory in echo state networks, GMD report 152."
    held_out = HeldOut("disjoint", "each bit sequence is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: EchoConfig) -> Task:
        """A bit per step in, a bit per step out."""
        sentence = "random guess"
        baselines = (Baseline("loss", math.log(2), sentence), Baseline("accuracy", 0.5, sentence))
        return Task("label", bits(config.length, config.test_length), Classes(("0", "1")), baselines)

    @classmethod
    def open(cls, config: EchoConfig) -> EchoDataset:
        """Bit sequences without end."""
        return EchoDataset(cls.task(config), config.delay, config.length, config.test_length or config.length)

    @classmethod
    def describe(cls, config: EchoConfig) -> str:
        """What is asked at this length and delay."""
        longer = f" Test sequences have {config.test_length} bits." if config.test_length not in (0, config.length) else ""
        if config.delay == 0:
            return (
                f"{config.length} random bits; the target at each step is the bit of the same step, which needs no "
                f"memory.{longer}"
            )
        return (
            f"{config.length} random bits; the target at each step is the bit {config.delay} steps earlier. The first "
            f"{config.delay} outputs do not count, and a random guess is right half the time.{longer}"
        )


class EchoDataset(BitSequences):
    """Sequences of bits: inputs (batch, length, 1), targets (batch, length).

    Args:
        task: what is asked.
        delay: steps between a bit and the output that it is the target of.
        length: bits of a training or validation sequence.
        test_length: bits of a test sequence.
    """

    def __init__(self, task: Task, delay: int, length: int, test_length: int) -> None:
        super().__init__(task, length, None if test_length == length else EchoDataset(task, delay, test_length, test_length))
        self.delay = delay

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The bits as numbers, and the same `delay` steps later as classes."""
        targets = np.full(contents.shape, IGNORE_INDEX, dtype=np.int64)
        targets[:, self.delay :] = contents[:, : contents.shape[1] - self.delay]
        return Batch(contents[:, :, None].astype(np.float32), targets)
