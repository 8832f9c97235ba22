"""Sequences of bits, as drawn, shown and typed. Not a card."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._generator import ContentSplit, GeneratedDataset
from workbench.parsing import parse_signal
from workbench.task import Task

__all__ = ["BitSequences"]


class BitSequences(GeneratedDataset):
    """Random bits as inputs, (batch, length, 1); a subclass makes the targets.

    Args:
        task: what is asked.
        length: number of bits of a sequence.
    """

    def __init__(self, task: Task, length: int) -> None:
        super().__init__(task)
        self.length = length
        self.split = ContentSplit(length, 2.0 ** min(length, 1000))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Bits, shape (n, length)."""
        num_bytes = (self.length + 7) // 8
        packed = np.frombuffer(rng.bytes(n * num_bytes), dtype=np.uint8).reshape(n, num_bytes)
        return np.unpackbits(packed, axis=1, count=self.length)

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
