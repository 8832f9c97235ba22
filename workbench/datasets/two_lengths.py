"""two_lengths: random letters, of which only the number can be learned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import EOS, SPECIAL_SYMBOLS, Baseline, Batch, Config, DatasetCard, HeldOut, NoInput, Task, setting
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._strings import letters

__all__ = ["TwoLengths"]

_FIRST = len(SPECIAL_SYMBOLS)


class TwoLengthsConfig(Config):
    """Settings of the strings of two lengths."""

    short: int = setting(5, "Length of the short strings.", ge=1, le=200, unit="letters")
    long: int = setting(12, "Length of the long strings.", ge=2, le=200, unit="letters")
    num_letters: int = setting(3, "Number of different letters.", ge=1, le=26, unit="letters")

    @model_validator(mode="after")
    def _lengths_are_ordered(self) -> TwoLengthsConfig:
        if self.short >= self.long:
            raise ValueError(f"expected short below long = {self.long}, got {self.short}")
        return self

    @property
    def nll(self) -> float:
        """Entropy of a string, in nats: one bit for the length, and each letter."""
        return math.log(2) + (self.short + self.long) / 2 * math.log(self.num_letters)


class TwoLengths(DatasetCard[TwoLengthsConfig]):
    """Strings of letters drawn evenly, half of them short and half long."""

    Config = TwoLengthsConfig
    title = "Strings of two lengths"
    group = "Generation"
    summary = (
        "The letters are drawn uniformly and carry no information; only the length has structure: half of the strings are "
        "short, half are long. A model must count the letters it has generated and stop at one of the two lengths."
    )
    reference = "After Goodfellow et al. 2016, section 10.2.3, on how a recurrent network can know the length of its sequence."
    held_out = HeldOut(
        "same space",
        "the distribution itself is to be learned, and there are few different short strings.",
        samples=5000,
        effective=2736,
        met=0.5,
    )

    @classmethod
    def task(cls, config: TwoLengthsConfig) -> Task:
        """Nothing in, letters out."""
        loss = config.nll / ((config.short + config.long) / 2 + 1)
        sentence = "the true distribution"
        baselines = (Baseline("nll", config.nll, sentence), Baseline("loss", loss, sentence))
        return Task("generate", NoInput(), letters(_alphabet(config), config.long), baselines)

    @classmethod
    def open(cls, config: TwoLengthsConfig) -> TwoLengthsDataset:
        """Strings without end."""
        return TwoLengthsDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: TwoLengthsConfig) -> str:
        """What is asked at these lengths."""
        return (
            f"Strings of {config.num_letters} different letters drawn uniformly, half of them {config.short} and half "
            f"{config.long} long. The entropy is {config.nll:.2f} nats per string; no model can have a lower NLL."
        )


def _alphabet(config: TwoLengthsConfig) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[: config.num_letters]


class TwoLengthsDataset(GeneratedDataset):
    """Strings: inputs (batch, 0), targets (batch, long + 1).

    Held-out strings are further draws of the same source; as the space is small, some of them are also drawn in training.
    """

    num_held_out = 5000  # the length alone makes the mean vary: with 5,000 strings by 0.05 nats

    def __init__(self, task: Task, config: TwoLengthsConfig) -> None:
        super().__init__(task)
        self.config = config

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Strings of indices padded with PAD, shape (n, long)."""
        lengths = np.where(rng.integers(0, 2, (n, 1)) == 1, self.config.long, self.config.short)
        strings = rng.integers(_FIRST, _FIRST + self.config.num_letters, (n, self.config.long))
        return strings * (np.arange(self.config.long) < lengths)  # PAD is 0

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The strings with their ends."""
        targets = np.zeros((len(contents), self.config.long + 1), dtype=np.int64)
        targets[:, :-1] = contents
        targets[np.arange(len(contents)), np.count_nonzero(contents, axis=1)] = EOS
        return Batch(np.zeros((len(contents), 0), dtype=np.float32), targets)

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:  # noqa: ARG002 - no contexts
        """Which strings have one of the two lengths. See `SequenceSource`."""
        ends = indices == EOS
        lengths = np.where(ends.any(axis=1), ends.argmax(axis=1), -1)
        return np.isin(lengths, (self.config.short, self.config.long))

    def length_distribution(self) -> NDArray[np.float64]:
        """Half at each of the two lengths."""
        shares = np.zeros(self.config.long + 1)
        shares[[self.config.short, self.config.long]] = 0.5
        return shares
