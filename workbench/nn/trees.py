"""Networks over trees: batches of bracketed strings become nodes, which are worked out level by level.

A string writes a tree in which every operator has its operands in brackets: `[and 1 [or 0 1 ] ]`. A token that opens a
bracket names the operator, `]` closes it, everything else is a leaf. Operators of more than two operands are folded from the
left, `[MAX a b c ]` -> MAX(MAX(a, b), c), so that every node has two children and one composition serves all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.nn.watching import Show

__all__ = ["Forest", "TreeCell", "TreeModel", "TreeState", "read_trees"]

TreeState: TypeAlias = tuple[Tensor, ...]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """The nodes of a batch of trees, ordered by level: children come before their parents.

    Attributes:
        tokens: leaf token or operator of each node, (nodes,).
        left, right: the children of each node as places in this order, counted from 1; 0 where there is none.
        levels: number of nodes on each level; level 0 are the leaves.
        roots: place of each tree's root, counted from 1, (batch,); 0 for an empty string.
    """

    tokens: Integers
    left: Integers
    right: Integers
    levels: tuple[int, ...]
    roots: Integers


class _Stacks:
    """One stack of open brackets for each tree, and the nodes found so far; each call handles a column of tokens."""

    def __init__(self, batch: int, depth: int) -> None:
        self.operator = np.zeros((batch, depth + 1), dtype=np.int64)
        self.held = np.zeros((batch, depth + 1), dtype=np.int64)  # the operand read so far, 0 for none
        self.depth = np.zeros(batch, dtype=np.int64)
        self.tokens, self.left, self.right = ([np.zeros(1, dtype=np.int64)] for _ in range(3))
        self.level_of = np.zeros(1, dtype=np.int64)
        self.count = 1

    def open(self, rows: Integers, operators: Integers) -> None:
        """These trees open a bracket."""
        self.depth[rows] += 1
        self.operator[rows, self.depth[rows]] = operators
        self.held[rows, self.depth[rows]] = 0

    def close(self, rows: Integers) -> None:
        """These trees close a bracket, if one is open; what it held becomes an operand outside."""
        rows = rows[self.depth[rows] > 0]
        value = self.held[rows, self.depth[rows]]
        self.depth[rows] -= 1
        self.take(rows, value)

    def leaf(self, rows: Integers, tokens: Integers) -> None:
        """These trees have a leaf."""
        none = np.zeros(len(rows), dtype=np.int64)
        self.take(rows, self._node(tokens, none, none))

    def take(self, rows: Integers, value: Integers) -> None:
        """An operand: the first is held, any further one is combined with what is held."""
        rows, value = rows[value > 0], value[value > 0]
        depth = self.depth[rows]
        held = self.held[rows, depth]
        both = (held > 0) & (depth > 0)
        combined = value.copy()
        combined[both] = self._node(self.operator[rows, depth][both], held[both], value[both])
        self.held[rows, depth] = combined

    def _node(self, tokens: Integers, left: Integers, right: Integers) -> Integers:
        level = np.where(left > 0, 1 + np.maximum(self.level_of[left], self.level_of[right]), 0)
        for column, new in ((self.tokens, tokens), (self.left, left), (self.right, right)):
            column.append(new)
        new = np.arange(self.count, self.count + len(tokens))
        if self.count + len(tokens) > len(self.level_of):
            self.level_of = np.concatenate([self.level_of, np.zeros(len(self.level_of) + len(tokens), dtype=np.int64)])
        self.level_of[new] = level
        self.count += len(tokens)
        return new

    def forest(self) -> Forest:
        """The nodes in the order of their levels."""
        tokens, left, right = (np.concatenate(part)[1:] for part in (self.tokens, self.left, self.right))
        level = self.level_of[1 : self.count]
        order = np.argsort(level, kind="stable")
        place = np.zeros(self.count, dtype=np.int64)  # of a node in that order, from 1
        place[order + 1] = np.arange(1, self.count)
        levels = tuple(np.bincount(level).tolist())
        return Forest(tokens[order], place[left[order]], place[right[order]], levels, place[self.held[:, 0]])


def read_trees(tokens: Integers, lengths: Integers, opening: NDArray[np.bool_], closing: int, ignored: Sequence[int]) -> Forest:
    """The nodes of a batch of bracketed strings, all trees read at once, token by token.

    Args:
        tokens: (batch, length).
        lengths: tokens of each string that count, (batch,).
        opening: which tokens open a bracket, (tokens,).
        closing: the token that closes one.
        ignored: tokens that stand for nothing, such as the end token.
    """
    batch, length = tokens.shape
    valid = (np.arange(length) < lengths[:, None]) & ~np.isin(tokens, ignored)
    opens = opening[tokens] & valid
    closes = (tokens == closing) & valid
    leaves = valid & ~opens & ~closes
    stacks = _Stacks(batch, int(opens.sum(1).max(initial=0)))
    for column in range(length):
        if len(rows := np.flatnonzero(opens[:, column])):
            stacks.open(rows, tokens[rows, column])
        if len(rows := np.flatnonzero(leaves[:, column])):
            stacks.leaf(rows, tokens[rows, column])
        if len(rows := np.flatnonzero(closes[:, column])):
            stacks.close(rows)
    while len(rows := np.flatnonzero(stacks.depth)):  # brackets that were left open
        stacks.close(rows)
    return stacks.forest()


class TreeCell(nn.Module, ABC):
    """How a node's state follows from its token and the states of its children.

    Args:
        input_size: size of a token's vector.
        hidden_size: size of a state.
    """

    called: str = "tree cell"

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @abstractmethod
    def project(self, vectors: Tensor) -> Tensor:
        """What the tokens contribute, for many nodes at once: (nodes, input_size) -> (nodes, whatever the cell needs)."""

    @abstractmethod
    def leaf(self, projected: Tensor) -> TreeState:
        """States of leaves, each tensor (nodes, hidden_size); the first one is h."""

    @abstractmethod
    def compose(self, projected: Tensor, left: TreeState, right: TreeState) -> TreeState:
        """States of inner nodes from those of their children."""


@final
class TreeModel(nn.Module):
    """Tokens' vectors, a cell applied from the leaves to the root, and a linear readout of the root.

    All nodes of a level, of all trees of the batch, are worked out together.

    Args:
        cell: the shared composition.
        opening: for each token, whether it opens a bracket.
        closing: the token that closes one.
        num_outputs: size of the output.
        ignored: tokens that stand for nothing.
        dropout: share of the root's state dropped before the readout.

    Reference:
        Goller & Kuchler 1996; Goodfellow et al. 2016, section 10.6.
    """

    show: Show | None = None

    def __init__(
        self,
        cell: TreeCell,
        opening: Sequence[bool],
        closing: int,
        num_outputs: int,
        *,
        ignored: Sequence[int] = (),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.opening = np.array(opening, dtype=np.bool_)
        self.closing = closing
        self.ignored = tuple(ignored)
        self.embedding = nn.Embedding(len(opening), cell.input_size)
        self.cell = cell
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(cell.hidden_size, num_outputs)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length) int64 -> (batch, outputs)."""
        forest = self.read(inputs, lengths)
        (h, *_) = self.states(forest)
        self._show(forest, h)
        roots = torch.from_numpy(forest.roots).to(h.device)
        outputs: Tensor = self.linear(self.dropout(h[roots]))
        return outputs

    def _show(self, forest: Forest, h: Tensor) -> None:
        """The trees, and what would be read out at each of their nodes."""
        if self.show is not None:
            for part in ("tokens", "left", "right", "roots"):
                self.show(f"tree/{part}", torch.from_numpy(getattr(forest, part)))
            self.show("tree/outputs", self.linear(h[1:]))

    def read(self, inputs: Tensor, lengths: Tensor | None = None) -> Forest:
        """The nodes of the strings."""
        counted = np.full(len(inputs), inputs.shape[1]) if lengths is None else lengths.cpu().numpy()
        return read_trees(inputs.cpu().numpy(), counted, self.opening, self.closing, self.ignored)

    def states(self, forest: Forest) -> TreeState:
        """States of all nodes in the forest's order after a row of zeros, each tensor (1 + nodes, hidden_size)."""
        device = self.embedding.weight.device
        tokens, left, right = (torch.from_numpy(part).to(device) for part in (forest.tokens, forest.left, forest.right))
        projected = self.cell.project(self.embedding(tokens))
        first, *counts = forest.levels or (0,)
        states = self.cell.leaf(projected[:first])
        states = tuple(torch.cat((part.new_zeros(1, part.shape[1]), part)) for part in states)
        start = first
        for count in counts:
            level = slice(start, start + count)
            below = [tuple(part[children[level]] for part in states) for children in (left, right)]
            new = self.cell.compose(projected[level], below[0], below[1])
            states = tuple(torch.cat(pair) for pair in zip(states, new, strict=True))
            start += count
        return states
