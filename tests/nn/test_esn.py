"""The echo state network against reservoirpy, and its readout against the closed formula."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from workbench.nn.esn import EchoStateNetwork
from workbench.nn.reservoir import Reservoir
from workbench.nn.ridge import Sums, ridge_solutions


def make(seed: int = 0, **settings: Any) -> Reservoir:
    torch.manual_seed(seed)
    defaults: dict[str, Any] = {"spectral_radius": 0.9, "leak": 0.4, "bias_scaling": 0.3, "connections": 8}
    return Reservoir(2, 64, **(defaults | settings))


def series(batch: int, length: int, size: int = 2) -> Tensor:
    return torch.randn(batch, length, size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("connections", [4, 64])
@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_states_are_reservoirpy_s(connections: int, leak: float) -> None:
    """With the same weights the states are reservoirpy's, for sparse and full matrices, one series or several."""
    from reservoirpy.nodes import Reservoir as Theirs

    ours = make(connections=connections, leak=leak)
    weights = {"W": ours.dense().numpy(), "Win": ours.input_weights.numpy(), "bias": ours.bias.numpy()}
    u = series(3, 50)
    found = ours.states(u)
    for row in range(3):
        theirs = torch.from_numpy(Theirs(64, lr=leak, **weights).run(u[row].numpy()))
        torch.testing.assert_close(found[row], theirs, rtol=0, atol=1e-12)
        torch.testing.assert_close(ours.states(u[row : row + 1])[0], theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("size", "connections"), [(64, 2), (64, 64), (9, 1), (1, 1)])
def test_the_spectral_radius_is_exact(size: int, connections: int) -> None:
    """The largest absolute eigenvalue is the one asked for, and every unit hears as many others as asked."""
    torch.manual_seed(2)
    matrix = Reservoir(1, size, spectral_radius=1.25, connections=connections).dense()
    torch.testing.assert_close(torch.linalg.eigvals(matrix).abs().max().item(), 1.25, rtol=1e-10, atol=0)
    assert ((matrix != 0).sum(1) == connections).all()


def test_feedback_is_the_output_of_the_step_before() -> None:
    """States with outputs fed back follow the equation step by step."""
    reservoir = make(output_size=3, feedback_scaling=0.5)
    assert reservoir.feedback_weights is not None
    u, fed = series(4, 10), series(4, 10, 3)
    h = torch.zeros(4, 64, dtype=torch.float64)
    for step, state in enumerate(reservoir.states(u, fed).unbind(1)):
        drive = u[:, step] @ reservoir.input_weights.T + fed[:, step] @ reservoir.feedback_weights.T + reservoir.bias
        h = 0.6 * h + 0.4 * torch.tanh(h @ reservoir.dense().T + drive)
        torch.testing.assert_close(state, h, rtol=0, atol=1e-13)


@pytest.mark.parametrize("fed_back", [False, True])
def test_states_with_a_gradient_are_the_same_states(*, fed_back: bool) -> None:
    """Where the inputs want a gradient the equation is run step by step; the gradient is that of differences."""
    reservoir = make(output_size=3, feedback_scaling=0.5 if fed_back else 0.0)
    u, fed = series(2, 6), series(2, 6, 3) if fed_back else None
    torch.testing.assert_close(reservoir.states(u.clone().requires_grad_(), fed), reservoir.states(u, fed), rtol=0, atol=1e-13)
    assert not reservoir.states(u, fed).requires_grad
    assert torch.autograd.gradcheck(lambda read: reservoir.states(read, fed)[:, -1, :4], (u.requires_grad_(),))


