"""The objective of sequences that are generated: what it measures, and what it leaves for drawing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.training.driving import run_all, state_of
from workbench.experiment import Experiment
from workbench.tasks.generate import length_histogram
from workbench.training.evaluation import evaluate
from workbench.training.events import Evaluated
from workbench.training.state import TrainingState


def small(data: str = "two_lengths", **model: Any) -> TrainingState:
    """A small generator before its first step."""
    values = {
        "model": {"name": "generator", "hidden_size": 8, **model},
        "data": {"name": data},
        "optimizer": {"name": "adam"},
        "training": {"steps": 2, "batch_size": 4, "eval_samples": 64},
    }
    return state_of(Experiment.from_dict(values))


def test_lengths_are_counted_up_to_the_end() -> None:
    """Sequences without an end have all their symbols; lengths past the last count with it."""
    rows = np.array([[2, 0, 0, 0], [5, 2, 0, 0], [5, 5, 5, 5], [6, 2, 0, 0]])
    np.testing.assert_allclose(length_histogram(rows, 4), [0.25, 0.5, 0, 0.25])


def test_loss_is_per_symbol_and_nll_per_sequence() -> None:
    """Both come from the model's own likelihood."""
    state = small()
    measured = evaluate(state.model, state.objective, state.dataset, "validation", torch.device("cpu"), limit=100)
    batch = state.dataset.held_out("validation").slice(0, 100)
    model: Any = state.model.eval()
    nll = model.nll(torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)).detach()
    assert measured.metrics["nll"] == pytest.approx(float(nll.mean()), rel=1e-5)
    assert measured.metrics["loss"] == pytest.approx(float(nll.sum()) / np.count_nonzero(batch.targets), rel=1e-5)


def test_measuring_draws_no_random_number_of_training() -> None:
    """Twice gives the same, and torch's global generator stays where it was."""
    state = small()
    before = torch.get_rng_state()
    first, again = (
        evaluate(state.model, state.objective, state.dataset, "test", torch.device("cpu"), limit=50).metrics for _ in range(2)
    )
    assert first == again
    assert torch.equal(before, torch.get_rng_state())


def test_the_histogram_of_lengths_stands_beside_the_source_s() -> None:
    """Two rows that sum to one, and their distance is the metric."""
    events = run_all(small())
    found = [event for event in events if isinstance(event, Evaluated) and event.arrays]
    assert {event.split for event in found} == {"validation", "test"}
    for event in found:
        true, drawn = event.arrays["lengths"].astype(np.float64)
        np.testing.assert_allclose([true.sum(), drawn.sum()], 1, rtol=1e-5)
        assert event.scalars[f"{event.split}/length_tv"] == pytest.approx(np.abs(true - drawn).sum() / 2, abs=1e-6)


def test_what_is_right_depends_on_whether_there_is_a_context() -> None:
    """Without one no sequence is the right one; with one it is the target up to its end."""
    free, bound = small().objective, small("class_strings", context="both").objective
    target = np.array([5, 6, 2, 0])
    assert free.correct(target, target) is None
    assert bound.correct(np.array([5, 6, 2]), target) is True
    assert bound.correct(np.array([5, 6, 6, 2]), target) is False


def test_each_sample_says_whether_it_is_valid() -> None:
    """What the source says of the sequences drawn for the first contexts stands with them."""
    state = small()
    measured = evaluate(state.model, state.objective, state.dataset, "validation", torch.device("cpu"), limit=64, shown=64)
    assert np.mean([item["valid"] for item in measured.predictions]) == pytest.approx(measured.metrics["validity"])
