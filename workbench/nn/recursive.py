"""The plain recursive network: one composition shared by all nodes of a tree."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.trees import TreeCell, TreeState

__all__ = ["RecursiveCell"]


@final
class RecursiveCell(TreeCell):
    """A tanh layer of the node's token and its two children.

        leaf:  h = tanh(V x + b)        node:  h = tanh(V x + b + U [h_left; h_right])

    Args:
        input_size: size of a token's vector.
        hidden_size: size of a state.

    Reference:
        Socher et al. 2011, Parsing natural scenes and natural language with recursive neural networks, eq. 1; Goodfellow et
        al. 2016, section 10.6.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.symbol = nn.Linear(input_size, hidden_size)
        self.children_of = nn.Linear(2 * hidden_size, hidden_size, bias=False)

    def project(self, vectors: Tensor) -> Tensor:
        """(nodes, input_size) -> (nodes, hidden_size)."""
        projected: Tensor = self.symbol(vectors)
        return projected

    def leaf(self, projected: Tensor) -> TreeState:
        """(h,)."""
        return (torch.tanh(projected),)

    def compose(self, projected: Tensor, left: TreeState, right: TreeState) -> TreeState:
        """(h,)."""
        return (torch.tanh(projected + self.children_of(torch.cat((left[0], right[0]), 1))),)
