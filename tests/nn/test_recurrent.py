"""Recurrent layers against torch's own and against their step-by-step definitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from workbench.nn.clockwork import ClockworkLayer
from workbench.nn.delayed import DelayedLayer
from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.leaky import LeakyLayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.mgu import MGULayer
from workbench.nn.recurrent import BidirectionalStack, LayerFactory, RecurrentLayer, RecurrentStack

LAYERS: dict[str, Callable[..., RecurrentLayer]] = {
    "elman-tanh": ElmanLayer,
    "elman-relu": partial(ElmanLayer, activation="relu"),
    "elman-orthogonal": partial(ElmanLayer, init="orthogonal"),
    "elman-identity": partial(ElmanLayer, activation="relu", init="identity"),
    "lstm": LSTMLayer,
    "lstm-forget-bias": partial(LSTMLayer, forget_bias=1.0),
    "gru": GRULayer,
}
"""Those that torch has too."""
VARIANTS: dict[str, Callable[..., RecurrentLayer]] = {
    "elman-linear": partial(ElmanLayer, activation="identity", init="orthogonal", spectral_radius=0.9),
    "gru-before": partial(GRULayer, reset="before"),
    "gru-without-reset": partial(GRULayer, without="reset_gate"),
    "gru-without-update": partial(GRULayer, without="update_gate"),
    "gru-before-without-reset": partial(GRULayer, reset="before", without="reset_gate"),
    "gru-before-without-update": partial(GRULayer, reset="before", without="update_gate"),
    "lstm-peephole": partial(LSTMLayer, peephole=True),
    "lstm-coupled": partial(LSTMLayer, coupled=True),
    "lstm-coupled-peephole": partial(LSTMLayer, coupled=True, peephole=True),
    "lstm-without-input": partial(LSTMLayer, without="input_gate"),
    "lstm-without-forget": partial(LSTMLayer, without="forget_gate", peephole=True),
    "lstm-coupled-without-output": partial(LSTMLayer, without="output_gate", coupled=True, forget_bias=1.0),
    "mgu": MGULayer,
    "delayed": partial(DelayedLayer, delay=2),
    "delayed-far": partial(DelayedLayer, delay=9, init="default"),
    "leaky": partial(LeakyLayer, time_constants=(1, 10)),
    "leaky-learned": partial(LeakyLayer, time_constants=(2, 10), learned=True, init="orthogonal"),
    "clockwork": partial(ClockworkLayer, periods=(1, 2, 4)),
    "clockwork-with-gaps": partial(ClockworkLayer, periods=(1, 2, 3)),
}
MANUAL = {f"{name}-manual": partial(layer, kernel="manual") for name, layer in LAYERS.items()} | VARIANTS
each_layer = pytest.mark.parametrize("layer", (LAYERS | MANUAL).values(), ids=LAYERS | MANUAL)
each_manual = pytest.mark.parametrize("layer", MANUAL.values(), ids=MANUAL)

each_oracle = pytest.mark.parametrize(
    ("layer", "oracle"),
    [
        (partial(layer, kernel=kernel), oracle)
        for kernel in ("torch", "manual")
        for layer, oracle in ((ElmanLayer, nn.RNN), (LSTMLayer, nn.LSTM), (GRULayer, nn.GRU))
    ],
    ids=["elman", "lstm", "gru", "elman-manual", "lstm-manual", "gru-manual"],
)

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 6 steps of 4 features, in double precision."""
    torch.manual_seed(1)
    return torch.randn(3, 6, 4, dtype=torch.float64)


