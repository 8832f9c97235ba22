"""class_strings: ten classes, and a string for each of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import EOS, Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, setting
from workbench.cards.signals import equal_sequences
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._streams import random_stream
from workbench.datasets._strings import letters, spelled

__all__ = ["ClassStrings"]

NUM_CLASSES = 10
_ALPHABET = "abcdef"


class ClassStringsConfig(Config):
    """Settings of the strings."""

    min_length: int = setting(4, "Length of the shortest string.", ge=1, le=50, unit="letters")
    max_length: int = setting(10, "Length of the longest string.", ge=4, le=60, unit="letters")

    @model_validator(mode="after")
    def _range_is_ordered(self) -> ClassStringsConfig:
        if self.min_length > self.max_length:
            raise ValueError(f"expected min_length up to max_length {self.max_length}, got {self.min_length}")
        return self


class ClassStrings(DatasetCard[ClassStringsConfig]):
    """One fixed string for each class."""

    Config = ClassStringsConfig
    title = "One string per class"
    group = "Generation"
    summary = (
        "Each of ten classes has one fixed random string of letters. A model that is given the class can generate its string "
        "without errors; one that is not must first guess which of the ten strings it is."
    )
    reference = "After Goodfellow et al. 2016, section 10.2.4 and figure 10.9: a vector x as context of a sequence."
    held_out = HeldOut(
        "same space",
        "there are only ten strings, one per class, and all sets are drawn from them.",
        effective=10,
        met=1.0,
    )

    @classmethod
    def task(cls, config: ClassStringsConfig) -> Task:
        """A class in, letters out."""
        names = tuple(str(number) for number in range(NUM_CLASSES))
        baselines = (
            Baseline("nll", math.log(NUM_CLASSES), "ignoring the class"),
            Baseline("nll", 0.0, "knowing the class"),
        )
        return Task("generate", Classes(names), letters(_ALPHABET, config.max_length), baselines)

    @classmethod
    def open(cls, config: ClassStringsConfig) -> ClassStringsDataset:
        """Classes without end, each with its string."""
        return ClassStringsDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: ClassStringsConfig) -> str:
        """What is asked."""
        return f"For a class from 0 to {NUM_CLASSES - 1}, generate its string: {', '.join(class_words(config)[:3])}, ..."


def class_words(config: ClassStringsConfig) -> list[str]:
    """The strings of the classes, all different; they depend on the settings alone."""
    rng = random_stream(__name__, "strings")
    words: list[str] = []
    while len(words) < NUM_CLASSES:
        length = int(rng.integers(config.min_length, config.max_length + 1))
        word = "".join(_ALPHABET[int(number)] for number in rng.integers(0, len(_ALPHABET), length))
        if word not in words:
            words.append(word)
    return words


class ClassStringsDataset(GeneratedDataset):
    """Classes and strings: inputs (batch,), targets (batch, longest + 1). Held-out classes are the same ten."""

    def __init__(self, task: Task, config: ClassStringsConfig) -> None:
        super().__init__(task)
        self.config = config
        self._tokens = letters(_ALPHABET, config.max_length)
        self._words = spelled(class_words(config), self._tokens)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Classes, shape (n,)."""
        return rng.integers(0, NUM_CLASSES, n)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The classes with their strings."""
        return Batch(contents.astype(np.int64), self._words[contents])

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:
        """Which strings are their class's or, without a batch, any class's. See `SequenceSource`."""
        if batch is not None:
            return equal_sequences(indices, batch.targets)
        words = {self._tokens.text(word) for word in self._words.tolist()}
        return np.array([EOS in row and self._tokens.text(row) in words for row in indices.tolist()], dtype=np.bool_)

    def length_distribution(self) -> NDArray[np.float64]:
        """A tenth for each class's string."""
        lengths = (self._words == EOS).argmax(axis=1)
        return np.bincount(lengths, minlength=self._tokens.max_length) / NUM_CLASSES
