"""Depth in each of its three places against torch's own networks and against the formulas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.deep import DeepRecurrent, DeepTransitionLayer, ExtraLayers
from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.names import Skip
from workbench.nn.recurrent import RecurrentLayer, RecurrentStack, State

SKIPS: list[Skip] = ["none", "residual", "dense"]
each_skip = pytest.mark.parametrize("skip", SKIPS)
each_layer = pytest.mark.parametrize("layer", [ElmanLayer, GRULayer], ids=["elman", "gru"])
close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 6 steps of 4 features, in double precision."""
    torch.manual_seed(1)
    return torch.randn(3, 6, 4, dtype=torch.float64)


def deep(skip: Skip, layer: Callable[..., RecurrentLayer] = ElmanLayer) -> DeepRecurrent:
    """A network with depth before, in and after its stack of three layers."""
    return DeepRecurrent(layer, 4, 5, num_layers=3, input_depth=2, output_depth=2, skip=skip).double()


def dressed(linear: nn.Module, values: Tensor) -> Tensor:
    """One ordinary layer, by hand."""
    assert isinstance(linear, nn.Linear)
    return torch.tanh(values @ linear.weight.T + linear.bias)


def torch_layer(layer: nn.Module, inputs: Tensor) -> Tensor:
    """What torch's own network of one layer gives with this layer's weights."""
    assert isinstance(layer, ElmanLayer)
    oracle = nn.RNN(layer.input_size, layer.hidden_size, batch_first=True).double()
    oracle.load_state_dict(layer.rnn.state_dict())
    outputs: Tensor = oracle(inputs)[0]
    return outputs


def test_without_skip_it_is_torch_s_network_of_many_layers(inputs: Tensor) -> None:
    """Sixteen layers with the same weights give the same outputs, and the same gradient of every weight."""
    found = DeepRecurrent(partial(ElmanLayer, kernel="manual"), 4, 5, num_layers=16).double()
    expected = nn.RNN(4, 5, num_layers=16, batch_first=True).double()
    with torch.no_grad():
        for layer, weights in zip(found.stack.layers, expected.all_weights, strict=True):
            for parameter, weight in zip(layer.parameters(), weights, strict=True):
                parameter.copy_(weight)
    close(found(inputs), expected(inputs)[0])
    gradients = [
        torch.autograd.grad(outputs.square().sum(), list(module.parameters()))
        for module, outputs in ((found, found(inputs)), (expected, expected(inputs)[0]))
    ]
    close(*gradients)


def test_residual_adds_each_layer_s_states_to_what_it_read(inputs: Tensor) -> None:
    """The first layer's states are the start of the sum, since the input has another size."""
    stack = RecurrentStack(ElmanLayer, 4, 5, 3, skip="residual").double()
    first, second, third = stack.layers
    total = torch_layer(first, inputs)
    total = total + torch_layer(second, total)
    total = total + torch_layer(third, total)
    close(stack(inputs), total)


def test_dense_layers_read_the_input_and_all_layers_below(inputs: Tensor) -> None:
    """And the output is what all of them gave."""
    stack = RecurrentStack(ElmanLayer, 4, 5, 3, skip="dense").double()
    assert [layer.input_size for layer in stack.layers] == [4, 9, 14]
    assert stack.output_size == 15
    first, second, third = stack.layers
    one = torch_layer(first, inputs)
    two = torch_layer(second, torch.cat((inputs, one), -1))
    three = torch_layer(third, torch.cat((inputs, one, two), -1))
    close(stack(inputs), torch.cat((one, two, three), -1))


@pytest.mark.parametrize("skip", [False, True])
def test_extra_layers_are_ordinary_ones(*, skip: bool, inputs: Tensor) -> None:
    """A tanh of a product each, with a way around those whose input has their size; none is the identity."""
    layers = ExtraLayers(4, 5, 3, skip=skip).double()
    first, second, third = layers.layers
    values = dressed(first, inputs)
    for layer in (second, third):
        values = dressed(layer, values) + (values if skip else 0)
    close(layers(inputs), values)
    none = ExtraLayers(4, 5, 0)
    assert none.output_size == 4
    assert none(inputs) is inputs