@pytest.mark.parametrize("ridge", [1e-6, 1.0, 100.0])
def test_ridge_is_the_least_squares_problem_with_added_rows(ridge: float) -> None:
    """The solution is that of the problem with sqrt(ridge) I as further rows, where the bias is not penalised."""
    x, y = series(1, 200, 12)[0] + 3, series(1, 200, 2)[0] - 1
    weight, bias = ridge_solutions(Sums.of(x, y), [ridge])[0]
    rows = torch.cat((x, torch.ones(200, 1, dtype=x.dtype)), 1)
    added = torch.cat((ridge**0.5 * torch.eye(12, dtype=x.dtype), torch.zeros(12, 1, dtype=x.dtype)), 1)
    expected = torch.linalg.lstsq(torch.cat((rows, added)), torch.cat((y, torch.zeros(12, 2, dtype=x.dtype)))).solution
    torch.testing.assert_close(torch.cat((weight, bias[:, None]), 1), expected.T, rtol=1e-8, atol=1e-8)


def test_fitting_in_parts_is_fitting_at_once() -> None:
    """Two batches one after the other give the readout of both together, also from a state dict in between."""
    u, y = series(6, 40), series(6, 40, 1)
    at_once, first, second = (EchoStateNetwork(make(), 1, ridge=1e-3, washout=5) for _ in range(3))
    at_once.fit(u, y)
    first.fit(u[:2], y[:2])
    second.load_state_dict(first.state_dict())
    second.fit(u[2:], y[2:])
    torch.testing.assert_close(second(u), at_once(u), rtol=1e-6, atol=1e-8)


def test_the_table_holds_what_was_fitted() -> None:
    """The row of the model's own ridge and washout has the NRMSE of its own outputs; larger ridges are not forgotten."""
    u = series(8, 80)
    y = u[..., :1].roll(2, 1) * u[..., 1:]
    model = EchoStateNetwork(make(), 1, ridge=1e-4, washout=25)
    model.fit(u, y)
    other = series(8, 80).flip(0, 1)
    truth = other[..., :1].roll(2, 1) * other[..., 1:]
    numbers, arrays = model.measure(other, truth, None)
    error = (model(other) - truth)[:, 25:].square().mean().sqrt() / truth[:, 25:].std(correction=0)
    fitted = (model(u) - y)[:, 25:].square().mean().sqrt() / y[:, 25:].std(correction=0)
    table = {(ridge, washout): errors for ridge, washout, *errors in arrays["ridge"].tolist()}
    assert table[1e-4, 25.0] == pytest.approx([error.item(), fitted.item()], rel=1e-6)
    assert {ridge for ridge, _ in table} >= {1e-8, 1.0}
    assert numbers["start_distance"] < 1e-3


def test_the_table_has_the_models_own_setting_and_falls_with_less_ridge() -> None:
    """A ridge and a washout that no grid has stand in the table; training error never falls as the ridge grows."""
    u = series(8, 80)
    y = u[..., :1].roll(2, 1) * u[..., 1:]
    model = EchoStateNetwork(make(), 1, ridge=3e-5, washout=7)
    model.fit(u, y)
    _, arrays = model.measure(u, y, None)
    rows = [row for row in arrays["ridge"].tolist() if row[1] == 7.0]
    assert 3e-5 in [row[0] for row in rows]
    assert all(less <= more + 1e-12 for less, more in pairwise(row[3] for row in rows))


def test_classes_are_fitted_as_unit_vectors() -> None:
    """A class of the recent past is told from a sequence of symbols, from its last state."""
    torch.manual_seed(0)
    model = EchoStateNetwork(Reservoir(4, 80), 4, num_tokens=4, readout="last", ridge=1e-6)
    tokens = torch.randint(4, (400, 6))
    model.fit(tokens, tokens[:, -3])
    assert (model(tokens).argmax(-1) == tokens[:, -3]).float().mean() > 0.95


def test_only_below_radius_one_the_start_is_forgotten() -> None:
    """Two starts end in one state at radius 0.8 and not at radius 1.6."""
    u = series(4, 300) * 0.1
    settings: dict[str, Any] = {"leak": 1.0, "bias_scaling": 0.0}
    assert make(spectral_radius=0.8, **settings).start_distance(u) < 1e-9
    assert make(spectral_radius=1.6, **settings).start_distance(u) > 1e-2
