"""Batches of trees level by level, against a recursion that works out one node at a time: 64 full trees of depth 6.

Both read the same nodes; timed are states, readout and the backward pass.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from tests.benchmarks.result import Result
from workbench.cards import catalog
from workbench.datasets.boolean_trees import BooleanTrees
from workbench.nn.trees import TreeModel, TreeState

BATCH, DEPTH, ROUNDS = 64, 6, 5


def by_node(model: TreeModel, inputs: Tensor) -> Tensor:
    """The definition: each node from its children, from every root down."""
    forest = model.read(inputs)

    def state(place: int) -> TreeState:
        index = place - 1
        projected = model.cell.project(model.embedding(torch.tensor([forest.tokens[index]])))
        if not forest.left[index]:
            return model.cell.leaf(projected)
        return model.cell.compose(projected, state(int(forest.left[index])), state(int(forest.right[index])))

    outputs: Tensor = model.linear(torch.cat([state(int(root))[0] for root in forest.roots]))
    return outputs


def seconds(model: TreeModel, run: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """Seconds for outputs and gradients, and the outputs."""
    model.zero_grad()
    began = time.perf_counter()
    outputs = run()
    torch.autograd.backward(outputs.sum())
    return time.perf_counter() - began, outputs.detach()


def main() -> list[Result]:
    """Medians over rounds in which both take turns."""
    torch.set_num_threads(1)
    dataset = BooleanTrees.open(BooleanTrees.Config(test_depth=DEPTH))
    inputs = torch.from_numpy(dataset.held_out("test").inputs[:BATCH])
    results = []
    for name in ("recursive", "tree_lstm"):
        card = catalog.architectures()[name]
        torch.manual_seed(0)
        model = card.build(card.Config(), dataset.task)
        assert isinstance(model, TreeModel)
        ratios = []
        for _ in range(ROUNDS):
            fast, found = seconds(model, lambda model=model: model(inputs))  # type: ignore[misc]  # bound at once
            slow, expected = seconds(model, lambda model=model: by_node(model, inputs))  # type: ignore[misc]  # bound at once
            np.testing.assert_allclose(found, expected, atol=1e-5)
            ratios.append(slow / fast)
        results.append(Result.above(f"{name}, 64 trees of depth 6: node by node / by level", statistics.median(ratios), 5.0, "x"))
    return results


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
