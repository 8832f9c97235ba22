"""Runs of models that are fitted in closed form: one step fits, more take more data in, and a checkpoint holds all of it."""

from __future__ import annotations

from typing import Any

import torch

from tests.training.driving import run_all, state_of
from workbench.experiment import Experiment
from workbench.plotting.probes import probe_views
from workbench.training.events import Evaluated, StepDone

ESN: dict[str, Any] = {
    "model": {"name": "esn", "hidden_size": 100, "spectral_radius": 0.95, "input_scaling": 0.2},
    "data": {"name": "narma10", "length": 120},
    "optimizer": {"name": "adam"},
    "training": {"steps": 1, "batch_size": 20, "eval_samples": 100},
}


def experiment(**changes: Any) -> Experiment:
    return Experiment.from_dict(ESN, changes={key.replace("__", "."): value for key, value in changes.items()})


def test_one_step_solves_it() -> None:
    """After one step the readout beats the best linear filter, and the table of ridge and washout is there to be drawn."""
    events = run_all(state_of(experiment()))
    step = next(event for event in events if isinstance(event, StepDone))
    assert set(step.scalars) == {"train/loss", "train/readout_norm"}
    measured = {event.split: event for event in events if isinstance(event, Evaluated)}
    assert measured["test"].scalars["test/nrmse"] < 0.40
    assert measured["validation"].scalars["validation/start_distance"] < 1e-3
    assert probe_views()["ridge"].fits("validation", measured["validation"].arrays["ridge"].shape)


def test_a_restored_run_goes_on_as_if_never_left() -> None:
    """The sums are in the checkpoint: two steps and two more after it equal four in one go, bit for bit."""
    whole = state_of(experiment(training__steps=4))
    run_all(whole)
    half = state_of(experiment(training__steps=2))
    run_all(half)
    rest = state_of(experiment(training__steps=4))
    facts = half.facts() | {"experiment": rest.experiment.to_dict()}
    rest.restore(half.tensors(), facts)
    run_all(rest)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, rest.model.state_dict()[name]), name


def test_more_data_fit_better_on_fresh_data() -> None:
    """The validation error goes down while batches are added."""
    events = run_all(state_of(experiment(training__steps=8, training__eval_every=1, training__batch_size=2)))
    validations = [event for event in events if isinstance(event, Evaluated) and event.split == "validation"]
    losses = [event.scalars["validation/loss"] for event in validations]
    assert losses[-1] < losses[0]