@each_layer
def test_the_loop_is_the_definition_of_the_fast_path(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Both share their parameters and give the same outputs, final states and gradients, of inputs and first states too."""
    fast, loop = layer(4, 5).double(), layer(4, 5, kernel="loop").double()
    loop.load_state_dict(fast.state_dict())
    inputs.requires_grad_()
    for state in (None, start_of(fast, inputs)):
        found, expected = fast(inputs, state), loop(inputs, state)
        close(found, expected)
        wanted = [inputs, *(part for part in state or () if part.requires_grad)]
        gradients = [
            torch.autograd.grad(outputs.square().sum() + states[0].sum() + states[-1].sum(), [*wanted, *module.parameters()])
            for module, (outputs, states) in ((fast, found), (loop, expected))
        ]
        close(*gradients)


def start_of(layer: RecurrentLayer, inputs: Tensor) -> tuple[Tensor, ...]:
    """A random first state; a clockwork network's second part counts steps."""
    state = tuple(torch.randn(3, 5, dtype=torch.float64, requires_grad=True) for _ in range(layer.num_states))
    return (state[0], torch.full_like(state[0], 3)) if isinstance(layer, ClockworkLayer) else state


@each_manual
def test_a_gradient_by_hand_is_that_of_small_steps(layer: Callable[..., RecurrentLayer]) -> None:
    """Differences of outputs for small changes of inputs, first state and every parameter give the same gradients."""
    torch.manual_seed(2)
    module = layer(2, 3).double()
    inputs = torch.randn(2, 4, 2, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in module.named_parameters()]

    def outputs(inputs: Tensor, *parameters: Tensor) -> Tensor:
        found: tuple[Tensor, ...] = functional_call(module, dict(zip(names, parameters, strict=True)), (inputs,))
        return found[0]

    assert torch.autograd.gradcheck(outputs, (inputs, *module.parameters()))


@each_layer
def test_step_by_step_is_the_whole_sequence(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
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
def test_no_layer_sees_the_future(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Changing the last steps leaves the outputs before them bit for bit the same."""
    module = layer(4, 5).double()
    other = inputs.clone()
    other[:, 4:] += 1
    assert torch.equal(module(inputs)[0][:, :4], module(other)[0][:, :4])


@each_oracle
def test_a_stack_is_torch_s_multi_layer_network(
    layer: LayerFactory, oracle: type[nn.RNN | nn.LSTM | nn.GRU], inputs: Tensor
) -> None:
    """Two stacked layers with torch's weights give the outputs of torch's network of two layers."""
    expected = oracle(4, 5, num_layers=2, batch_first=True).double()
    stack = RecurrentStack(layer, 4, 5, num_layers=2).double()
    copy_weights(expected, [stack.layers])
    close(stack(inputs), expected(inputs)[0])


@each_oracle
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


@each_manual
def test_backwards_over_padded_sequences(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """In both directions, with two layers, a padded sequence gives what it gives alone, gradients included."""
    lengths = torch.tensor([4, 6, 1])
    stack = BidirectionalStack(layer, 4, 5, num_layers=2).double()
    found = stack(inputs, lengths)
    alone = [stack(inputs[row : row + 1, :length])[0] for row, length in enumerate(lengths.tolist())]
    for row, outputs in enumerate(alone):
        close(found[row, : len(outputs)], outputs)
    together = sum(found[row, : len(outputs)].square().sum() for row, outputs in enumerate(alone))
    apart = sum(outputs.square().sum() for outputs in alone)
    assert isinstance(together, Tensor)
    assert isinstance(apart, Tensor)
    close(torch.autograd.grad(together, list(stack.parameters())), torch.autograd.grad(apart, list(stack.parameters())))


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
    (wr, wz, wn), (ur, uz, un), b, c = (weight.flatten() for weight in layer.rnn.parameters())
    x, h = torch.tensor(0.7, dtype=torch.float64), torch.tensor(-0.4, dtype=torch.float64)
    r = torch.sigmoid(wr * x + b[0] + ur * h + c[0])
    z = torch.sigmoid(wz * x + b[1] + uz * h + c[1])
    n = torch.tanh(wn * x + b[2] + un * (r * h) + c[2])
    outputs, _ = layer(x.view(1, 1, 1), (h.view(1, 1),))
    close(outputs.flatten(), ((1 - z) * n + z * h).view(1))


def test_the_forget_bias_stands_in_one_of_the_two_biases() -> None:
    """The forget gate's biases add up to the wanted value; other biases stay random."""
    _, _, bias_ih, bias_hh = LSTMLayer(3, 4, forget_bias=1.0).rnn.parameters()
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


@each_manual
def test_small_values_keep_their_digits(layer: Callable[..., RecurrentLayer]) -> None:
    """Inputs of 1e-8 give, in single precision, the outputs of the definition to five digits, and none becomes 0."""
    torch.manual_seed(3)
    fast = layer(4, 5)
    with torch.no_grad():
        for name, parameter in fast.named_parameters():
            if "bias" in name:
                parameter.zero_()
    exact = layer(4, 5, kernel="loop").double()
    exact.load_state_dict(fast.state_dict())
    inputs = torch.randn(3, 6, 4) * 1e-8
    found, expected = fast(inputs)[0].double(), exact(inputs.double())[0]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-14)


@pytest.mark.parametrize(
    ("layer", "chosen"),
    [
        (LSTMLayer(2, 3, kernel="manual"), "torch"),
        (LSTMLayer(2, 3, kernel="manual", peephole=True), "manual"),
        (GRULayer(2, 3, kernel="manual"), "torch"),
        (GRULayer(2, 3, kernel="manual", reset="before"), "manual"),
        (ElmanLayer(2, 3, kernel="manual"), "torch"),
        (ElmanLayer(2, 3, kernel="manual", activation="identity"), "manual"),
        (ElmanLayer(2, 3, kernel="loop"), "loop"),
    ],
)
def test_gradients_by_hand_are_for_the_cpu(layer: RecurrentLayer, chosen: str) -> None:
    """Elsewhere torch's one call takes their place, where it has one; who asked for the loop gets it."""
    assert layer.kernel_on(torch.device("cuda")) == chosen
    assert layer.kernel_on(torch.device("mps")) == chosen
    assert layer.kernel_on(torch.device("cpu")) == layer.kernel
