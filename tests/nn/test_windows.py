"""Recurrent layers run a few steps at a time: the gradients of every state, and gradients that are cut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from tests.nn.test_recurrent import LAYERS, VARIANTS
from workbench.nn.recurrent import RecurrentLayer, RecurrentStack
from workbench.nn.windows import Memory, carried, recorded, truncated

ALL = LAYERS | VARIANTS | {f"{name}-manual": partial(layer, kernel="manual") for name, layer in LAYERS.items()}
each_layer = pytest.mark.parametrize("layer", ALL.values(), ids=ALL)
close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


@pytest.fixture
def inputs() -> Tensor:
    """A batch of 3 sequences of 7 steps of 4 features, in double precision."""
    torch.manual_seed(3)
    return torch.randn(3, 7, 4, dtype=torch.float64)


def gradients(module: nn.Module, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(module.parameters()), allow_unused=True, materialize_grads=True))


@each_layer
def test_a_recorded_run_is_the_run(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Step by step with every state kept, outputs, the final state and the gradients are those of one call."""
    module = layer(4, 5).double()
    outputs, final = module(inputs)
    with recorded(module) as records:
        steps, last = module(inputs)
    close(steps, outputs)
    close(last, final)
    close(gradients(module, steps.square().sum()), gradients(module, outputs.square().sum()))
    (record,) = records
    close(torch.stack([state[0] for state in record.states[1:]], 1), outputs)
    assert module.runner is None


@each_layer
def test_the_gradient_of_a_recorded_state_is_the_whole_one(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """It is what a run that begins at that state gives, and the state's own share."""
    module = layer(4, 5).double()
    with recorded(module) as records:
        outputs, _ = module(inputs)
    (found,) = torch.autograd.grad(outputs.square().sum(), [records[0].states[3][0]])
    before, state = module(inputs[:, :3])
    state = tuple(part.detach().requires_grad_() for part in state)
    after, _ = module(inputs[:, 3:], state)
    (later,) = torch.autograd.grad(after.square().sum(), state[:1])
    close(found, later + 2 * before[:, 2].detach())


@each_layer
def test_a_cut_gradient_is_that_of_a_loop_with_constants(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Values stay those of the whole run; gradients are those of a loop over steps whose state is detached after every three."""
    module = layer(4, 5).double()
    with truncated(module, 3):
        outputs, final = module(inputs)
    whole, last = module(inputs)
    close(outputs, whole)
    close(final, last)
    state, steps = None, []
    for t, step in enumerate(torch.split(inputs, 1, 1)):
        if state is not None and t % 3 == 0:
            state = tuple(part.detach() for part in state)
        output, state = module(step, state)
        steps.append(output)
    found = gradients(module, outputs.square().sum())
    close(found, gradients(module, torch.cat(steps, 1).square().sum()))
    assert any(not torch.allclose(a, b) for a, b in zip(found, gradients(module, whole.square().sum()), strict=True))


@pytest.mark.parametrize("num_steps", [0, 7, 100])
def test_nothing_is_cut_in_a_sequence_that_is_no_longer(num_steps: int, inputs: Tensor) -> None:
    """With as many steps as the sequence has, or none given, the gradients are the full ones, bit for bit."""
    module = RecurrentStack(partial(ALL["lstm"], kernel="manual"), 4, 5, num_layers=2).double()
    with truncated(module, num_steps):
        outputs = module(inputs)
    found, full = (gradients(module, states.square().sum()) for states in (outputs, module(inputs)))
    assert all(torch.equal(a, b) for a, b in zip(found, full, strict=True))


def test_a_last_state_keeps_its_gradient(inputs: Tensor) -> None:
    """What comes after the sequence still reaches the steps since the last cut."""
    module = ALL["elman-tanh"](4, 5).double()
    inputs.requires_grad_()
    with truncated(module, 3):
        _, (last,) = module(inputs)
    (found,) = torch.autograd.grad(last.sum(), [inputs])
    assert (found[:, :6] == 0).all()
    assert (found[:, 6] != 0).all()


@each_layer
def test_a_carried_state_makes_one_sequence_of_two_batches(layer: Callable[..., RecurrentLayer], inputs: Tensor) -> None:
    """Outputs are those of the whole, gradients end where a batch begins; a batch of another size begins with zeros."""
    module = RecurrentStack(layer, 4, 5, num_layers=2).double()
    whole, memory = module(inputs), Memory()
    with carried(module, memory):
        first = module(inputs[:, :3])
    with truncated(module, 2), carried(module, memory):
        second = module(inputs[:, 3:])
    close(torch.cat((first, second), 1), whole)
    assert all(not part.requires_grad for state in memory.values() for part in state)
    with carried(module, memory):
        close(module(inputs[:2]), whole[:2])
    assert all(one.runner is None for one in module.modules() if isinstance(one, RecurrentLayer))
