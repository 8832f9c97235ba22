"""random_flip: repeat each bit, flipped or not by a hidden state that rarely changes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.datasets._bits import BitSequences

__all__ = ["RandomFlip"]


class RandomFlipConfig(Config):
    """Settings of the hidden state."""

    length: int = setting(30, "Number of steps of a sequence.", ge=8, le=1000, unit="steps")
    flip: float = setting(0.04, "Probability that the hidden state changes between two steps.", ge=0, le=0.5)

    @property
    def loss(self) -> float:
        """Entropy of the labels given the inputs, in nats per step: one bit at the start, then whether the state changes."""
        turn = self.flip
        each = -sum(p * math.log(p) for p in (turn, 1 - turn) if p > 0)
        return (math.log(2) + (self.length - 1) * each) / self.length


class RandomFlip(DatasetCard[RandomFlipConfig]):
    """Labels that depend on each other, not on the input alone."""

    Config = RandomFlipConfig
    title = "Random flip"
    group = "Generation"
    summary = (
        "Each label is the input bit, flipped or not. A hidden state decides, and it rarely changes: from the input alone "
        "every label can only be guessed, but with the true previous label the next one can be predicted almost with certainty."
    )
    reference = (
        "After Goodfellow et al. 2016, section 10.2.4 and figure 10.10: y(t) = x(t) xor z(t), z a Markov chain, z(1) uniform."
    )
    held_out = HeldOut("disjoint", "each sequence of input bits is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: RandomFlipConfig) -> Task:
        """A bit per step in, a bit per step out."""
        baselines = (
            Baseline("loss", math.log(2), "from the input alone"),
            Baseline("loss", config.loss, "knowing the previous labels"),
            Baseline("accuracy", 0.5, "from the input alone"),
        )
        return Task("label", Vectors(1, config.length), Classes(("0", "1")), baselines)

    @classmethod
    def open(cls, config: RandomFlipConfig) -> RandomFlipDataset:
        """Bit sequences without end."""
        return RandomFlipDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: RandomFlipConfig) -> str:
        """What is asked at this length."""
        return (
            f"{config.length} random bits; each label is the bit, flipped or not. A hidden state decides, which changes with "
            f"probability {config.flip:.0%} per step. Knowing the previous labels lowers the loss from {math.log(2):.3f} to "
            f"{config.loss:.3f} nats per step."
        )


class RandomFlipDataset(BitSequences):
    """Bits: inputs (batch, length, 1), targets (batch, length). The split goes by the inputs alone, not by the hidden state."""

    def __init__(self, task: Task, config: RandomFlipConfig) -> None:
        super().__init__(task, config.length)
        self.config = config

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Inputs and labels side by side, shape (n, 2 length)."""
        bits = rng.integers(0, 2, (n, self.config.length), dtype=np.uint8)
        turns = (rng.random((n, self.config.length)) < self.config.flip).astype(np.uint8)
        turns[:, 0] = rng.integers(0, 2, n, dtype=np.uint8)
        return np.concatenate((bits, bits ^ (turns.cumsum(axis=1) % 2).astype(np.uint8)), axis=1)

    def identity(self, contents: NDArray[Any]) -> NDArray[np.integer]:
        """The inputs."""
        return contents[:, : self.config.length]

    def batch(self, contents: NDArray[Any]) -> Batch:
        """Bits as numbers and as labels."""
        length = self.config.length
        return Batch(contents[:, :length, None].astype(np.float32), contents[:, length:].astype(np.int64))
