"""temporal_order: which symbols, X or Y, occurred at two positions of a long sequence, in order."""

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

__all__ = ["SYMBOLS", "TemporalOrder"]

SYMBOLS = "EBabcdXY"
"""Start, end, four that mean nothing, and the two that count."""
_E, _B, _FIRST, _X, _Y = 1, 2, 3, 7, 8
"""Numbers of symbols in a row of contents, where 0 stands after the end."""
_CLASSES = ("XX", "XY", "YX", "YY")
_SHOWN = 40


class TemporalOrderConfig(Config):
    """Settings of the temporal order problem."""

    length: int = setting(
        100, "Number of steps of the shortest sequence; the longest one is 10% longer.", ge=10, le=5000, unit="steps"
    )

    @property
    def longest(self) -> int:
        """Number of steps of the longest sequence."""
        return self.length + self.length // 10


class TemporalOrder(DatasetCard[TemporalOrderConfig]):
    """The order of two events, far from each other and from the end."""

    Config = TemporalOrderConfig
    title = "Temporal order"
    group = "Memory tasks"
    summary = (
        "Two symbols of a long sequence, one early and one in the middle, are X or Y; all others carry no information. At the "
        "end the network must predict which two there were and in which order, so it must remember both over many steps."
    )
    reference = "Hochreiter & Schmidhuber 1997, Long short-term memory, Neural Computation 9(8), experiment 6, task 6a"
    held_out = HeldOut("disjoint", "each sequence is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: TemporalOrderConfig) -> Task:  # noqa: ARG003 - the same at every length
        """A symbol per step as a one-hot vector in, one of four classes out."""
        sentence = "random guess"
        baselines = (
            Baseline("loss", math.log(len(_CLASSES)), sentence),
            Baseline("accuracy", 1 / len(_CLASSES), sentence),
        )
        return Task("classify", Vectors(len(SYMBOLS)), Classes(_CLASSES), baselines)

    @classmethod
    def open(cls, config: TemporalOrderConfig) -> TemporalOrderDataset:
        """Sequences without end."""
        return TemporalOrderDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: TemporalOrderConfig) -> str:
        """What is asked at this length."""
        first, second = _places(config.length)
        return (
            f"{config.length} to {config.longest} symbols from E to B. One after {first[0]} to {first[1]} others and one after "
            f"{second[0]} to {second[1]} others are X or Y each; the rest are a, b, c or d. The target is the two in their "
            "order; a random guess is right a quarter of the time."
        )


def _places(length: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """How many symbols stand before the first X or Y, and before the second: least and most of each."""
    return (length // 10, length // 5), (length // 2, 6 * length // 10)


class TemporalOrderDataset(GeneratedDataset):
    """Inputs (batch, longest of the batch, 8) with lengths, targets (batch,).

    A sequence starts with E and ends with B. Its length is drawn evenly from L to 1.1 L, the places of the two symbols that
    count from L/10 to L/5 and from L/2 to 3L/5 (the paper's 100-110, 10-20 and 50-60 with L = 100), all ends included.
    """

    def __init__(self, task: Task, config: TemporalOrderConfig) -> None:
        super().__init__(task)
        self.config = config
        self.split = ContentSplit(config.longest, 4.0 ** min(config.length, 500))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Sequences as numbers of symbols, 0 after the end, shape (n, longest)."""
        length, longest, rows = self.config.length, self.config.longest, np.arange(n)
        contents = rng.integers(_FIRST, _X, (n, longest))
        for least, most in _places(length):
            contents[rows, rng.integers(least, most + 1, n)] = rng.integers(_X, _Y + 1, n)
        contents[:, 0] = _E
        last = rng.integers(length, longest + 1, n) - 1
        contents[rows, last] = _B
        contents[np.arange(longest) > last[:, None]] = 0
        return contents

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The sequences as vectors, cut to the longest of them, with the class of their two symbols."""
        lengths = np.count_nonzero(contents, axis=1).astype(np.int64)
        pairs = contents[contents >= _X].reshape(-1, 2) == _Y  # row by row, in their order
        targets = pairs @ np.array([2, 1])
        return Batch(_vectors(contents[:, : int(lengths.max(initial=1))]), targets.astype(np.int64), lengths)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The symbols as a row of letters; of a long one both ends, and the two that count with their neighbours."""
        text = "".join(SYMBOLS[index] for index in inputs.argmax(1).tolist())
        if len(text) <= _SHOWN:
            return text
        counted = [place for place, letter in enumerate(text) if letter in "XY"]
        if len(counted) != len("XY"):  # vectors that a person wrote
            return f"{text[: _SHOWN // 2]}..{text[-2:]}"
        early, late = counted
        return f"{text[:4]}..{text[early - 1 : early + 2]}..{text[late - 1 : late + 2]}..{text[-2:]}"

    def input_example(self) -> str:
        """The shortest one that can be."""
        return "EXabcYdacB"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """Letters such as `EXabcYdacB`: from E to B, with two of X and Y among a, b, c, d.

        Raises:
            DataError: it is neither that nor a sequence of vectors.
        """
        letters = "".join(text.split())
        if holds_numbers(text):
            return self.task.inputs.parse(text)
        inner = letters[1:-1]
        if letters[:1] != "E" or letters[-1:] != "B" or not set(inner) <= set(SYMBOLS[2:]):
            raise DataError(f"input: got {said(text)}; expected a to d, X and Y between E and B. Begin with E and end with B.")
        if (given := sum(letter in "XY" for letter in inner)) != len("XY"):
            raise DataError(f"input: got {given} of X and Y in {said(text)}; expected two. Use exactly two of them.")
        inputs: NDArray[np.float32] = _vectors(np.array([[1 + SYMBOLS.index(letter) for letter in letters]]))[0]
        return inputs


def _vectors(contents: NDArray[np.integer]) -> NDArray[np.float32]:
    """Numbers of symbols (n, length) as one-hot vectors (n, length, 8); zeros after the end."""
    one_hot: NDArray[np.float32] = np.eye(len(SYMBOLS) + 1, dtype=np.float32)[contents][..., 1:]
    return np.ascontiguousarray(one_hot)
