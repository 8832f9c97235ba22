"""What every architecture keeps, on every task that it takes. A new card is tested here without a line of its own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.contracts.pairs import EVERY_STEP, PADDED, TASKS, Data, build, each_pair, make_data, small_config
from workbench.cards import catalog
from workbench.nn.hand_trained import HandTrained


@each_pair
def test_outputs_have_the_shape_of_the_task(name: str, task: str) -> None:
    """One value per class, size or symbol: for each sample, step or target step."""
    data = make_data(TASKS[task])
    outputs = data.outputs(build(name, data.task))
    expected = {
        "classify": (4, 3),
        "regress": tuple(data.targets.shape),
        "label": (4, 7, 3),
        "forecast": tuple(data.targets.shape),
        "language": (4, 7, 5),
        "transduce": (4, 6, 7),
        "generate": (4,),
    }
    assert tuple(outputs.shape) == expected[data.task.kind]
    assert outputs.isfinite().all()


@each_pair
def test_every_parameter_gets_a_finite_gradient(name: str, task: str) -> None:
    """No parameter is left out of training, and none gets NaN."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    data.fill_gradients(model)
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().sum() > 0, key


@each_pair
def test_gradients_add_up(name: str, task: str) -> None:
    """A second backward pass adds to the first, as gradient accumulation needs."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    data.fill_gradients(model)
    once = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    if isinstance(model, HandTrained):
        model.loss_and_gradients(data.inputs, data.targets)
    else:
        data.loss(model).backward()  # type: ignore[no-untyped-call]  # torch's
    for parameter, gradient in zip(model.parameters(), once, strict=True):
        torch.testing.assert_close(parameter.grad, 2 * gradient)


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
def test_the_seed_decides_the_start(name: str, task: str) -> None:
    """The same seed gives the same weights, another seed others."""
    first, same, other = (build(name, TASKS[task], seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(value, same[key]) for key, value in first.items())
    assert any(not torch.equal(value, other[key]) for key, value in first.items())


@each_pair
def test_weights_can_be_carried_over(name: str, task: str) -> None:
    """A model built anew gives the same outputs once it has loaded another's weights."""
    data = make_data(TASKS[task])
    model, other = build(name, data.task, 1), build(name, data.task, 2)
    other.load_state_dict(model.state_dict())
    assert torch.equal(data.outputs(model), data.outputs(other))


@each_pair
def test_a_sample_does_not_depend_on_its_batch(name: str, task: str) -> None:
    """Alone and without padding, each sample gives the outputs that it gave among others, padded."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    together = data.outputs(model)
    for index in range(len(data.inputs)):
        alone = data.only(index).outputs(model)
        among = together[index, : alone.shape[1]] if data.task.kind in EVERY_STEP else together[index]
        torch.testing.assert_close(alone[0], among, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "task"), PADDED)
def test_padding_does_not_leak(name: str, task: str) -> None:
    """Whatever stands in the padding, outputs at real steps stay bit for bit the same."""
    data = make_data(TASKS[task])
    assert data.lengths is not None
    other = data.inputs.clone()
    for row, length in enumerate(data.lengths.tolist()):
        other[row, length:] = 5
    model = build(name, data.task)
    before, after = data.outputs(model), Data(data.task, other, data.targets, data.lengths).outputs(model)
    for row, length in enumerate(data.lengths.tolist()):
        steps = length if data.task.kind in EVERY_STEP else None
        assert torch.equal(before[row, :steps], after[row, :steps])


@each_pair
def test_a_tiny_batch_is_learnt_by_heart(name: str, task: str) -> None:
    """At most two hundred steps on four samples bring the loss below half of its first value."""
    data = make_data(TASKS[task])
    model = build(name, data.task).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    first = loss = data.fill_gradients(model).item()
    for _ in range(200):
        optimizer.step()
        loss = data.fill_gradients(model).item()
        if loss < first / 2:
            break
    assert loss < first / 2


@each_pair
def test_dropout_changes_while_a_run_goes_on(name: str, task: str) -> None:
    """Where dropout is a live setting, a new value reaches every dropout layer; there is at least one."""
    card = catalog.architectures()[name]
    config = small_config(card)
    if "dropout" in card.Config.model_fields:
        model = card.build(config, TASKS[task])
        card.apply_live(model, config.model_copy(update={"dropout": 0.25}))
        rates = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
        assert rates
        assert set(rates) == {0.25}
