"""How fast a pass forwards and backwards by hand is, against torch's own and against the loop over the equations."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.benchmarks.result import Result
from workbench.nn.adapters import VectorInput
from workbench.nn.clockwork import ClockworkLayer
from workbench.nn.delayed import DelayedLayer
from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.jordan import JordanModel
from workbench.nn.leaky import LeakyLayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.mgu import MGULayer
from workbench.nn.recurrent import RecurrentLayer

LENGTH, BATCH, FEATURES = 100, 64, 32
ROUNDS = 9

PAIRS: tuple[tuple[str, Callable[..., RecurrentLayer], str, float], ...] = (
    ("tanh RNN: torch / manual", ElmanLayer, "torch", 1.2),
    ("LSTM: loop / manual", LSTMLayer, "loop", 2.2),
    ("GRU: loop / manual", GRULayer, "loop", 2.2),
    ("GRU, reset before: loop / manual", partial(GRULayer, reset="before"), "loop", 2.2),
    ("LSTM with peepholes: loop / manual", partial(LSTMLayer, peephole=True), "loop", 2.0),
    ("MGU: loop / manual", MGULayer, "loop", 2.0),
    ("delayed by 10: loop / manual", partial(DelayedLayer, delay=10), "loop", 2.0),
    ("leaky: loop / manual", partial(LeakyLayer, time_constants=(1, 10, 100)), "loop", 2.0),
    ("clockwork: loop / manual", partial(ClockworkLayer, periods=(1, 2, 4, 8)), "loop", 2.0),
)
FASTER = (("LSTM: torch / manual", LSTMLayer), ("GRU: torch / manual", GRULayer))
"""What decides the cards' default: above 1, `manual` is the faster one."""


def seconds(layer: RecurrentLayer, inputs: Tensor) -> float:
    """One forward and backward pass with the gradient of every parameter; other processes' time does not count."""
    layer.zero_grad()
    began = time.process_time()
    outputs, _ = layer(inputs)
    torch.autograd.backward(outputs.square().mean())
    return time.process_time() - began


def ratio(layer: Callable[..., RecurrentLayer], other: str, hidden_size: int) -> float:
    """Time of another kernel over that of the manual one: that of the quickest of rounds in which both take turns."""
    inputs = torch.randn(BATCH, LENGTH, FEATURES)
    ours, theirs = (layer(FEATURES, hidden_size, kernel=kernel) for kernel in ("manual", other))
    for _ in range(2):  # for the caches
        seconds(ours, inputs), seconds(theirs, inputs)
    rounds = [(seconds(theirs, inputs), seconds(ours, inputs)) for _ in range(ROUNDS)]
    return min(their for their, _ in rounds) / min(our for _, our in rounds)


def jordan_ratio() -> float:
    """A Jordan network at T 512 under teacher forcing: time of the steps one by one over that of all at once."""
    net = JordanModel(VectorInput(8), 4, hidden_size=64)
    inputs, labels = torch.randn(32, 512, 8), torch.randint(0, 4, (32, 512))

    def spent(run: Callable[[], Tensor]) -> float:
        net.zero_grad()
        began = time.process_time()
        torch.autograd.backward(F.cross_entropy(run().flatten(0, 1), labels.flatten()))
        return time.process_time() - began

    rounds = [
        (spent(lambda: net.step_by_step(inputs, labels, 1.0)), spent(lambda: net.forced(inputs, None, labels)))
        for _ in range(ROUNDS)
    ]
    return min(apart for apart, _ in rounds) / min(together for _, together in rounds)


def main() -> list[Result]:
    """Every cell at two sizes, in one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    results = []
    for size in (128, 64):
        for name, layer, other, limit in PAIRS:
            results.append(Result.above(f"{name}, H {size}", ratio(layer, other, size), limit, "x"))
        for name, layer in FASTER:
            results.append(Result.above(f"{name}, H {size}", ratio(layer, "torch", size), 1.0, "x"))
    results.append(Result.above("Jordan network, T 512: step by step / all at once", jordan_ratio(), 3.0, "x"))
    return results


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
