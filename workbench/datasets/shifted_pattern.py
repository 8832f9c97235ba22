"""shifted_pattern: a short pattern in noise, learned in the first part of a sequence and asked for in the last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Split, Task, Vectors, setting
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._streams import random_stream

__all__ = ["ShiftedPattern"]

WIDTH = 8
"""Steps of a pattern."""


class ShiftedPatternConfig(Config):
    """Settings of the patterns."""

    length: int = setting(40, "Number of steps of a sequence.", ge=32, le=1000, unit="steps")
    num_classes: int = setting(4, "Number of different patterns.", ge=2, le=26)
    noise: float = setting(0.2, "Standard deviation of the noise at every step; that of the patterns is 1.", ge=0, le=2)

    @property
    def places(self) -> int:
        """Number of first steps that a pattern may have in training; as many, the last ones, are held out."""
        return (self.length - WIDTH + 1) // 2


class ShiftedPattern(DatasetCard[ShiftedPatternConfig]):
    """Classification of a short pattern at an unknown position."""

    Config = ShiftedPatternConfig
    title = "Shifted pattern"
    group = "Series"
    summary = (
        "One of four short waveforms occurs somewhere in noise; the target is which one. In training it starts in the first "
        "half; in validation and test it starts in the second half, at positions that training never uses."
    )
    reference = "After Lang & Hinton 1988 and Waibel et al. 1989, on recognition that does not depend on the place in time."
    held_out = HeldOut("fresh", "the noise is drawn anew, and the patterns are at positions that never occur in training.")

    @classmethod
    def task(cls, config: ShiftedPatternConfig) -> Task:
        """A series in, a class out."""
        names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: config.num_classes])
        baseline = Baseline("accuracy", 1 / config.num_classes, "random guess")
        return Task("classify", Vectors(1, config.length), Classes(names), (baseline,))

    @classmethod
    def open(cls, config: ShiftedPatternConfig) -> ShiftedPatternDataset:
        """Series without end."""
        return ShiftedPatternDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: ShiftedPatternConfig) -> str:
        """What is asked."""
        return (
            f"One of {config.num_classes} patterns of {WIDTH} steps in {config.length} steps of noise; the target is which one. "
            f"It starts at one of the first {config.places} steps in training, at one of the last {config.places} possible ones "
            "in validation and test."
        )


class ShiftedPatternDataset(GeneratedDataset):
    """Series: inputs (batch, length, 1), targets (batch,)."""

    def __init__(self, task: Task, config: ShiftedPatternConfig) -> None:
        super().__init__(task)
        self.config = config
        patterns = random_stream(__name__, "patterns").standard_normal((config.num_classes, WIDTH))
        patterns -= patterns.mean(axis=1, keepdims=True)
        self.patterns = patterns / patterns.std(axis=1, keepdims=True)  # (classes, WIDTH), all of the same mean and size

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Class, place among the training ones, and noise: (n, 2 + length)."""
        classes = rng.integers(0, self.config.num_classes, (n, 1))
        places = rng.integers(0, self.config.places, (n, 1))
        noise = rng.standard_normal((n, self.config.length)) * self.config.noise
        return np.concatenate((classes, places, noise), axis=1)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """Series with their patterns at their places."""
        classes, places = contents[:, 0].astype(np.int64), contents[:, 1].astype(np.int64)
        series = contents[:, 2:].copy()
        steps = places[:, None] + np.arange(WIDTH)
        series[np.arange(len(series))[:, None], steps] += self.patterns[classes]
        return Batch(series[:, :, None].astype(np.float32), classes)

    def held_out_contents(self, split: Split) -> NDArray[Any]:
        """The same patterns at the places that training leaves out."""
        contents = self.draw(random_stream(__name__, split), self.num_held_out)
        contents[:, 1] += self.config.length - WIDTH + 1 - self.config.places
        return contents
