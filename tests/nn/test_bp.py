"""Back-propagation by hand against automatic differentiation, and what leaving out a factor does."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from workbench.nn.bp import ACTIVATIONS, BPNetwork
from workbench.nn.hand_trained import HandTrained
from workbench.nn.names import Derivative, HiddenActivation, Loss, PerceptronInit

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-13)


def network(
    loss: Loss, *, activation: HiddenActivation = "tanh", derivative: Derivative = "full", hidden: tuple[int, ...] = (5, 4)
) -> BPNetwork:
    """Six inputs, hidden layers, three outputs; in double precision."""
    torch.manual_seed(2)
    return BPNetwork([6, *hidden, 3], activation=activation, loss=loss, derivative=derivative).double()


@pytest.fixture
def inputs() -> Tensor:
    """Eight samples of six numbers."""
    torch.manual_seed(3)
    return torch.randn(8, 6, dtype=torch.float64)


CLASSES = torch.tensor([0, 1, 2, 2, 1, 0, 1, 1])
VECTORS = torch.linspace(-1, 1, 24, dtype=torch.float64).view(8, 3)


def hand_and_automatic(
    model: BPNetwork, inputs: Tensor, targets: Tensor, smoothing: float = 0.0
) -> tuple[list[Tensor], list[Tensor]]:
    """The model's own gradients, and those of its loss by automatic differentiation."""
    loss, outputs = model.loss_and_gradients(inputs, targets, smoothing)
    assert not loss.requires_grad
    assert not outputs.requires_grad
    hand = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    expected = model.loss(model(inputs), targets, smoothing)
    close(loss, expected.detach())
    close(outputs, model(inputs).detach())
    return hand, list(torch.autograd.grad(expected, list(model.parameters())))


@pytest.mark.parametrize(
    ("loss", "activation", "hidden"),
    product(("mse", "cross_entropy", "regression"), ("sigmoid", "tanh", "relu"), ((), (5,), (5, 4))),
)
def test_the_gradient_is_that_of_the_loss(
    loss: Loss, activation: HiddenActivation, hidden: tuple[int, ...], inputs: Tensor
) -> None:
    """Hand-written and automatic gradients agree for every loss, unit and depth."""
    targets = VECTORS if loss == "regression" else CLASSES
    close(*hand_and_automatic(network(loss, activation=activation, hidden=hidden), inputs, targets))


def test_the_gradient_of_one_step_labels(inputs: Tensor) -> None:
    """Sequences are labelled step by step; steps without a target count neither in the sum nor in the mean."""
    torch.manual_seed(2)
    model = BPNetwork([3, 4, 3], loss="cross_entropy", per_step=True).double()
    sequences = inputs.view(4, 4, 3)
    labels = torch.tensor([[-100, 0, 1, 2]] * 3 + [[-100, -100, 2, 0]])
    close(*hand_and_automatic(model, sequences, labels))
    expected = F.cross_entropy(model(sequences).flatten(0, 1), labels.flatten())
    close(model.loss(model(sequences), labels), expected)


def test_a_batch_without_targets_gives_zero(inputs: Tensor) -> None:
    """No target at all is no reason for NaN."""
    model = network("cross_entropy")
    loss, _ = model.loss_and_gradients(inputs, torch.full((8,), -100))
    assert loss == 0
    assert all(parameter.grad is not None and not parameter.grad.any() for parameter in model.parameters())


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_cross_entropy_is_torch_s(smoothing: float, inputs: Tensor) -> None:
    """Loss and gradient with label smoothing are those of F.cross_entropy."""
    model = network("cross_entropy")
    loss, outputs = model.loss_and_gradients(inputs, CLASSES, smoothing)
    close(loss, F.cross_entropy(outputs, CLASSES, label_smoothing=smoothing))
    expected = torch.autograd.grad(F.cross_entropy(model(inputs), CLASSES, label_smoothing=smoothing), list(model.parameters()))
    close([parameter.grad for parameter in model.parameters()], list(expected))