@pytest.mark.parametrize("skip", [False, True])
def test_depth_from_state_to_state_by_the_formula(*, skip: bool, inputs: Tensor) -> None:
    """The state passes through the extra layers before the next step sees it."""
    layer = DeepTransitionLayer(4, 5, num_transition=2, skip=skip).double()
    first, second = layer.transition.layers
    h, states = torch.zeros(3, 5, dtype=torch.float64), []
    for x in inputs.unbind(1):
        passed = dressed(first, h) + (h if skip else 0)
        passed = dressed(second, passed) + (passed if skip else 0)
        weights = layer.rnn
        h = torch.tanh(x @ weights.weight_ih.T + weights.bias_ih + passed @ weights.weight_hh.T + weights.bias_hh)
        states.append(h)
    outputs, final = layer(inputs)
    close(outputs, torch.stack(states, 1))
    close(final, (h,))


def test_a_transition_without_extra_layers_is_the_plain_recurrence(inputs: Tensor) -> None:
    """With the same weights it gives what the plain layer gives."""
    layer, plain = DeepTransitionLayer(4, 5, num_transition=0).double(), ElmanLayer(4, 5).double()
    with torch.no_grad():
        for parameter, weight in zip(layer.rnn.parameters(), plain.rnn.all_weights[0], strict=True):
            parameter.copy_(weight)
    close(layer(inputs), plain(inputs))


@each_skip
def test_all_three_places_work_together(skip: Skip, inputs: Tensor) -> None:
    """Extra layers before, a stack in the middle, extra layers after: one after the other."""
    network = deep(skip)
    close(network(inputs), network.after(network.stack(network.before(inputs))))
    assert network(inputs).shape == (3, 6, 5)
    assert network.output_size == 5


@each_skip
@each_layer
def test_gradients_by_hand_within_a_deep_network(skip: Skip, layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """The fast path and the step-by-step definition give the same outputs and the same gradients of all weights and inputs."""
    fast, loop = (deep(skip, partial(layer, kernel=kernel)) for kernel in ("manual", "loop"))
    loop.load_state_dict(fast.state_dict())
    inputs.requires_grad_()
    found, expected = fast(inputs), loop(inputs)
    close(found, expected)
    gradients = [
        torch.autograd.grad(outputs.square().sum(), [inputs, *module.parameters()])
        for module, outputs in ((fast, found), (loop, expected))
    ]
    close(*gradients)


@each_skip
def test_padding_has_no_part_in_outputs_or_gradients(skip: Skip, inputs: Tensor) -> None:
    """A padded sequence gives what it gives alone."""
    network = deep(skip, partial(ElmanLayer, kernel="manual"))
    lengths = [4, 6, 1]
    found = network(inputs, torch.tensor(lengths))
    alone = [network(inputs[row : row + 1, :length])[0] for row, length in enumerate(lengths)]
    for row, outputs in enumerate(alone):
        close(found[row, : len(outputs)], outputs)
    together = torch.stack([found[row, :length].square().sum() for row, length in enumerate(lengths)]).sum()
    apart = torch.stack([outputs.square().sum() for outputs in alone]).sum()
    close(torch.autograd.grad(together, list(network.parameters())), torch.autograd.grad(apart, list(network.parameters())))


@each_skip
@pytest.mark.parametrize("layer", [ElmanLayer, partial(DeepTransitionLayer, num_transition=2, skip=True)], ids=["elman", "deep"])
def test_states_are_carried_from_step_to_step(skip: Skip, layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Stopping after any step and going on from the states gives what one call over all steps gives."""
    network = deep(skip, layer)
    outputs, final = network.run(inputs, None)
    states: list[State] | None = None
    parts = []
    for start, stop in pairwise((0, 1, 4, 6)):
        part, states = network.run(inputs[:, start:stop], states)
        parts.append(part)
    close(torch.cat(parts, 1), outputs)
    close(states, final)


@each_skip
def test_dropout_between_deep_layers_works_in_training_only(skip: Skip, inputs: Tensor) -> None:
    """One layer has nothing in between; with three, training draws and evaluation does not."""
    one, three = (RecurrentStack(ElmanLayer, 4, 5, count, 0.5, skip).double() for count in (1, 3))
    assert torch.equal(one(inputs), one(inputs))
    assert not torch.equal(three(inputs), three(inputs))
    three.eval()
    assert torch.equal(three(inputs), three(inputs))
