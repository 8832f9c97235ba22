"""What every architecture keeps, on every task that it takes. A new card is tested here without a line of its own."""

from __future__ import annotations

import pytest
import torch

from tests.contracts.pairs import CARDS, NAMES, PADDED, TASKS, build, each_pair, make_data
from workbench.contracts import architectures as contracts


def test_the_cards_kept_their_contracts_are_all() -> None:
    """No contract of the list is without a test below."""
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {contract.__name__ for contract in contracts.CONTRACTS} <= tested


@each_pair
def test_has_the_shape_of_the_task(name: str, task: str) -> None:
    """One value per class, size or symbol."""
    contracts.has_the_shape_of_the_task(CARDS[name], TASKS[task])


@each_pair
def test_gives_every_parameter_a_gradient(name: str, task: str) -> None:
    """Finite, and not 0 throughout."""
    contracts.gives_every_parameter_a_gradient(CARDS[name], TASKS[task])


@each_pair
def test_gradients_add_up(name: str, task: str) -> None:
    """As gradient accumulation needs."""
    contracts.gradients_add_up(CARDS[name], TASKS[task])


@each_pair
def test_a_hand_written_gradient_is_the_loss_s_own(name: str, task: str) -> None:
    """Where a model works out its gradients itself, automatic differentiation of its loss gives the same."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    loss = data.fill_gradients(model)
    found = [parameter.grad for parameter in model.parameters()]
    expected_loss = data.loss(model)
    expected = torch.autograd.grad(expected_loss, list(model.parameters()))
    torch.testing.assert_close(loss, expected_loss, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, list(expected), rtol=1e-10, atol=1e-12)


@each_pair
def test_starts_from_the_seed(name: str, task: str) -> None:
    """The same weights from the same seed."""
    contracts.starts_from_the_seed(CARDS[name], TASKS[task])


@each_pair
def test_carries_weights_over(name: str, task: str) -> None:
    """Into a model that is built anew."""
    contracts.carries_weights_over(CARDS[name], TASKS[task])


@each_pair
def test_treats_samples_alone(name: str, task: str) -> None:
    """As in a batch."""
    contracts.treats_samples_alone(CARDS[name], TASKS[task])


@pytest.mark.parametrize(("name", "task"), PADDED)
def test_ignores_padding(name: str, task: str) -> None:
    """Bit for bit."""
    contracts.ignores_padding(CARDS[name], TASKS[task])


@each_pair
def test_learns_a_tiny_batch(name: str, task: str) -> None:
    """By heart."""
    contracts.learns_a_tiny_batch(CARDS[name], TASKS[task])


@each_pair
def test_dropout_is_live(name: str, task: str) -> None:
    """It changes while a run goes on."""
    contracts.dropout_is_live(CARDS[name], TASKS[task])


@pytest.mark.parametrize("name", NAMES)
def test_fits_its_place(name: str) -> None:
    """Drawing, equations and help."""
    contracts.fits_its_place(CARDS[name])
