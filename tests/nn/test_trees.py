"""Networks over trees: level by level is node by node, and the cells are their equations."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pytest
import torch
from torch import Tensor

from workbench.nn.recursive import RecursiveCell
from workbench.nn.tree_lstm import TreeLSTMCell
from workbench.nn.trees import TreeModel, TreeState

CELLS = {"recursive": RecursiveCell, "tree_lstm": TreeLSTMCell}
Tree: TypeAlias = "int | tuple[int, list[Tree]]"
OPEN, CLOSE, PAD = (5, 6), 7, 0
"""Symbols 1 to 4 are leaves, 5 and 6 open a bracket."""


def make(cell: str, hidden_size: int = 9) -> TreeModel:
    torch.manual_seed(0)
    opening = [symbol in OPEN for symbol in range(8)]
    return TreeModel(CELLS[cell](3, hidden_size), opening, CLOSE, 3, ignored=(PAD,)).double().eval()


def grow(rng: np.random.Generator, depth: int) -> Tree:
    """A random tree with operators of one to four operands."""
    if depth == 0 or rng.random() < 0.3:
        return int(rng.integers(1, 5))
    return int(rng.choice(OPEN)), [grow(rng, depth - 1) for _ in range(rng.integers(1, 5))]


def write(tree: Tree) -> list[int]:
    if isinstance(tree, int):
        return [tree]
    return [tree[0], *(symbol for child in tree[1] for symbol in write(child)), CLOSE]


def recurse(model: TreeModel, tree: Tree) -> TreeState:
    """The definition: one node at a time, from the root down, operands folded from the left."""
    if isinstance(tree, int):
        return model.cell.leaf(model.cell.project(model.embedding(torch.tensor([tree]))))
    operator = model.cell.project(model.embedding(torch.tensor([tree[0]])))
    state, *others = (recurse(model, child) for child in tree[1])
    for other in others:
        state = model.cell.compose(operator, state, other)
    return state


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    lengths = [len(row) for row in rows]
    return torch.tensor([row + [PAD] * (max(lengths) - len(row)) for row in rows]), torch.tensor(lengths)


@pytest.mark.parametrize("cell", CELLS)
def test_level_by_level_is_node_by_node(cell: str) -> None:
    """Outputs and gradients of a padded batch of trees are those of a plain recursion over each tree."""
    rng = np.random.default_rng(4)
    trees = [grow(rng, depth) for depth in (0, 1, 2, 3, 4, 5, 5, 5)]
    model = make(cell)
    found = model(*padded([write(tree) for tree in trees]))
    expected = torch.cat([model.linear(recurse(model, tree)[0]) for tree in trees])
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-13)
    weights = torch.randn(expected.shape, dtype=torch.float64)
    ours = torch.autograd.grad((found * weights).sum(), list(model.parameters()))
    theirs = torch.autograd.grad((expected * weights).sum(), list(model.parameters()))
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_right(cell: str) -> None:
    """Numerical differentiation agrees for every parameter."""
    model = make(cell, 3)
    tokens, lengths = padded([write((5, [1, (6, [2, 3]), 4])), write((6, [4, 1]))])
    names = [name for name, _ in model.named_parameters()]

    def outputs(*values: Tensor) -> Tensor:
        found: Tensor = torch.func.functional_call(model, dict(zip(names, values, strict=True)), (tokens, lengths))
        return found

    assert torch.autograd.gradcheck(outputs, tuple(parameter.detach().requires_grad_() for parameter in model.parameters()))


def test_recursive_cell_is_its_equation() -> None:
    """The state is tanh(V x + b + U [h_l; h_r])."""
    torch.manual_seed(1)
    cell = RecursiveCell(3, 4)
    x, left, right = torch.randn(2, 3), torch.randn(2, 4), torch.randn(2, 4)
    u_left, u_right = cell.children_of.weight.chunk(2, 1)
    expected = torch.tanh(x @ cell.symbol.weight.T + cell.symbol.bias + left @ u_left.T + right @ u_right.T)
    torch.testing.assert_close(cell.compose(cell.project(x), (left,), (right,))[0], expected)


def test_tree_lstm_cell_is_its_equations() -> None:
    """Gate by gate as in Tai et al., eq. 9-14, with a forget gate for each child; a leaf is a node without children."""
    torch.manual_seed(1)
    cell = TreeLSTMCell(3, 4)
    x, h_l, h_r, c_l, c_r = torch.randn(2, 3), *torch.randn(4, 2, 4)
    w_i, w_o, w_u, w_f = (x @ w.T + b for w, b in zip(cell.symbol.weight.chunk(4), cell.symbol.bias.chunk(4), strict=True))
    children = torch.cat((h_l, h_r), 1)
    u_i, u_o, u_u, u_l, u_r = (children @ w.T for w in cell.children_of.weight.chunk(5))
    i, o, u = torch.sigmoid(w_i + u_i), torch.sigmoid(w_o + u_o), torch.tanh(w_u + u_u)
    c = i * u + torch.sigmoid(w_f + u_l) * c_l + torch.sigmoid(w_f + u_r) * c_r
    found = cell.compose(cell.project(x), (h_l, c_l), (h_r, c_r))
    torch.testing.assert_close(found, (o * torch.tanh(c), c))
    zero = torch.zeros(2, 4)
    torch.testing.assert_close(cell.leaf(cell.project(x)), cell.compose(cell.project(x), (zero, zero), (zero, zero)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ([5, 1, 2], [5, 1, 2, CLOSE]),
        ([5, 1, 6, 2, 3], [5, 1, 6, 2, 3, CLOSE, CLOSE]),
        ([1, CLOSE, CLOSE], [1]),
        ([5, 1, PAD, 2, CLOSE, PAD], [5, 1, 2, CLOSE]),
        ([5, CLOSE], []),
    ],
)
def test_brackets_that_do_not_match(written: list[int], meant: list[int]) -> None:
    """Open ones are closed at the end, needless ones are passed over, and an empty formula has a state of zeros."""
    model = make("recursive")
    found = model(torch.tensor([written]))
    expected = model(torch.tensor([meant])) if meant else model.linear.bias[None]
    torch.testing.assert_close(found, expected)
