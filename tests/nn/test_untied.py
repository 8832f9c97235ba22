"""The recurrence without shared weights against a plain loop, and against the recurrence that shares them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from workbench.nn.elman import ElmanLayer
from workbench.nn.recurrent import RecurrentStack
from workbench.nn.untied import UntiedLayer

KERNELS: tuple[Any, ...] = ("manual", "loop")
each_kernel = pytest.mark.parametrize("kernel", KERNELS)
close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 6 steps of 4 features, in double precision."""
    torch.manual_seed(1)
    return torch.randn(3, 6, 4, dtype=torch.float64)


def tied(plain: ElmanLayer, layer: UntiedLayer) -> None:
    """Give every step the weights of the recurrence that shares them."""
    weight_ih, weight_hh, bias_ih, bias_hh = plain.rnn.all_weights[0]
    with torch.no_grad():
        layer.weight_ih.copy_(weight_ih.expand_as(layer.weight_ih))
        layer.weight_hh.copy_(weight_hh.expand_as(layer.weight_hh))
        layer.bias.copy_((bias_ih + bias_hh).expand_as(layer.bias))


@each_kernel
def test_each_step_has_its_own_weights(kernel: Any, inputs: Tensor) -> None:
    """A plain loop over the equation, with the weights of its step at each, gives the same states."""
    layer = UntiedLayer(4, 5, num_steps=6, kernel=kernel).double()
    h, states = torch.zeros(3, 5, dtype=torch.float64), []
    for t in range(6):
        h = torch.tanh(inputs[:, t] @ layer.weight_ih[t].T + h @ layer.weight_hh[t].T + layer.bias[t])
        states.append(h)
    outputs, final = layer(inputs)
    close(outputs, torch.stack(states, 1))
    close(final[0], h)


@each_kernel
def test_with_equal_weights_it_is_the_plain_recurrence(kernel: Any, inputs: Tensor) -> None:
    """Outputs are the same, and the gradients of the steps' weights add up to that of the shared ones."""
    plain, layer = ElmanLayer(4, 5, kernel="torch").double(), UntiedLayer(4, 5, num_steps=6, kernel=kernel).double()
    tied(plain, layer)
    found, expected = layer(inputs)[0], plain(inputs)[0]
    close(found, expected)
    found.square().sum().backward()  # type: ignore[no-untyped-call]  # torch's
    weight_ih, weight_hh, bias_ih, _ = plain.rnn.all_weights[0]
    shared = torch.autograd.grad(expected.square().sum(), [weight_ih, weight_hh, bias_ih])
    for parameter, gradient in zip((layer.weight_ih, layer.weight_hh, layer.bias), shared, strict=True):
        assert parameter.grad is not None
        close(parameter.grad.sum(0), gradient)


def test_the_fast_path_is_the_loop(inputs: Tensor) -> None:
    """In two layers, from the start and from the middle: the same outputs, states and gradients of everything."""
    fast, loop = (RecurrentStack(partial(UntiedLayer, num_steps=9, kernel=kernel), 4, 5, 2).double() for kernel in KERNELS)
    loop.load_state_dict(fast.state_dict())
    inputs.requires_grad_()
    begun = [(torch.randn(3, 5, dtype=torch.float64), torch.full((3, 5), 3.0, dtype=torch.float64)) for _ in range(2)]
    for states in (None, begun):
        found, expected = fast.run(inputs, states), loop.run(inputs, states)
        close(found, expected)
        gradients = [
            torch.autograd.grad(outputs.square().sum(), [inputs, *module.parameters()])
            for module, (outputs, _) in ((fast, found), (loop, expected))
        ]
        close(*gradients)


@each_kernel
def test_the_gradient_is_that_of_small_steps(kernel: Any) -> None:
    """Differences of outputs for small changes of inputs and every parameter give the same gradients."""
    torch.manual_seed(2)
    layer = UntiedLayer(2, 3, num_steps=4, kernel=kernel).double()
    inputs = torch.randn(2, 4, 2, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in layer.named_parameters()]

    def outputs(inputs: Tensor, *parameters: Tensor) -> Tensor:
        found: tuple[Tensor, ...] = functional_call(layer, dict(zip(names, parameters, strict=True)), (inputs,))
        return found[0]

    assert torch.autograd.gradcheck(outputs, (inputs, *layer.parameters()))


@each_kernel
def test_it_goes_on_where_it_was(kernel: Any, inputs: Tensor) -> None:
    """Step by step, each step finds its own weights."""
    layer = UntiedLayer(4, 5, num_steps=6, kernel=kernel).double()
    whole, final = layer(inputs)
    state, steps = None, []
    for t in range(6):
        step, state = layer(inputs[:, t : t + 1], state)
        steps.append(step)
    close(torch.cat(steps, 1), whole)
    close(state, final)


def test_padding_has_no_part_in_outputs_or_gradients(inputs: Tensor) -> None:
    """A shorter sequence gives what it gives alone; weights of steps that no sequence has get no gradient."""
    layer = UntiedLayer(4, 5, num_steps=8).double()
    lengths = [4, 6, 1]
    found, _ = layer(inputs)
    alone = [layer(inputs[row : row + 1, :length])[0][0] for row, length in enumerate(lengths)]
    for row, outputs in enumerate(alone):
        close(found[row, : len(outputs)], outputs)
    together = torch.stack([found[row, :length].square().sum() for row, length in enumerate(lengths)]).sum()
    apart = torch.stack([outputs.square().sum() for outputs in alone]).sum()
    gradients = torch.autograd.grad(together, list(layer.parameters()))
    close(gradients, torch.autograd.grad(apart, list(layer.parameters())))
    assert not any(gradient[6:].any() for gradient in gradients)


@each_kernel
def test_there_is_no_step_after_the_last(kernel: Any, inputs: Tensor) -> None:
    """A longer sequence is refused at once, and so is a step too many later on."""
    layer = UntiedLayer(4, 5, num_steps=5, kernel=kernel).double()
    with pytest.raises(ValueError, match="got a sequence of 6 steps; expected at most the 5 that have weights"):
        layer(inputs)
    _, state = layer(inputs[:, :5])
    with pytest.raises(ValueError, match="expected at most the 5"):
        layer(inputs[:, 5:], state)


def test_parameters_grow_with_the_number_of_steps() -> None:
    """T times those of one step."""
    sizes = [sum(parameter.numel() for parameter in UntiedLayer(4, 5, num_steps=count).parameters()) for count in (1, 7)]
    assert sizes == [5 * (4 + 5 + 1), 7 * 5 * (4 + 5 + 1)]


def test_a_context_starts_it_like_any_recurrence() -> None:
    """A first state that something else decides counts no step."""
    layer = UntiedLayer(4, 5, num_steps=6)
    values = torch.randn(3, layer.start_size)
    state = layer.start(values)
    assert state[0] is values
    assert not state[1].any()
