"""listops: nested lists of digits under minimum, maximum, median and sum modulo ten."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import (
    EOS,
    PAD,
    SPECIAL_SYMBOLS,
    Baseline,
    Batch,
    Classes,
    Config,
    DatasetCard,
    HeldOut,
    Task,
    Tokens,
    setting,
)
from workbench.datasets._generator import ContentSplit, GeneratedDataset

__all__ = ["ListOps"]

OPERATORS = ("[MIN", "[MAX", "[MED", "[SM")
SYMBOLS = (*SPECIAL_SYMBOLS, *(str(digit) for digit in range(10)), *OPERATORS, "]")
DIGIT, OPERATOR, CLOSE = 4, 14, 18
NESTING_SHARE = 0.25
MAX_OPERANDS = 5


class ListOpsConfig(Config):
    """Settings of ListOps."""

    max_depth: int = setting(20, "Maximum nesting depth of the operators.", ge=2, le=20, unit="levels")
    max_length: int = setting(
        100, "Maximum length of a formula in symbols; longer ones are not used.", ge=10, le=2000, unit="symbols"
    )
    min_length: int = setting(5, "Minimum length of a formula in symbols.", ge=4, le=100, unit="symbols")

    @model_validator(mode="after")
    def _some_formula_fits(self) -> Self:
        longest = 1
        for _ in range(self.max_depth):
            longest = min(2 + MAX_OPERANDS * longest, self.max_length)
        if self.min_length > longest:
            raise ValueError(
                f"expected min_length ({self.min_length}) up to {longest}, the longest formula of this depth and length"
            )
        return self


class ListOps(DatasetCard[ListOpsConfig]):
    """ListOps by the distribution of its authors."""

    Config = ListOpsConfig
    title = "ListOps"
    group = "Trees"
    summary = (
        "Nested operations on digits: minimum, maximum, median and sum modulo ten of two to five operands, each of which may "
        "be an operation itself. The target is one digit, which can only be computed along the tree structure."
    )
    reference = (
        "Nangia & Bowman 2018, arXiv:1804.06028: an operand is an operation with probability 1/4, with 2 to 5 operands, up to "
        "depth 20; the median of an even number of digits is the mean of the middle two, rounded down. The root is always an "
        "operation here. Published accuracy: LSTM 71.5, Tree-LSTM on the true trees 94.7 to 98.7."
    )
    held_out = HeldOut("disjoint", "each formula is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: ListOpsConfig) -> Task:
        """A bracketed string in, a digit out."""
        inputs = Tokens(SYMBOLS, config.max_length + 1, structure="tree")
        digits = Classes(tuple(str(digit) for digit in range(10)))
        return Task("classify", inputs, digits, (Baseline("accuracy", 0.1, "random guess among 10 classes"),))

    @classmethod
    def open(cls, config: ListOpsConfig) -> ListOpsDataset:
        """Formulas without end."""
        return ListOpsDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: ListOpsConfig) -> str:
        """What is asked at this length."""
        return (
            f"Nested operations on digits, written in {config.min_length} to {config.max_length} symbols, such as [MAX 2 [MIN 4 "
            "7 ] 0 ]; the target is the resulting digit."
        )


class ListOpsDataset(GeneratedDataset):
    """Formulas: inputs (batch, length) with lengths, targets (batch,)."""

    def __init__(self, task: Task, config: ListOpsConfig) -> None:
        super().__init__(task)
        self.config = config
        self.split = ContentSplit(config.max_length, 1e12)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Symbols padded to max_length, with the answer in a last column, shape (n, max_length + 1)."""
        formulas = np.empty((0, self.config.max_length + 1), dtype=np.int64)
        while len(formulas) < n:
            writer = _Writer(rng, n - len(formulas) + 16, self.config)
            formulas = np.concatenate([formulas, writer.written()[: n - len(formulas)]])
        return formulas

    def identity(self, contents: NDArray[Any]) -> NDArray[np.integer]:
        """The symbols."""
        return contents[:, :-1]

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The formulas with their end symbols, padded to the longest, and the answers."""
        lengths = (contents[:, :-1] != PAD).sum(axis=1) + 1
        inputs = np.full((len(contents), int(lengths.max(initial=1))), PAD, dtype=np.int64)
        inputs[:, : inputs.shape[1] - 1] = contents[:, : inputs.shape[1] - 1]
        inputs[np.arange(len(contents)), lengths - 1] = EOS
        return Batch(inputs, contents[:, -1].copy(), lengths.astype(np.int64))


class _Writer:
    """Writes many formulas at once, a symbol of each at a time, and works them out on the way."""

    def __init__(self, rng: np.random.Generator, n: int, config: ListOpsConfig) -> None:
        self.rng = rng
        self.config = config
        frames = config.max_depth + 1
        self.symbols = np.zeros((n, config.max_length), dtype=np.int64)
        self.depth = np.zeros(n, dtype=np.int64)
        self.operator = np.zeros((n, frames), dtype=np.int64)
        self.wanted = np.ones((n, frames), dtype=np.int64)
        self.read = np.zeros((n, frames), dtype=np.int64)
        self.operands = np.zeros((n, frames, MAX_OPERANDS), dtype=np.int64)

    def written(self) -> NDArray[np.int64]:
        """The formulas of a length that is asked for, with their answers; fewer than were begun."""
        rows = np.arange(len(self.symbols))
        for place in range(self.config.max_length):
            depth = self.depth[rows]
            full = (depth > 0) & (self.read[rows, depth] == self.wanted[rows, depth])
            self._close(rows[full], place)
            going_on, inside = rows[~full], depth[~full]
            nests = (self.rng.random(len(going_on)) < NESTING_SHARE) & (inside < self.config.max_depth) | (inside == 0)
            self._open(going_on[nests], place)
            digits = self.rng.integers(0, 10, int((~nests).sum()))
            self.symbols[going_on[~nests], place] = DIGIT + digits
            self._operand(going_on[~nests], digits)
            rows = rows[self.read[rows, 0] == 0]
            if not len(rows):
                break
        lengths = (self.symbols != PAD).sum(axis=1)
        good = (self.read[:, 0] == 1) & (lengths >= self.config.min_length)
        return np.column_stack([self.symbols[good], self.operands[good, 0, 0]])

    def _open(self, rows: NDArray[np.int64], place: int) -> None:
        chosen = self.rng.integers(0, len(OPERATORS), len(rows))
        self.symbols[rows, place] = OPERATOR + chosen
        self.depth[rows] += 1
        depth = self.depth[rows]
        self.operator[rows, depth] = chosen
        self.wanted[rows, depth] = self.rng.integers(2, MAX_OPERANDS + 1, len(rows))
        self.read[rows, depth] = 0

    def _close(self, rows: NDArray[np.int64], place: int) -> None:
        self.symbols[rows, place] = CLOSE
        depth = self.depth[rows]
        values = evaluate(self.operator[rows, depth], self.operands[rows, depth], self.read[rows, depth])
        self.depth[rows] -= 1
        self._operand(rows, values)

    def _operand(self, rows: NDArray[np.int64], values: NDArray[np.int64]) -> None:
        depth = self.depth[rows]
        self.operands[rows, depth, self.read[rows, depth]] = values
        self.read[rows, depth] += 1


def evaluate(operators: NDArray[np.int64], operands: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The value of one operation in each row.

    Args:
        operators: places in OPERATORS, (n,).
        operands: digits, (n, MAX_OPERANDS).
        counts: how many of them there are, (n,).
    """
    there = np.arange(operands.shape[1]) < counts[:, None]
    ordered = np.sort(np.where(there, operands, 10), axis=1)
    rows = np.arange(len(operands))
    middle = (ordered[rows, (counts - 1) // 2] + ordered[rows, counts // 2]) // 2
    total = np.where(there, operands, 0).sum(axis=1) % 10
    largest = ordered[rows, counts - 1]
    results: NDArray[np.int64] = np.choose(operators, [ordered[:, 0], largest, middle, total])
    return results
