"""latch: the class is shown once, at the first step or at one of the first; then there is only noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.datasets._generator import GeneratedDataset

__all__ = ["Latch"]

_CLASSES = "abcd"
_SHOWN = 4


class LatchConfig(Config):
    """Settings of the latch."""

    length: int = setting(100, "Number of steps of a sequence.", ge=2, le=10_000, unit="steps")
    noise: float = setting(0.2, "Standard deviation of the noise in all inputs at all other steps.", ge=0.01, le=10)
    window: int = setting(
        1, "The class is shown at a random step among this many first ones; 1 for always the first step.", ge=1, unit="steps"
    )

    @model_validator(mode="after")
    def _cue_lies_in_the_sequence(self) -> LatchConfig:
        if self.window > self.length:
            raise ValueError(f"expected a window of at most the length {self.length}, got {self.window}")
        return self


class Latch(DatasetCard[LatchConfig]):
    """Holding on to one of four values through noise."""

    Config = LatchConfig
    title = "Latch"
    group = "Memory tasks"
    summary = (
        "At the first step one of four inputs is 1; then there is only noise, and at the end the network must predict which "
        "input it was. It is the simplest test of whether the gradient reaches back to the first step."
    )
    reference = (
        "After Bengio, Simard and Frasconi 1994, IEEE Trans. Neural Networks 5(2), section II (latching), with four classes"
    )
    held_out = HeldOut(
        "fresh", "the noise is drawn anew, so no sequence occurs twice; the four classes are the same in all sets."
    )

    @classmethod
    def task(cls, config: LatchConfig) -> Task:
        """Four channels per step in, one of four classes out."""
        sentence = "random guess"
        baselines = (
            Baseline("loss", math.log(len(_CLASSES)), sentence),
            Baseline("accuracy", 1 / len(_CLASSES), sentence),
        )
        return Task("classify", Vectors(len(_CLASSES), config.length), Classes(tuple(_CLASSES)), baselines)

    @classmethod
    def open(cls, config: LatchConfig) -> LatchDataset:
        """Sequences without end."""
        return LatchDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: LatchConfig) -> str:
        """What is asked at this length."""
        when = "the first" if config.window == 1 else f"one of the first {config.window}"
        return (
            f"One of {len(_CLASSES)} inputs is 1 at {when} of {config.length} steps, the others 0; at all other steps they are "
            f"noise of standard deviation {config.noise:g}. The target is which input it was; a random guess is right a quarter "
            "of the time."
        )


class LatchDataset(GeneratedDataset):
    """Inputs (batch, length, 4), targets (batch,). Contents have a last step more: the class, as a one among zeros."""

    def __init__(self, task: Task, config: LatchConfig) -> None:
        super().__init__(task)
        self.config = config

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Input sequences, each followed by its class, shape (n, length + 1, 4)."""
        noise = rng.standard_normal((n, self.config.length, len(_CLASSES)), dtype=np.float32) * np.float32(self.config.noise)
        told = np.eye(len(_CLASSES), dtype=np.float32)[rng.integers(0, len(_CLASSES), n)]
        when = rng.integers(0, self.config.window, n) if self.config.window > 1 else 0
        noise[np.arange(n), when] = told
        return np.concatenate([noise, told[:, None]], axis=1)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The sequences and their classes."""
        return Batch(contents[:, :-1].copy(), contents[:, -1].argmax(1).astype(np.int64))

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first steps in full, the rest left out."""
        steps = [" ".join(f"{value:.2f}" for value in step) for step in inputs[:_SHOWN]]
        return " | ".join([*steps, "..."] if len(inputs) > _SHOWN else steps)
