"""Harvesting the states of an echo state network, against reservoirpy, taking turns in one go, in processor time.

as each comes    3,000 steps of 400 units with the weights that each draws by default
the same weights both with ours, reservoirpy with its own kind of sparse matrix: one series, and the same number of steps
                 as ten series, which ours takes at once

One series with the same weights is 1.9 to 2.2 times as fast on a processor with AVX2, where a step of ours is a sparse product
(5.7 us) and a tanh (3.4 us), in place, and those of scipy and numpy take 6.9 and 6.2 us. With AVX512 it is 1.35 to 1.5 times:
numpy's tanh takes 1.1 us there, torch's 2.7 us, and the products 4.8 and 4.1 us. The limits are those of the second.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from reservoirpy.nodes import Reservoir as Theirs

from tests.benchmarks.result import Result
from workbench.nn.reservoir import Reservoir

UNITS, STEPS, ROUNDS = 400, 3000, 7


def seconds_of_ours(reservoir: Reservoir, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Seconds for series (n, length, 1), and the states."""
    inputs = torch.from_numpy(u)
    began = time.process_time()
    states = reservoir.states(inputs)
    return time.process_time() - began, states.numpy()


def seconds_of_theirs(node: Theirs, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The same by reservoirpy, one series after the other from a state of zeros."""
    node.run(u[0, :10])  # it is set up by the first call
    began = time.process_time()
    states = []
    for series in u:
        node.reset()
        states.append(node.run(series))
    return time.process_time() - began, np.stack(states)


def ratio(reservoir: Reservoir, node: Theirs, shape: tuple[int, int, int], *, same: bool) -> float:
    """How many times faster ours is: the median over rounds in which both take turns."""
    u = np.random.default_rng(0).normal(size=shape)
    ratios = []
    for _ in range(ROUNDS):
        ours, found = seconds_of_ours(reservoir, u)
        theirs, expected = seconds_of_theirs(node, u)
        if same:
            np.testing.assert_allclose(found, expected, atol=1e-10)
        ratios.append(theirs / ours)
    return statistics.median(ratios)


def main() -> list[Result]:
    """Each as it comes, and both with the same weights."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    reservoir = Reservoir(1, UNITS)
    weights = {"Win": reservoir.input_weights.numpy(), "bias": reservoir.bias.numpy(), "lr": 1.0}
    same = Theirs(UNITS, W=scipy.sparse.csr_matrix(reservoir.dense().numpy()), **weights)
    one, ten = (1, STEPS, 1), (10, STEPS // 10, 1)
    name = "ESN 400 units, 3,000 steps"
    return [
        Result.above(f"{name}: reservoirpy / ours, as each comes", ratio(reservoir, Theirs(UNITS), one, same=False), 1.5, "x"),
        Result.above(f"{name}: the same weights, ten series", ratio(reservoir, same, ten, same=True), 2.0, "x"),
        Result.above(f"{name}: the same weights, one series", ratio(reservoir, same, one, same=True), 1.3, "x"),
    ]


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
