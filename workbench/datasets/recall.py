"""recall: output `wait`, and at the last step the first symbol."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Classes, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.cards.typed_input import holds_numbers
from workbench.datasets._generator import ContentSplit, GeneratedDataset
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["Recall"]

_SYMBOLS = "abcd"
_WAIT = len(_SYMBOLS)


class RecallConfig(Config):
    """Settings of recalling the first symbol."""

    length: int = setting(8, "Number of steps of a sequence.", ge=6, le=1000, unit="steps")


class Recall(DatasetCard[RecallConfig]):
    """One symbol to be remembered while the targets do not depend on it."""

    Config = RecallConfig
    title = "Recall the first symbol"
    group = "Memory tasks"
    summary = (
        "Random symbols come in; the target is 'wait' at every step but the last, which is marked in the input and asks for "
        "the first symbol. Until then the targets carry no information about it, so a network whose only memory is its outputs "
        "cannot know it."
    )
    reference = (
        "The argument of Goodfellow et al. 2016, section 10.2.1: outputs trained to match targets need not tell of the past"
    )
    held_out = HeldOut("disjoint", "each sequence of symbols is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: RecallConfig) -> Task:
        """A symbol and a mark per step in, a symbol or `wait` per step out."""
        sentence = "random guess of the symbol"
        share = 1 / config.length
        baselines = (
            Baseline("loss", share * math.log(len(_SYMBOLS)), sentence),
            Baseline("accuracy", 1 - share + share / len(_SYMBOLS), sentence),
            Baseline("sequence_accuracy", 1 / len(_SYMBOLS), sentence),
        )
        return Task("label", Vectors(len(_SYMBOLS) + 1, config.length), Classes((*_SYMBOLS, "-")), baselines)

    @classmethod
    def open(cls, config: RecallConfig) -> RecallDataset:
        """Sequences without end."""
        return RecallDataset(cls.task(config), config.length)

    @classmethod
    def describe(cls, config: RecallConfig) -> str:
        """What is asked at this length."""
        return (
            f"{config.length} random symbols out of {len(_SYMBOLS)}; the target is 'wait' {config.length - 1} times and then "
            "the first symbol. A random guess of it is right in a quarter of the sequences."
        )


class RecallDataset(GeneratedDataset):
    """Inputs (batch, length, 5): the symbol as one-hot vector, and a mark at the last step; targets (batch, length)."""

    def __init__(self, task: Task, length: int) -> None:
        super().__init__(task)
        self.length = length
        self.split = ContentSplit(length, float(len(_SYMBOLS)) ** min(length, 500))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Symbols, shape (n, length)."""
        return rng.integers(0, len(_SYMBOLS), (n, self.length))

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The symbols as vectors; `wait` but for the last answer."""
        targets = np.full(contents.shape, _WAIT, dtype=np.int64)
        targets[:, -1] = contents[:, 0]
        return Batch(_vectors(contents), targets)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The symbols as a row of letters."""
        return "".join(_SYMBOLS[index] for index in inputs[:, :_WAIT].argmax(1).tolist())

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """Letters such as `abcd abcd`; the last one is where the answer is wanted.

        Raises:
            DataError: it is neither that nor a sequence of vectors.
        """
        letters = "".join(text.split())
        if holds_numbers(text):
            return self.task.inputs.parse(text)
        if not letters or not set(letters) <= set(_SYMBOLS):
            raise DataError(f"input: got {said(text)}; expected letters of {', '.join(_SYMBOLS)}. Remove all others.")
        inputs: NDArray[np.float32] = _vectors(np.array([[_SYMBOLS.index(letter) for letter in letters]]))[0]
        return inputs


def _vectors(contents: NDArray[np.integer]) -> NDArray[np.float32]:
    """Symbols (n, length) as vectors (n, length, 5)."""
    inputs = np.zeros((*contents.shape, _WAIT + 1), dtype=np.float32)
    inputs[..., :_WAIT] = np.eye(_WAIT, dtype=np.float32)[contents]
    inputs[:, -1, _WAIT] = 1
    return inputs
