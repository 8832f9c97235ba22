"""Places of a tree's nodes on lines of text: the root above, each node in the middle above its two children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from workbench.plotting.canvas import fit

__all__ = ["TreeLayout", "TreeNode", "laid_out"]

_WORD, _GAP, _DEEPEST = 8, 2, 30

TreeNode = tuple[str, int, int]
"""Word, left and right child as places in the list, -1 for none."""


@dataclass(frozen=True)
class TreeLayout:
    """Where nodes stand, in lines and columns from 0.

    Attributes:
        words: (line, middle column, word) of each node.
        arms: (line, column of the left child, column of the right child) of each node with children.
        width, height: columns and lines in all.
    """

    words: Sequence[tuple[int, int, str]]
    arms: Sequence[tuple[int, int, int]]
    width: int
    height: int

    @property
    def root(self) -> int:
        """Column of the root."""
        return self.words[0][1] if self.words else 0

    @property
    def leaves(self) -> list[int]:
        """Columns of the nodes on the lowest line."""
        return [column for line, column, _ in self.words if line == self.height - 1]


def laid_out(nodes: Sequence[TreeNode], width: int, height: int) -> TreeLayout:
    """As much of a tree as fits: of one that is too wide or too deep the upper part, with `…` for what hangs below.

    Args:
        nodes: the root first, all others below it.
        width, height: room in columns and lines; at least the root is laid out.
    """
    layout = TreeLayout((), (), 0, 0)
    for deepest in range(min(max(height, 1), _DEEPEST)):
        deeper = _to_depth(nodes, deepest)
        if layout.words and (deeper.width > width or deeper.height <= layout.height):
            break
        layout = deeper
    return layout


def _to_depth(nodes: Sequence[TreeNode], deepest: int) -> TreeLayout:
    words: list[tuple[int, int, str]] = []
    arms: list[tuple[int, int, int]] = []

    def place(node: int, line: int, at: int, above: frozenset[int]) -> tuple[int, int]:
        """Put a node and what hangs on it at a column and right of it; returns its own column and where it ends."""
        word, *children = nodes[node]
        below = [child for child in children if 0 <= child < len(nodes) and child not in above]
        cut = line == deepest and len(below) > 0
        word = f"{fit(word, _WORD)}…" if cut else fit(word, _WORD)
        number, wide = len(words), max(1, cell_len(word))
        words.append((line, at, word))
        if cut or not below:
            middle, end = at + wide // 2, at + wide
        elif len(below) == 1:
            middle, end = place(below[0], line + 1, at + wide // 2, above | {node})
            arms.append((line, middle, middle))
            end = max(end, middle - wide // 2 + wide)
        else:
            left, end = place(below[0], line + 1, at, above | {node})
            second = max(end + _GAP, left + wide + 3)
            right, end = place(below[1], line + 1, second, above | {node})
            middle = (left + right) // 2
            arms.append((line, left, right))
        words[number] = (line, middle, word)
        return middle, end

    _, width = place(0, 0, 0, frozenset()) if nodes else (0, 0)
    return TreeLayout(words, arms, width, 1 + max((line for line, _, _ in words), default=-1))
