"""The penalty on the gradient's length against its formula, for layers of every kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from tests.nn.test_recurrent import LAYERS, VARIANTS
from workbench.nn.elman import ElmanLayer
from workbench.nn.information_flow import flow_penalty
from workbench.nn.recurrent import RecurrentLayer
from workbench.nn.windows import Record, recorded

close = partial(torch.testing.assert_close, rtol=1e-10, atol=1e-12)


def run(module: RecurrentLayer, inputs: Tensor) -> tuple[Record, list[list[Tensor]]]:
    """A recorded run, and the gradients of all its states for a loss that only looks at the end."""
    with recorded(module) as records:
        outputs, _ = module(inputs)
    (record,) = records
    parts = [part for state in record.states for part in state if part.requires_grad]
    found = torch.autograd.grad(outputs[:, -1].square().sum(), parts, materialize_grads=True)
    gradients = iter(found)
    return record, [[next(gradients) if p.requires_grad else torch.zeros_like(p) for p in state] for state in record.states]


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 6 steps of 4 features, in double precision."""
    torch.manual_seed(4)
    return torch.randn(3, 6, 4, dtype=torch.float64)


def test_penalty_of_a_plain_network_is_the_formula(inputs: Tensor) -> None:
    """|U^T diag(1 - h_t^2) g_t| / |g_t| written out, with states and g as constants; and so is its gradient."""
    module = ElmanLayer(4, 5, init="orthogonal", kernel="manual").double()
    record, gradients = run(module, inputs)
    penalty = flow_penalty(record, gradients)
    weight_ih, weight_hh, bias_ih, bias_hh = module.rnn.all_weights[0]
    expected = torch.zeros((), dtype=torch.float64)
    for t in range(1, 6):
        before, g = record.states[t][0].detach(), gradients[t + 1][0]
        h = torch.tanh(inputs[:, t] @ weight_ih.T + bias_ih + before @ weight_hh.T + bias_hh)
        back = ((1 - h**2) * g) @ weight_hh
        expected = expected + (back.norm(dim=1) / g.norm(dim=1) - 1).square().sum() / 3
    close(penalty, expected)
    close(*(torch.autograd.grad(value, list(module.parameters())) for value in (penalty, expected)))
    assert module.kernel == "manual"


def test_a_rotation_keeps_every_length(inputs: Tensor) -> None:
    """A linear network with an orthogonal matrix pays nothing; one of half the size pays a quarter for each of five steps."""
    module = ElmanLayer(4, 5, activation="identity", init="orthogonal").double()
    assert flow_penalty(*run(module, inputs)).item() == pytest.approx(0, abs=1e-12)
    with torch.no_grad():
        module.rnn.all_weights[0][1].mul_(0.5)
    assert flow_penalty(*run(module, inputs)).item() == pytest.approx(5 / 4, rel=1e-6)


@pytest.mark.parametrize("layer", (LAYERS | VARIANTS).values(), ids=LAYERS | VARIANTS)
def test_side_by_side_is_step_by_step(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """All steps at once give what the Jacobian of each step gives, whatever the state is made of."""
    module = layer(4, 5).double()
    record, gradients = run(module, inputs)
    moving = [k for k, part in enumerate(record.states[-1]) if part.requires_grad]
    expected = torch.zeros((), dtype=torch.float64)
    module.kernel = "loop"
    for t in range(1, 6):
        before = tuple(part.detach().requires_grad_(k in moving) for k, part in enumerate(record.states[t]))
        _, after = module(inputs[:, t : t + 1], before)
        g = [gradients[t + 1][k] for k in moving]
        back = torch.autograd.grad([after[k] for k in moving], [before[k] for k in moving], g)
        ratio = torch.cat(back, -1).norm(dim=1) / torch.cat(g, -1).norm(dim=1)
        expected = expected + (ratio - 1).square().sum() / 3
    penalty = flow_penalty(record, gradients)
    close(penalty.detach(), expected)
    assert penalty.requires_grad


def test_a_tiny_gradient_has_a_direction_and_none_counts_for_nothing(inputs: Tensor) -> None:
    """In single precision a gradient of 1e-30 is penalised like one of 1; one of 0 is left out."""
    module = ElmanLayer(4, 5, kernel="loop")
    record, gradients = run(module, inputs.float())
    tiny = [[part * 1e-30 for part in parts] for parts in gradients]
    torch.testing.assert_close(flow_penalty(record, tiny), flow_penalty(record, gradients))
    none = flow_penalty(record, [[torch.zeros_like(part) for part in parts] for parts in gradients])
    assert none.item() == 0
    assert all(g.isfinite().all() for g in torch.autograd.grad(none, list(module.parameters()), materialize_grads=True))
