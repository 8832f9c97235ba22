"""echo: say each bit again after a fixed number of steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import Config, DatasetCard, setting
from workbench.datasets._generator import ContentSplit, GeneratedDataset
from workbench.parsing import parse_signal
from workbench.task import IGNORE_INDEX, Baseline, Batch, Classes, Task, TaskKind, Vectors

__all__ = ["Echo"]


class EchoConfig(Config):
    """Settings of the echo task."""

    length: int = setting(25, "Number of steps of a sequence.", ge=8, le=10_000, unit="steps")
    delay: int = setting(5, "Steps between a bit and its echo.", ge=0, le=9_999, unit="steps")

    @model_validator(mode="after")
    def _echo_fits(self) -> EchoConfig:
        if self.delay >= self.length:
            raise ValueError(f"expected a delay below the length {self.length}, got {self.delay}")
        return self


class Echo(DatasetCard[EchoConfig]):
    """Delayed echo of random bits, the plainest task that needs a hidden state."""

    Config = EchoConfig
    title = "Echo"
    group = "Memory tasks"
    summary = (
        "A stream of random bits comes in, and each must be said again a few steps later. "
        "Without memory nothing better than a coin can be done; with it the task is solved exactly."
    )
    reference = "y(t) = x(t - d); the delay-line task of Jaeger 2001, Short term memory in echo state networks, GMD report 152."

    @classmethod
    def task(cls, config: EchoConfig) -> Task:
        """A bit per step in, a bit per step out."""
        sentence = "tossing a coin"
        baselines = (Baseline("loss", math.log(2), sentence), Baseline("accuracy", 0.5, sentence))
        return Task(TaskKind.LABEL, Vectors(1, config.length), Classes(("0", "1")), baselines)

    @classmethod
    def open(cls, config: EchoConfig) -> EchoDataset:
        """Bit sequences without end."""
        return EchoDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: EchoConfig) -> str:
        """What is asked at this length and delay."""
        if config.delay == 0:
            return f"{config.length} random bits; each is to be repeated at once, which needs no memory."
        return (
            f"{config.length} random bits; each is to be said again {config.delay} steps later. "
            f"The first {config.delay} answers do not count, and guessing is right half the time."
        )


class EchoDataset(GeneratedDataset):
    """Sequences of bits: inputs (batch, length, 1), targets (batch, length)."""

    def __init__(self, task: Task, config: EchoConfig) -> None:
        super().__init__(task)
        self.config = config
        self.split = ContentSplit(config.length, 2.0 ** min(config.length, 1000))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Bits, shape (n, length)."""
        num_bytes = (self.config.length + 7) // 8
        packed = np.frombuffer(rng.bytes(n * num_bytes), dtype=np.uint8).reshape(n, num_bytes)
        return np.unpackbits(packed, axis=1, count=self.config.length)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The bits as numbers, and the same `delay` steps later as classes."""
        delay = self.config.delay
        targets = np.full(contents.shape, IGNORE_INDEX, dtype=np.int64)
        targets[:, delay:] = contents[:, : self.config.length - delay]
        return Batch(contents[:, :, None].astype(np.float32), targets)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The bits as a row of digits."""
        return "".join("1" if bit > 0.5 else "0" for bit in np.ravel(inputs).tolist())  # noqa: PLR2004 - halfway

    def input_example(self) -> str:
        """Eight bits."""
        return "0110 1001"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """Bits such as `0110 1001`, of any length.

        Raises:
            DataError: it is neither that nor a sequence of numbers.
        """
        bits = "".join(text.split())
        if bits and set(bits) <= {"0", "1"}:
            return np.array([[float(bit)] for bit in bits], dtype=np.float32)
        return parse_signal(self.task, text)
