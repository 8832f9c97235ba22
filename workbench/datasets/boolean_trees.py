"""boolean_trees: the value of a nested formula of and, or, xor."""

from __future__ import annotations

from functools import cache
from typing import Any

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
    Split,
    Task,
    Tokens,
    setting,
)
from workbench.datasets._generator import NUM_HELD_OUT, ContentSplit, GeneratedDataset
from workbench.datasets._streams import random_stream

__all__ = ["BooleanTrees"]

SYMBOLS = (*SPECIAL_SYMBOLS, "0", "1", "[and", "[or", "[xor", "]")
FALSE, AND, CLOSE = 4, 6, 9
OPERATORS = 3
INNER_SHARE = 0.8
"""Share of the places above the largest depth, the root left out, at which a training tree goes on."""


class BooleanTreesConfig(Config):
    """Settings of the boolean trees."""

    depth: int = setting(4, "Maximum depth of the trees in training and validation.", ge=2, le=6, unit="levels")
    test_depth: int = setting(8, "Depth of the full trees of the test set.", ge=3, le=10, unit="levels")

    @model_validator(mode="after")
    def _test_is_deeper(self) -> BooleanTreesConfig:
        if self.test_depth <= self.depth:
            raise ValueError(f"expected a test_depth above the depth {self.depth}, got {self.test_depth}")
        return self


class BooleanTrees(DatasetCard[BooleanTreesConfig]):
    """Formulas of two truth values, three operators of two operands, and brackets."""

    Config = BooleanTreesConfig
    title = "Boolean trees"
    group = "Trees"
    summary = (
        "A nested formula of and, or and xor is given; the target is its truth value. A recursive network, which follows the "
        "tree, has to learn twelve cases and can apply them at any depth; a network that reads the string has to remember "
        "every open bracket."
    )
    reference = (
        "After Bowman, Manning & Potts 2015, Tree-structured composition in neural networks without tree-structured "
        "architectures, arXiv:1506.04834, with formulas that can be drawn without end."
    )
    held_out = HeldOut(
        "disjoint",
        "each formula is assigned to one of the sets by its hash, and test formulas are deeper than all training formulas.",
    )

    @classmethod
    def task(cls, config: BooleanTreesConfig) -> Task:
        """A bracketed string in, true or false out."""
        longest = _num_symbols(config.test_depth) + 1
        inputs = Tokens(SYMBOLS, longest, structure="tree")
        return Task("classify", inputs, Classes(("false", "true")), (Baseline("accuracy", 0.5, "random guess"),))

    @classmethod
    def open(cls, config: BooleanTreesConfig) -> BooleanTreesDataset:
        """Formulas without end."""
        return BooleanTreesDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: BooleanTreesConfig) -> str:
        """What is asked at these depths."""
        return (
            f"Formulas of and, or, xor, nested up to {config.depth} levels deep; the target is the truth value. The test set "
            f"has full trees of depth {config.test_depth} with {2**config.test_depth} truth values each. A random guess is "
            "right half the time."
        )


class BooleanTreesDataset(GeneratedDataset):
    """Formulas: inputs (batch, length) with lengths, targets (batch,)."""

    def __init__(self, task: Task, config: BooleanTreesConfig) -> None:
        super().__init__(task)
        self.config = config
        # contents: an operator or a value for each place of a full tree, -1 where there is no node
        self.split = ContentSplit(2 ** (config.depth + 1) - 1, 1e12)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Trees of up to `depth` levels, as contents of the places of a full tree in breadth-first order."""
        return _draw(rng, n, self.config.depth, INNER_SHARE)

    def identity(self, contents: NDArray[Any]) -> NDArray[np.integer]:
        """The contents, with no negative number."""
        return contents + 1

    def held_out_contents(self, split: Split) -> NDArray[Any]:
        """Validation has trees as in training, test has full trees of `test_depth`."""
        if split == "validation":
            return super().held_out_contents(split)
        return _draw(random_stream(__name__, split), NUM_HELD_OUT, self.config.test_depth, 1.0)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The formulas written out, padded to the longest, and their values."""
        depth = (contents.shape[1] + 1).bit_length() - 2
        place, leaves = _visits(depth)
        visited = contents[:, place]  # (n, visits)
        inner = visited >= OPERATORS - 1  # see _draw: 0 and 1 are values
        there = (visited >= 0) & (inner | ~leaves)
        symbols = np.where(leaves, CLOSE, np.where(inner, visited - 2 + AND, visited + FALSE))
        lengths = there.sum(axis=1) + 1
        inputs = np.full((len(contents), int(lengths.max(initial=1))), PAD, dtype=np.int64)
        rows, _ = np.nonzero(there)
        inputs[rows, (np.cumsum(there, axis=1) - 1)[there]] = symbols[there]
        inputs[np.arange(len(contents)), lengths - 1] = EOS
        return Batch(inputs, _values(contents), lengths.astype(np.int64))


def _draw(rng: np.random.Generator, n: int, depth: int, share: float) -> NDArray[np.int64]:
    """Contents (n, 2^(depth+1) - 1): 0 and 1 are values, 2, 3, 4 and, or, xor, and -1 stands where there is no node."""
    places = 2 ** (depth + 1) - 1
    inner_places = 2**depth - 1
    contents = rng.integers(0, 2, (n, places))
    operators = rng.integers(2, 2 + OPERATORS, (n, inner_places))
    goes_on = rng.random((n, inner_places)) < share
    goes_on[:, 0] = True
    there = np.ones((n, places), dtype=np.bool_)
    for place in range(inner_places):
        goes_on[:, place] &= there[:, place]
        there[:, 2 * place + 1] = there[:, 2 * place + 2] = goes_on[:, place]
    contents[:, :inner_places] = np.where(goes_on, operators, contents[:, :inner_places])
    contents[~there] = -1
    return contents


def _values(contents: NDArray[np.int64]) -> NDArray[np.int64]:
    """The truth value of each formula, from the leaves up."""
    values = contents.copy()
    for place in range(contents.shape[1] // 2 - 1, -1, -1):
        left, right, operator = values[:, 2 * place + 1], values[:, 2 * place + 2], contents[:, place]
        results = (left & right, left | right, left ^ right)
        for index, result in enumerate(results):
            chosen = operator == 2 + index
            values[chosen, place] = result[chosen]
    return values[:, 0].copy()


def _num_symbols(depth: int) -> int:
    """Symbols of a full tree of this depth: 2^depth values, and two for each operator."""
    return 3 * (1 << depth) - 2


@cache
def _visits(depth: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The walk around a full tree: the place of each visit, and whether the visit leaves the place for good."""
    place: list[int] = []
    leaves: list[bool] = []

    def walk(at: int, below: int) -> None:
        place.append(at)
        leaves.append(False)
        if below:
            walk(2 * at + 1, below - 1)
            walk(2 * at + 2, below - 1)
        place.append(at)
        leaves.append(True)

    walk(0, depth)
    return np.array(place), np.array(leaves)
