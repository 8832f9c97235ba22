"""Recurrent layers against torch's own and against their step-by-step definitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.recurrent import BidirectionalStack, LayerFactory, RecurrentLayer, RecurrentStack

LAYERS: dict[str, Callable[..., RecurrentLayer]] = {
    "elman-tanh": ElmanLayer,
    "elman-relu": partial(ElmanLayer, activation="relu"),
    "elman-orthogonal": partial(ElmanLayer, init="orthogonal"),
    "elman-identity": partial(ElmanLayer, activation="relu", init="identity"),
    "lstm": LSTMLayer,
    "lstm-forget-bias": partial(LSTMLayer, forget_bias=1.0),
    "gru": GRULayer,
    "gru-before": partial(GRULayer, reset="before"),
}
each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 6 steps of 4 features, in double precision."""
    torch.manual_seed(1)
    return torch.randn(3, 6, 4, dtype=torch.float64)


@each_layer
def test_the_loop_is_the_definition_of_the_fast_path(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Both kernels share their parameters and give the same outputs, final states and gradients."""
    fast, loop = layer(4, 5).double(), layer(4, 5, kernel="loop").double()
    loop.load_state_dict(fast.state_dict())
    for state in (None, tuple(torch.randn(3, 5, dtype=torch.float64) for _ in range(fast.num_states))):
        found, expected = fast(inputs, state), loop(inputs, state)
        close(found, expected)
        gradients = [
            torch.autograd.grad(outputs.square().sum() + states[-1].sum(), list(module.parameters()))
            for module, (outputs, states) in ((fast, found), (loop, expected))
        ]
        close(*gradients)


@each_layer
def test_step_by_step_is_the_whole_sequence(layer: LayerFactory, inputs: Tensor) -> None:
    """Carrying the state from step to step gives what one call over all steps gives."""
    module = layer(4, 5).double()
    outputs, final = module(inputs)
    state, steps = None, []
    for t in range(6):
        step, state = module(inputs[:, t : t + 1], state)
        steps.append(step)
    assert state is not None
    close(torch.cat(steps, 1), outputs)
    close(state, final)


@each_layer
def test_no_layer_sees_the_future(layer: LayerFactory, inputs: Tensor) -> None:
    """Changing the last steps leaves the outputs before them bit for bit the same."""
    module = layer(4, 5).double()
    other = inputs.clone()
    other[:, 4:] += 1
    assert torch.equal(module(inputs)[0][:, :4], module(other)[0][:, :4])


@pytest.mark.parametrize(
    ("layer", "oracle"), [(ElmanLayer, nn.RNN), (LSTMLayer, nn.LSTM), (GRULayer, nn.GRU)], ids=["elman", "lstm", "gru"]
)
def test_a_stack_is_torch_s_multi_layer_network(
    layer: LayerFactory, oracle: type[nn.RNN | nn.LSTM | nn.GRU], inputs: Tensor
) -> None:
    """Two stacked layers with torch's weights give the outputs of torch's network of two layers."""
    expected = oracle(4, 5, num_layers=2, batch_first=True).double()
    stack = RecurrentStack(layer, 4, 5, num_layers=2).double()
    copy_weights(expected, [stack.layers])
    close(stack(inputs), expected(inputs)[0])


@pytest.mark.parametrize(
    ("layer", "oracle"), [(ElmanLayer, nn.RNN), (LSTMLayer, nn.LSTM), (GRULayer, nn.GRU)], ids=["elman", "lstm", "gru"]
)
def test_both_directions_over_padded_sequences(
    layer: LayerFactory, oracle: type[nn.RNN | nn.LSTM | nn.GRU], inputs: Tensor
) -> None:
    """Outputs and both last states are those of torch's bidirectional network on packed sequences."""
    lengths = torch.tensor([4, 6, 1])
    expected = oracle(4, 5, num_layers=2, batch_first=True, bidirectional=True).double()
    stack = BidirectionalStack(layer, 4, 5, num_layers=2).double()
    copy_weights(expected, [stack.forwards, stack.backwards])
    packed, last = expected(pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False))
    outputs, _ = pad_packed_sequence(packed, batch_first=True)
    found = stack(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        close(found[row, :length], outputs[row, :length])
    h = last[0] if isinstance(last, tuple) else last
    close(stack.final(found, lengths), torch.cat((h[-2], h[-1]), -1))


def copy_weights(source: nn.RNN | nn.LSTM | nn.GRU, directions: list[nn.ModuleList]) -> None:
    """Torch lists layer after layer, and in each both directions."""
    layers = [layers[index] for index in range(source.num_layers) for layers in directions]
    with torch.no_grad():
        for layer, weights in zip(layers, source.all_weights, strict=True):
            for parameter, weight in zip(layer.parameters(), weights, strict=True):
                parameter.copy_(weight)


def test_the_reset_gate_before_the_product_is_another_function(inputs: Tensor) -> None:
    """On the same weights the two forms of the GRU differ clearly."""
    after, before = GRULayer(4, 5).double(), GRULayer(4, 5, reset="before").double()
    before.load_state_dict(after.state_dict())
    assert (after(inputs)[0] - before(inputs)[0]).abs().max() > 1e-3


def test_the_book_s_gru_by_hand() -> None:
    """One step of `reset = before` is the equation, written out for one unit."""
    layer = GRULayer(1, 1, reset="before").double()
    (wr, wz, wn), (ur, uz, un), b, c = (weight.flatten() for weight in layer.rnn.all_weights[0])
    x, h = torch.tensor(0.7, dtype=torch.float64), torch.tensor(-0.4, dtype=torch.float64)
    r = torch.sigmoid(wr * x + b[0] + ur * h + c[0])
    z = torch.sigmoid(wz * x + b[1] + uz * h + c[1])
    n = torch.tanh(wn * x + b[2] + un * (r * h) + c[2])
    outputs, _ = layer(x.view(1, 1, 1), (h.view(1, 1),))
    close(outputs.flatten(), ((1 - z) * n + z * h).view(1))


def test_the_forget_bias_stands_in_one_of_the_two_biases() -> None:
    """The forget gate's biases add up to the wanted value; other biases stay random."""
    _, _, bias_ih, bias_hh = LSTMLayer(3, 4, forget_bias=1.0).rnn.all_weights[0]
    assert torch.equal(bias_ih[4:8], torch.ones(4))
    assert torch.equal(bias_hh[4:8], torch.zeros(4))
    assert (bias_ih[:4] != 1).all()
    assert (bias_hh[8:] != 0).all()


def test_starts_of_the_recurrent_matrix() -> None:
    """Orthogonal is a rotation; identity is the identity, without biases."""
    rotation = ElmanLayer(3, 6, init="orthogonal").rnn.all_weights[0][1]
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(6))
    _, identity, bias_ih, bias_hh = ElmanLayer(3, 6, init="identity").rnn.all_weights[0]
    assert torch.equal(identity, torch.eye(6))
    assert not bias_ih.any()
    assert not bias_hh.any()


@pytest.mark.parametrize("stack", [RecurrentStack, BidirectionalStack])
def test_dropout_works_between_layers_in_training_only(stack: type[RecurrentStack], inputs: Tensor) -> None:
    """One layer has nothing in between; with two, training draws and evaluation does not."""
    one = stack(GRULayer, 4, 5, num_layers=1, dropout=0.5).double()
    assert torch.equal(one(inputs), one(inputs))
    two = stack(GRULayer, 4, 5, num_layers=2, dropout=0.5).double()
    assert not torch.equal(two(inputs), two(inputs))
    two.eval()
    assert torch.equal(two(inputs), two(inputs))


def test_the_state_of_zeros_has_the_type_of_the_inputs(inputs: Tensor) -> None:
    """An LSTM starts from two tensors of zeros, as many as it has samples."""
    layer: RecurrentLayer = LSTMLayer(4, 5)
    h, c = layer.initial_state(inputs)
    assert h.shape == c.shape == (3, 5)
    assert h.dtype == torch.float64
    assert not h.any()
