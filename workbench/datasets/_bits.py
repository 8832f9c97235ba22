"""Sequences of bits, as drawn, shown and typed. Not a card."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Split, Task, Vectors
from workbench.datasets._generator import ContentSplit, GeneratedDataset

__all__ = ["BitSequences", "bits"]


def bits(length: int, test_length: int) -> Vectors:
    """What goes in: a bit per step, and how many steps there are; a `test_length` of 0 is the same as in training."""
    same = test_length in (0, length)
    return Vectors(1, length) if same else Vectors(1, None, max(length, test_length))


class BitSequences(GeneratedDataset):
    """Random bits as inputs, (batch, length, 1); a subclass makes the targets.

    Args:
        task: what is asked.
        length: number of bits of a training or validation sequence.
        tested: the same task with test sequences of another length, if they have one.
    """

    def __init__(self, task: Task, length: int, tested: BitSequences | None = None) -> None:
        super().__init__(task)
        self.length = length
        self.tested = tested
        self.split = ContentSplit(length, 2.0 ** min(length, 1000))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Bits, shape (n, length)."""
        num_bytes = (self.length + 7) // 8
        packed = np.frombuffer(rng.bytes(n * num_bytes), dtype=np.uint8).reshape(n, num_bytes)
        return np.unpackbits(packed, axis=1, count=self.length)

    def held_out_contents(self, split: Split) -> NDArray[Any]:
        """See `GeneratedDataset`; test sequences may be of their own length."""
        tested = self.tested if split == "test" else None
        return super().held_out_contents(split) if tested is None else tested.held_out_contents(split)

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
        return self.task.inputs.parse(text)
