"""adding: the sum of the two marked numbers of a long sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.cards.typed_input import number_words, read_number
from workbench.datasets._generator import GeneratedDataset
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["Adding"]

_SHOWN = 12
_EXAMPLE = "0.3 0.8* 0.1 0.5*"
NUM_MARKED = 2


class AddingConfig(Config):
    """Settings of the adding problem."""

    length: int = setting(100, "Number of steps of a sequence.", ge=2, le=10_000, unit="steps")


class Adding(DatasetCard[AddingConfig]):
    """The adding problem as posed since Le et al.: uniform values, one marker in each half."""

    Config = AddingConfig
    title = "Adding problem"
    group = "Memory tasks"
    summary = (
        "Each step has a random number and a marker; two steps are marked, one in each half of the sequence. The target is the "
        "sum of the two marked numbers, so the network must remember the first one over many steps."
    )
    reference = (
        "Hochreiter & Schmidhuber 1997, Neural Computation 9(8), experiment 4; "
        "values in (0, 1) and one marker in each half as in Le, Jaitly & Hinton 2015, arXiv:1504.00941, section 4.1."
    )
    held_out = HeldOut("fresh", "the values are random real numbers, so no sequence occurs twice.")

    @classmethod
    def task(cls, config: AddingConfig) -> Task:
        """Sequences of (value, marker) pairs; one number out."""
        sentence = "predicting 1"
        # the sum of two U(0, 1) has mean 1 and variance 2/12
        baselines = (Baseline("loss", 1 / 6, sentence), Baseline("mse", 1 / 6, sentence))
        return Task("regress", Vectors(2, config.length), Vectors(1), baselines)

    @classmethod
    def open(cls, config: AddingConfig) -> AddingDataset:
        """Sequences without end."""
        return AddingDataset(cls.task(config), config.length)

    @classmethod
    def describe(cls, config: AddingConfig) -> str:
        """What is asked at this length."""
        return (
            f"{config.length} steps of (random number in 0..1, marker); the target is the sum of the two marked numbers, one in "
            f"steps 1-{config.length // 2} and one in steps {config.length // 2 + 1}-{config.length}. Always predicting 1 gives "
            "a mean squared error of 1/6."
        )


class AddingDataset(GeneratedDataset):
    """Sequences whose inputs are (batch, length, 2): value and marker; targets (batch, 1)."""

    def __init__(self, task: Task, length: int) -> None:
        super().__init__(task)
        self.length = length

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Input sequences, shape (n, length, 2)."""
        half = self.length // 2
        inputs = np.zeros((n, self.length, 2), dtype=np.float32)
        inputs[:, :, 0] = rng.random((n, self.length), dtype=np.float32)
        rows = np.arange(n)
        inputs[rows, rng.integers(0, half, n), 1] = 1
        inputs[rows, rng.integers(half, self.length, n), 1] = 1
        return inputs

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The sequences with the sums of their marked values."""
        return Batch(contents, np.einsum("nt,nt->n", contents[:, :, 0], contents[:, :, 1])[:, None])

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The values, the marked ones with a star, the middle of long runs left out."""
        words = [f"{value:.2f}{'*' if mark else ''}" for value, mark in inputs]
        if len(words) <= _SHOWN:
            return " ".join(words)
        shown = [index in (0, len(words) - 1) or word.endswith("*") for index, word in enumerate(words)]
        parts = []
        for index, word in enumerate(words):
            if shown[index]:
                parts.append(word)
            elif shown[index - 1]:  # the first of a run that is left out
                parts.append("...")
        return " ".join(parts)

    def input_example(self) -> str:
        """Four steps, two of them marked."""
        return _EXAMPLE

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """Numbers with a star after the two that are to be added, such as `0.3 0.8* 0.1 0.5*`.

        Raises:
            DataError: it is neither that nor a sequence of (value, marker) pairs, a value is not in 0..1, or not exactly two
                are marked.
        """
        if ";" in text or text.lstrip().startswith("[") or text.strip().endswith(".npy"):
            return _checked(self.task.inputs.parse(text).astype(np.float32))
        try:
            words = number_words(text)
            values = [read_number(word.rstrip("*")) for word in words]
        except ValueError:
            raise DataError(f"input: got {said(text)}; expected numbers. Write every step.") from None
        marks = [word.endswith("*") for word in words]
        return _checked(np.array([values, marks], dtype=np.float32).T.copy())


def _checked(sequence: NDArray[np.float32]) -> NDArray[np.generic]:
    """The sequence (length, 2) as it is.

    Raises:
        DataError: a value is not in 0..1, or not exactly two are marked.
    """
    values, marks = sequence[:, 0], sequence[:, 1]
    outside = values[~((values >= 0) & (values <= 1))]
    if len(outside):
        raise DataError(f"input: got {outside[0]:g}; expected values in 0..1. Change it.")
    if np.count_nonzero(marks == 1) != NUM_MARKED or np.count_nonzero(marks) != NUM_MARKED:
        raise DataError(
            f"input: got {np.count_nonzero(marks)} marked numbers; expected {NUM_MARKED}. Put a * after the two numbers to be "
            "added."
        )
    return sequence
