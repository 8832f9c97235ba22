"""The gradient's norm at every step: against matrix powers, against autograd, and leaving a run as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.driving import experiment, run_all, state_of
from workbench.cards import catalog
from workbench.nn.recurrent import LayerRun, State
from workbench.nn.sequence_model import SequenceModel
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.windows import recurrent_layers
from workbench.training.evaluation import evaluate
from workbench.training.events import Evaluated
from workbench.training.flow import gradient_flow, gradient_ratio
from workbench.training.state import TrainingState

LINEAR = {
    "model__activation": "identity",
    "model__init": "orthogonal",
    "data__name": "latch",
    "data__length": 50,
}


def measured_flow(state: TrainingState, count: int = 16) -> np.ndarray[Any, np.dtype[np.float64]]:
    batch = TensorBatch.of(state.dataset.held_out("validation").slice(0, count), state.device)
    norms = gradient_flow(state.model.eval(), state.objective, batch)
    assert norms is not None
    return norms


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.1, 1.5])
def test_a_linear_network_multiplies_by_powers_of_its_matrix(radius: float) -> None:
    """dL/dh_t is dL/dh_T times the recurrent matrix to the power T - t; with a scaled rotation that is radius^(T - t)."""
    state = state_of(experiment(**LINEAR, model__spectral_radius=radius))
    model = state.model
    assert isinstance(model, SequenceModel)
    (layer,) = recurrent_layers(model)
    recurrent = layer.get_parameter("rnn.weight_hh_l0").detach().double().numpy()
    batch = state.dataset.held_out("validation").slice(0, 16)
    with torch.no_grad():
        logits = model(torch.from_numpy(batch.inputs))
    wrong = torch.softmax(logits.double(), -1).numpy()
    wrong[np.arange(16), batch.targets] -= 1
    to_last = wrong @ model.readout.linear.weight.detach().double().numpy()  # dL/dh_T of each sample
    expected = [np.linalg.norm(to_last @ np.linalg.matrix_power(recurrent, 50 - t), axis=1).mean() for t in range(1, 51)]
    norms = measured_flow(state)
    np.testing.assert_allclose(norms, expected, rtol=1e-3)
    assert gradient_ratio(norms) == pytest.approx(radius**49, rel=1e-3)


@pytest.mark.parametrize("name", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("kernel", ["torch", "manual", "loop"])
def test_norms_are_those_of_the_gradient_of_each_state(name: str, kernel: str) -> None:
    """Whatever runs the steps, the norm at step t is that of the loss's gradient where the run is cut in two at that state."""
    state = state_of(experiment(model__name=name, model__kernel=kernel))
    norms = measured_flow(state)
    batch = TensorBatch.of(state.dataset.held_out("validation").slice(0, 16), state.device)
    (layer,) = recurrent_layers(state.model)
    for step in (1, len(norms) // 2, len(norms) - 1):
        cut_at: list[Tensor] = []

        def in_two(run: LayerRun, inputs: Tensor, start: State | None, step: int = step) -> tuple[Tensor, State]:
            before, (h, *others) = run(inputs[:, :step], start)
            h = h.detach().requires_grad_()
            cut_at.append(h)  # noqa: B023 - called in this round
            after, end = run(inputs[:, step:], (h, *others))
            return torch.cat((before[:, :-1], h[:, None], after), 1), end

        layer.runner = in_two
        loss = state.objective.loss(state.model, batch, 1.0)
        (gradient,) = torch.autograd.grad(loss, cut_at)
        assert norms[step - 1] == pytest.approx(float(gradient.norm(dim=-1).mean()) * 16, rel=1e-4)


def test_every_evaluation_of_a_recurrent_model_measures_it() -> None:
    """The ratio is a metric beside the others, and the norms can be drawn: one number for each step."""
    events = [event for event in run_all(state_of(experiment())) if isinstance(event, Evaluated) and event.split != "test_best"]
    assert {event.split for event in events} == {"validation", "test"}
    for event in events:
        norms = event.arrays["gradient_flow"]
        assert norms.shape == (10,)
        assert event.scalars[f"{event.split}/gradient_ratio"] == gradient_ratio(norms.astype(np.float64))


def test_measuring_leaves_no_trace_in_a_run() -> None:
    """No parameter's gradient, no random number and no bit of a weight changes by an evaluation."""
    state = state_of(experiment(model__name="lstm", model__dropout=0.3, model__num_layers=2))
    run_all(state)
    gradients = [parameter.grad for parameter in state.parameters]
    before = {name: value.clone() for name, value in state.tensors().items()}
    kept = [None if gradient is None else gradient.clone() for gradient in gradients]
    evaluate(state.model, state.objective, state.dataset, "validation", state.device)
    for parameter, gradient, value in zip(state.parameters, gradients, kept, strict=True):
        assert parameter.grad is gradient
        assert gradient is None or (value is not None and torch.equal(gradient, value))
    assert all(torch.equal(value, before[name]) for name, value in state.tensors().items())
    assert state.model.training


@pytest.mark.parametrize("name", sorted(catalog.architectures()))
def test_a_card_says_whether_it_is_recurrent(name: str) -> None:
    """On each task of its default datasets a card's model has recurrent layers exactly when the card says so."""
    card = catalog.architectures()[name]
    for dataset in ("echo", "reber", "reversal", "boolean_trees", "class_strings"):
        task = catalog.datasets()[dataset].task(catalog.datasets()[dataset].Config())
        if catalog.refusal(card, card.Config(), task) is None:
            assert bool(recurrent_layers(card.build(card.Config(), task))) is card.recurrent


def test_the_ratio_looks_at_the_last_step_that_has_a_gradient() -> None:
    """Padding at the end has none; where there is none at all the ratio is 0."""
    assert gradient_ratio(np.array([1.0, 2.0, 4.0, 0.0])) == 0.25
    assert gradient_ratio(np.zeros(3)) == 0.0