def test_squared_error_is_half_the_sum_over_outputs(inputs: Tensor) -> None:
    """The mean over the batch of half the squared distance from the one-hot vector."""
    model = network("mse")
    distance = model(inputs).sigmoid() - F.one_hot(CLASSES, 3)
    close(model.loss(model(inputs), CLASSES), 0.5 * distance.square().sum() / 8)


def test_leaving_out_the_output_factor_gives_the_gradient_of_cross_entropy(inputs: Tensor) -> None:
    """Without sigmoid', squared error trains like the binary cross-entropy of each output."""
    model = network("mse", derivative="no_output")
    model.loss_and_gradients(inputs, CLASSES)
    truth = F.one_hot(CLASSES, 3).double()
    entropy = F.binary_cross_entropy_with_logits(model(inputs), truth, reduction="sum") / 8
    expected = torch.autograd.grad(entropy, list(model.parameters()))
    close([parameter.grad for parameter in model.parameters()], list(expected))


def test_leaving_out_the_hidden_factor_leaves_the_output_layer_alone(inputs: Tensor) -> None:
    """Only gradients below the top layer change, and `none` is both omissions at once."""
    gradients: dict[str, list[Tensor | None]] = {}
    for derivative in ("full", "no_hidden", "no_output", "none"):
        model = network("mse", activation="sigmoid", derivative=derivative)
        model.loss_and_gradients(inputs, CLASSES)
        gradients[derivative] = [parameter.grad for parameter in model.parameters()]
    close(gradients["full"][-2:], gradients["no_hidden"][-2:])
    close(gradients["no_output"][-2:], gradients["none"][-2:])
    for first, second in (("full", "no_hidden"), ("no_output", "none"), ("full", "no_output")):
        a, b = gradients[first][0], gradients[second][0]
        assert a is not None
        assert b is not None
        assert not torch.allclose(a, b)


def test_without_hidden_factors_the_error_is_carried_down_by_the_weights_alone(inputs: Tensor) -> None:
    """delta_1 = W_2^T delta_2, as the equation says with its last factor left out."""
    model = network("cross_entropy", derivative="no_hidden", hidden=(5,))
    _, outputs = model.loss_and_gradients(inputs, CLASSES)
    delta = (outputs.softmax(-1) - F.one_hot(CLASSES, 3)) / 8
    top = model.get_parameter("layers.1.weight")
    close(model.get_parameter("layers.0.weight").grad, (delta @ top).T.detach() @ inputs)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_the_derivatives_of_the_units(name: str) -> None:
    """Each derivative, in terms of the activation, is the automatic one."""
    function, slope = ACTIVATIONS[name]
    z = torch.linspace(-3, 3, 20, dtype=torch.float64, requires_grad=True)
    a = function(z)
    close(slope(a), torch.autograd.grad(a.sum(), z)[0])


@pytest.mark.parametrize(
    ("init", "spread"), [("scaled_normal", 0.05), ("scaled_uniform", 0.05 / 3**0.5), ("standard_normal", 1.0)]
)
def test_weights_start_with_the_spread_of_their_name(init: PerceptronInit, spread: float) -> None:
    """Standard deviation 1/sqrt(n), its uniform counterpart, or 1."""
    torch.manual_seed(0)
    weight = BPNetwork([400, 200, 2], init=init).get_parameter("layers.0.weight").detach()
    assert float(weight.std()) == pytest.approx(spread, rel=0.02)
    assert float(weight.mean()) == pytest.approx(0, abs=spread / 50)


def test_symbols_become_one_hot_vectors() -> None:
    """A sequence of symbols gives what its one-hot vectors, laid in a row, give."""
    torch.manual_seed(0)
    symbols = BPNetwork([12, 4, 2], num_tokens=3)
    vectors = BPNetwork([12, 4, 2])
    vectors.load_state_dict(symbols.state_dict())
    sequence = torch.tensor([[0, 2, 1, 1], [2, 2, 0, 1]])
    assert torch.equal(symbols(sequence), vectors(F.one_hot(sequence, 3).float()))


def test_it_is_known_as_a_model_that_trains_by_hand() -> None:
    """The training loop tells such models by their two methods."""
    assert isinstance(network("mse"), HandTrained)
    assert not isinstance(torch.nn.Linear(1, 1), HandTrained)
