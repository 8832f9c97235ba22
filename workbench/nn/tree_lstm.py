"""The binary Tree-LSTM: gates between a node and each of its two children."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.trees import TreeCell, TreeState

__all__ = ["TreeLSTMCell"]


@final
class TreeLSTMCell(TreeCell):
    """An LSTM whose past is two children, with a forget gate for each.

        i, o = sigmoid(W x + U [h_l; h_r] + b)        u = tanh(W_u x + U_u [h_l; h_r] + b_u)
        f_l, f_r = sigmoid(W_f x + U_fl [h_l; h_r] + b_f), sigmoid(W_f x + U_fr [h_l; h_r] + b_f)
        c = i * u + f_l * c_l + f_r * c_r             h = o * tanh(c)

    A leaf has no children: c = i * u. The state is (h, c).

    Args:
        input_size: size of a token's vector.
        hidden_size: size of h and c.

    Reference:
        Tai, Socher & Manning 2015, arXiv:1503.00075, eq. 9-14 with N = 2.
    """

    called = "tree-LSTM cell"

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.symbol = nn.Linear(input_size, 4 * hidden_size)  # i, o, u, f
        self.children_of = nn.Linear(2 * hidden_size, 5 * hidden_size, bias=False)  # i, o, u, f_l, f_r
        with torch.no_grad():
            self.symbol.bias[3 * hidden_size :] = 1  # remember at first

    def project(self, vectors: Tensor) -> Tensor:
        """(nodes, input_size) -> (nodes, 4 hidden_size)."""
        projected: Tensor = self.symbol(vectors)
        return projected

    def leaf(self, projected: Tensor) -> TreeState:
        """(h, c)."""
        i, o, u, _ = projected.chunk(4, 1)
        c = torch.sigmoid(i) * torch.tanh(u)
        return torch.sigmoid(o) * torch.tanh(c), c

    def compose(self, projected: Tensor, left: TreeState, right: TreeState) -> TreeState:
        """(h, c)."""
        size = self.hidden_size
        from_children = self.children_of(torch.cat((left[0], right[0]), 1))  # (n, 5 H)
        iou = projected[:, : 3 * size] + from_children[:, : 3 * size]
        i, o = torch.sigmoid(iou[:, : 2 * size]).chunk(2, 1)
        forget = torch.sigmoid(projected[:, 3 * size :].repeat(1, 2) + from_children[:, 3 * size :])
        f_left, f_right = forget.chunk(2, 1)
        c = i * torch.tanh(iou[:, 2 * size :]) + f_left * left[1] + f_right * right[1]
        return o * torch.tanh(c), c
