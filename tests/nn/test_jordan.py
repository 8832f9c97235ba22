"""The Jordan network against its equation, step by step."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from workbench.nn.adapters import VectorInput
from workbench.nn.jordan import JordanModel


def model() -> JordanModel:
    """A small one in double precision."""
    torch.manual_seed(0)
    return JordanModel(VectorInput(2), 3, hidden_size=5).double()


def test_all_steps_at_once_are_the_steps_one_by_one() -> None:
    """Under teacher forcing the product over time has the outputs and gradients of the loop; a missing label is no label."""
    net = model()
    inputs, labels = torch.randn(4, 7, 2, dtype=torch.float64), torch.randint(-1, 3, (4, 7))
    together, apart = net.forced(inputs, None, labels), net.step_by_step(inputs, labels, 1.0)
    torch.testing.assert_close(together, apart, rtol=1e-12, atol=1e-12)
    gradients = [torch.autograd.grad(outputs.square().sum(), list(net.parameters())) for outputs in (together, apart)]
    torch.testing.assert_close(*gradients, rtol=1e-12, atol=1e-12)


def test_a_step_is_the_equation() -> None:
    """softmax(V tanh(W x + R y + b) + c), written out, at the second step."""
    net = model()
    x, y = torch.randn(1, 2, 2, dtype=torch.float64), 2
    hidden = net.from_input.weight @ x[0, 1] + net.from_label.weight[:, y] + net.from_input.bias
    expected = net.output.weight @ hidden.tanh() + net.output.bias
    found = net.forced(x, None, torch.tensor([[y, 0]]))[0, 1]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_running_freely_feeds_back_its_own_choice() -> None:
    """`forward` is teacher forcing with the labels that it chose; true labels have no say."""
    net = model()
    inputs = torch.randn(3, 9, 2, dtype=torch.float64)
    alone = net(inputs)
    torch.testing.assert_close(net.forced(inputs, None, alone.argmax(-1)), alone, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(net.forced(inputs, None, torch.ones(3, 9, dtype=torch.int64), 0.0), alone)


def test_scheduled_sampling_lies_between() -> None:
    """With half of the labels true, the outputs are those of the labels that were drawn, and gradients are finite."""
    net = model()
    inputs, labels = torch.randn(3, 9, 2, dtype=torch.float64), torch.randint(0, 3, (3, 9))
    torch.manual_seed(4)
    mixed = net.forced(inputs, None, labels, 0.5)
    torch.manual_seed(4)
    true = torch.rand(3, 9) < 0.5
    fed = torch.where(true, labels, mixed.argmax(-1))
    torch.testing.assert_close(net.forced(inputs, None, fed), mixed, rtol=1e-12, atol=1e-12)
    F.cross_entropy(mixed.flatten(0, 1), labels.flatten()).backward()  # type: ignore[no-untyped-call]  # torch's
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in net.parameters())
