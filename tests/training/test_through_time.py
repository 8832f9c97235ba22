"""Cut and regularised gradients in training: what a step does, what is refused, and that a run can be gone on with."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.driving import Script, experiment, run_all, state_of
from workbench.errors import ExperimentError
from workbench.training.events import Request, StepDone
from workbench.training.state import TrainingState


def trained(**changes: Any) -> TrainingState:
    state = state_of(experiment(**changes))
    run_all(state)
    return state


def same(one: TrainingState, other: TrainingState) -> bool:
    return all(torch.equal(value, other.tensors()[name]) for name, value in one.tensors().items())


@pytest.mark.parametrize("kernel", ["torch", "manual", "loop"])
def test_cutting_at_the_length_or_beyond_changes_nothing(kernel: str) -> None:
    """A run with k >= T is the run with full gradients, bit for bit; with k < T it is another one."""
    full = trained(model__kernel=kernel)
    assert same(trained(model__kernel=kernel, training__truncate=10), full)
    assert not same(trained(model__kernel=kernel, training__truncate=3), full)


def test_a_penalised_step_logs_its_penalty() -> None:
    """The penalty is a series of its own, only where it is asked for, and it becomes smaller."""
    for weight in (0.0, 1.0):
        state = state_of(experiment(training__flow_regularizer=weight, training__steps=60))
        steps = [event.scalars for event in run_all(state) if isinstance(event, StepDone)]
        assert all(("train/flow_penalty" in scalars) == bool(weight) for scalars in steps)
    assert steps[-1]["train/flow_penalty"] < steps[0]["train/flow_penalty"] / 2


def test_with_a_weight_of_almost_nothing_the_gradient_is_the_usual_one() -> None:
    """The recorded pass gives the loss's own gradient to every parameter."""
    found = []
    for weight in (0.0, 1e-30):
        state = state_of(experiment(training__flow_regularizer=weight, training__steps=1, model__name="lstm"))
        run_all(state)
        found.append([parameter.grad for parameter in state.parameters])
    torch.testing.assert_close(found[0], found[1])


@pytest.mark.parametrize("setting", ["truncate", "flow_regularizer"])
@pytest.mark.parametrize("name", ["jordan", "bp", "transformer"])
def test_without_recurrent_layers_it_is_refused(setting: str, name: str) -> None:
    """One line that names the setting and what to choose."""
    with pytest.raises(ExperimentError, match=rf"\[training\] {setting}: got 1; expected 0, since '{name}' has no recurrent"):
        experiment(model__name=name, **{f"training__{setting}": 1})


def test_the_two_do_not_go_together() -> None:
    """The penalty looks at the whole way back, which a cut ends."""
    with pytest.raises(ExperimentError, match="truncate: got 3; expected 0 beside flow_regularizer"):
        experiment(training__truncate=3, training__flow_regularizer=1)


def test_both_can_be_changed_while_a_run_goes_on() -> None:
    """From the step of the change on; a change that does not fit is answered in one line."""
    state = state_of(experiment(training__steps=8))
    changes: list[dict[str, Any]] = [
        {"training.flow_regularizer": 0.5},
        {"training.truncate": 2},
        {"training.flow_regularizer": 0.0},
    ]
    script = Script(state, {step: [Request("set", change)] for step, change in zip((2, 4, 6), changes, strict=True)})
    steps = [event.scalars for event in run_all(state, script) if isinstance(event, StepDone)]
    assert [("train/flow_penalty" in scalars) for scalars in steps] == [False, False, True, True, True, True, False, False]
    assert [outcome == "done" for _, outcome in script.outcomes] == [True, False, True]


def test_a_penalised_run_can_be_gone_on_with() -> None:
    """Ten steps, restored and gone on to twenty, are twenty in one go, bit for bit."""
    whole = trained(training__flow_regularizer=0.3, model__name="gru")
    half = trained(training__flow_regularizer=0.3, model__name="gru", training__steps=10)
    rest = state_of(whole.experiment)
    rest.restore(half.tensors(), half.facts() | {"experiment": whole.experiment.to_dict()})
    run_all(rest)
    assert same(rest, whole)
