"""lookahead: predict each bit some steps before it comes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import IGNORE_INDEX, Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.datasets._bits import BitSequences

__all__ = ["Lookahead"]


class LookaheadConfig(Config):
    """Settings of the task of looking ahead."""

    length: int = setting(25, "Number of steps of a sequence.", ge=8, le=10_000, unit="steps")
    ahead: int = setting(3, "The target is the bit this many steps later.", ge=1, le=9_999, unit="steps")

    @model_validator(mode="after")
    def _bit_is_there(self) -> LookaheadConfig:
        if self.ahead >= self.length:
            raise ValueError(f"expected ahead below the length {self.length}, got {self.ahead}")
        return self


class Lookahead(DatasetCard[LookaheadConfig]):
    """The mirror image of echo: what is asked for lies in the future."""

    Config = LookaheadConfig
    title = "Lookahead"
    group = "Memory tasks"
    summary = (
        "A sequence of random bits; the target at each step is the bit that comes some steps later. A network that reads only "
        "the past can only guess; one that also reads backwards from the end solves the task."
    )
    reference = (
        "y(t) = x(t + k); the case for both directions in Schuster and Paliwal 1997, and Goodfellow et al. 2016, section 10.3"
    )
    held_out = HeldOut("disjoint", "each bit sequence is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: LookaheadConfig) -> Task:
        """A bit per step in, a bit per step out."""
        sentence = "random guess"
        baselines = (Baseline("loss", math.log(2), sentence), Baseline("accuracy", 0.5, sentence))
        return Task("label", Vectors(1, config.length), Classes(("0", "1")), baselines)

    @classmethod
    def open(cls, config: LookaheadConfig) -> LookaheadDataset:
        """Bit sequences without end."""
        return LookaheadDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: LookaheadConfig) -> str:
        """What is asked at this length and distance."""
        return (
            f"{config.length} random bits; the target at each step is the bit {config.ahead} steps later. The last "
            f"{config.ahead} outputs do not count, and a random guess is right half the time."
        )


class LookaheadDataset(BitSequences):
    """Sequences of bits: inputs (batch, length, 1), targets (batch, length)."""

    def __init__(self, task: Task, config: LookaheadConfig) -> None:
        super().__init__(task, config.length)
        self.ahead = config.ahead

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The bits as numbers, and the same `ahead` steps earlier as classes."""
        targets = np.full(contents.shape, IGNORE_INDEX, dtype=np.int64)
        targets[:, : -self.ahead] = contents[:, self.ahead :]
        return Batch(contents[:, :, None].astype(np.float32), targets)
