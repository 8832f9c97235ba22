"""Jacobians and Lyapunov exponents: against the matrix of a linear network, and against the formula of a single unit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.windows import recorded
from workbench.training.dynamics import WINDOW, jacobian, lyapunov
from workbench.training.traces import LayerTrace


def traced(layer: RecurrentLayer, inputs: Tensor, state: State | None = None) -> LayerTrace:
    with torch.no_grad(), recorded(layer) as records:
        layer(inputs, state)
    return LayerTrace.of("", records, None)


@pytest.fixture(autouse=True)
def _double() -> None:
    torch.manual_seed(0)


def test_the_jacobian_of_a_linear_network_is_its_matrix() -> None:
    """At every step, for every sample."""
    layer = ElmanLayer(2, 7, activation="identity").double()
    trace = traced(layer, torch.randn(3, 5, 2, dtype=torch.float64))
    matrix = layer.rnn.all_weights[0][1].detach()
    for step in range(5):
        torch.testing.assert_close(jacobian(trace, step), matrix.expand(3, -1, -1))


@pytest.mark.parametrize("layer", [ElmanLayer(2, 6), LSTMLayer(2, 6), GRULayer(2, 6)], ids=["elman", "lstm", "gru"])
def test_the_jacobian_is_that_of_torch(layer: RecurrentLayer) -> None:
    """Of the whole state; `torch.autograd.functional.jacobian` takes it number by number."""
    layer = layer.double()
    inputs = torch.randn(2, 4, 2, dtype=torch.float64)
    trace = traced(layer, inputs)
    step, sample = 2, 1

    def after(whole: Tensor) -> Tensor:
        _, state = layer(inputs[sample : sample + 1, step : step + 1], tuple(whole[None].chunk(layer.num_states, -1)))
        return torch.cat(state, -1)[0]

    before = torch.cat([part[sample, step] for part in trace.states], -1)
    expected = torch.autograd.functional.jacobian(after, before)  # type: ignore[no-untyped-call]  # torch's
    torch.testing.assert_close(jacobian(trace, step)[sample], expected)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.2])
def test_the_exponent_of_a_linear_network_is_that_of_its_largest_eigenvalue(radius: float) -> None:
    """The logarithm of its modulus, whatever it reads."""
    layer = ElmanLayer(3, 10, activation="identity", spectral_radius=radius).double()
    matrix = layer.rnn.all_weights[0][1].detach().numpy()
    largest = np.abs(np.linalg.eigvals(matrix)).max()
    exponents = lyapunov(traced(layer, torch.randn(2, 2000, 3, dtype=torch.float64)))
    np.testing.assert_allclose(exponents.numpy(), np.log(largest), atol=5e-3)


def test_the_exponent_of_one_unit_is_the_mean_of_its_slopes() -> None:
    """The mean of ln |w (1 - h_t^2)| over the steps that count: all but the windows that begin in the last quarter."""
    layer = ElmanLayer(1, 1).double()
    num_steps = 20 * WINDOW
    trace = traced(layer, torch.randn(3, num_steps, 1, dtype=torch.float64))
    weight = float(layer.rnn.all_weights[0][1].detach())
    h = trace.states[0][:, 1:, 0].numpy()
    slopes = np.log(np.abs(weight * (1 - h**2)))[:, : num_steps * 3 // 4]
    np.testing.assert_allclose(lyapunov(trace).numpy(), slopes.mean(1), rtol=1e-9)


def test_a_chaotic_network_has_a_positive_exponent_and_a_quiet_one_a_negative() -> None:
    """Two tanh networks, of a large and of a small radius, without input (Sompolinsky et al. 1988)."""
    silence = torch.zeros(2, 1000, 1, dtype=torch.float64)
    exponents = []
    for radius in (0.5, 4.0):
        layer = ElmanLayer(1, 100, spectral_radius=radius).double()
        start = (torch.randn(2, 100, dtype=torch.float64),)
        exponents.append(float(lyapunov(traced(layer, silence, start)).mean()))
    assert exponents[0] < -0.3
    assert exponents[1] > 0.1


def test_short_sequences_have_an_exponent_too() -> None:
    """One step is a window of its own."""
    layer = ElmanLayer(1, 1, activation="identity").double()
    weight = float(layer.rnn.all_weights[0][1].detach())
    np.testing.assert_allclose(lyapunov(traced(layer, torch.ones(1, 1, 1, dtype=torch.float64))).numpy(), np.log(abs(weight)))
