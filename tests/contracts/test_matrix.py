"""Every architecture on every dataset: it trains, or is refused with a reason that helps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.driving import Script
from workbench.cards import Dataset, catalog
from workbench.errors import ExperimentError
from workbench.experiment import Experiment
from workbench.nn.ablation import parts_of, without
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.events import StepDone
from workbench.training.loop import train
from workbench.training.snapshots import MOST_BYTES, choose_samples, take_snapshot
from workbench.training.state import TrainingState

SMALL_MODEL = {"hidden_size": 8, "embedding_size": 4, "feedforward_size": 16, "num_filters": 2, "delay": 2}
"""Settings that make any network small, for those cards that have them."""

SMALL_DATA: dict[str, dict[str, Any]] = {
    "adding": {"length": 8},
    "boolean_trees": {"depth": 2, "test_depth": 3},
    "copy_memory": {"length": 3},
    "echo": {"length": 8},
    "latch": {"length": 8},
    "listops": {"max_length": 20},
    "lookahead": {"length": 8},
    "mackey_glass": {"length": 100, "washout": 10},
    "narma10": {"length": 50, "washout": 20},
    "parity": {"length": 8},
    "random_flip": {"length": 8},
    "shifted_pattern": {"length": 40},
    "text": {"length": 20},
    "waveform": {"length": 20},
}
"""Settings that make data short, where their defaults are long."""

STEPS = 2
every_pair = pytest.mark.parametrize(
    ("architecture", "dataset"), [(a, d) for d in catalog.datasets() for a in catalog.architectures()]
)
Settings = Callable[[str], dict[str, Any]]


def experiment(architecture: str, dataset: str, settings: Settings) -> Experiment:
    """The pair with small settings, two samples a batch."""
    fields = catalog.architectures()[architecture].Config.model_fields
    return Experiment.from_dict(
        {
            "model": {"name": architecture, **{key: value for key, value in SMALL_MODEL.items() if key in fields}},
            "data": {"name": dataset, **SMALL_DATA.get(dataset, {}), **settings(dataset)},
            "optimizer": {"name": "adam"},
            "training": {"steps": 10, "batch_size": 2, "eval_every": 0, "checkpoint_every": 0, "device": "cpu"},
        }
    )


@cache
def opened(dataset: str, config: Any) -> Dataset:
    """The data, opened once for all architectures."""
    found: Dataset = catalog.datasets()[dataset].open(config)
    return found


@every_pair
def test_a_pair_trains_or_is_refused_for_a_reason(architecture: str, dataset: str, example_settings: Settings) -> None:
    """Two steps have a finite loss and move every parameter's tensor; or a sentence says what to choose instead."""
    try:
        wanted = experiment(architecture, dataset, example_settings)
    except ExperimentError as error:
        check_reason(error, architecture, dataset)
        return
    torch.manual_seed(0)
    state = TrainingState(wanted, opened(dataset, wanted.data.config), torch.device("cpu"))
    before = {key: value.clone() for key, value in state.model.state_dict().items()}
    losses = []
    for event in train(state, Script(state)):
        if isinstance(event, StepDone):
            losses.append(event.scalars["train/loss"])
        if len(losses) == STEPS:
            break
    assert all(torch.isfinite(torch.tensor(losses)))
    after = state.model.state_dict()
    moved = {key for key, value in before.items() if not torch.equal(value, after[key])}
    if not wanted.architecture.closed_form:
        assert {name for name, _ in state.model.named_parameters()} <= moved
    assert moved
    check_snapshot(state)
    check_ablation(state)


def check_ablation(state: TrainingState) -> None:
    """Every part that a model names can be switched off, and is put back bit for bit."""
    model, batch = state.model.eval(), state.dataset.held_out("validation").slice(0, 3)
    tensors = TensorBatch.of(batch, state.device)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with torch.no_grad():
        intact = state.objective.score(model, tensors)[0]
        for part, count in parts_of(model).items():
            for number in {0, max(0, count - 1)}:
                with without(model, part, number):
                    scores = state.objective.score(model, tensors)[0]
                assert all(np.isfinite(total) for total, _ in scores.values()), part
        assert state.objective.score(model, tensors)[0] == intact
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    if state.experiment.architecture.recurrent:
        assert any(part.endswith("unit") for part in parts_of(model))


def check_snapshot(state: TrainingState) -> None:
    """Every model can be looked into; what it shows has the form that is promised, and looking leaves it as it is."""
    before = {key: value.clone() for key, value in state.model.state_dict().items()}
    indices = choose_samples(state.dataset.held_out("validation"), 3, 0)
    rows = take_snapshot(state.model, state.objective, state.dataset, indices, state.device)
    assert all(torch.equal(value, before[key]) for key, value in state.model.state_dict().items())
    assert sum(row.array.nbytes for row in rows if row.array is not None) <= MOST_BYTES
    assert len({(row.kind, row.name) for row in rows}) == len(rows)
    kinds = {row.kind for row in rows}
    assert {"samples", "weights"} <= kinds
    if state.experiment.architecture.recurrent:
        assert {"states", "gradient_through_time", "spectrum", "units"} <= kinds
    for row in rows:
        json.dumps(row.info)
        array = None if row.array is None else row.array.astype(np.float64)
        if array is not None and row.kind in ("states", "gates", "units", "attention", "feature_maps", "filters"):
            assert np.isfinite(array).all(), (row.kind, row.name)
        if array is not None and row.kind == "attention":
            np.testing.assert_allclose(array.sum(-1), 1, atol=5e-3)
            assert array.shape[2:] == (len(row.info["row_steps"]), len(row.info["column_steps"]))
        if array is not None and row.kind in ("gates", "units"):
            assert array.min() >= 0
            assert array.max() <= 1
        if array is not None and row.kind in ("states", "gates", "gradient_through_time"):
            assert array.shape[:2] == (len(indices), len(row.info["steps"]))


def check_reason(error: ExperimentError, architecture: str, dataset: str) -> None:
    """It names the pair, says why, and what to choose or set: another card or a setting by its name."""
    [message] = [problem.message for problem in error.problems]
    assert message.startswith(f"'{architecture}' cannot be trained on '{dataset}': ")
    assert message.endswith(".")
    advice = message.rpartition(". ")[2]
    assert advice.startswith(("Choose ", "Set ", "Architectures for "))
    words = set(re.findall(r"[a-z][a-z0-9_]*", advice))
    assert words & {*catalog.architectures(), *catalog.datasets(), "fixed", "sequence"} or "=" in advice


def test_nothing_is_left_alone(example_settings: Settings) -> None:
    """Every architecture takes some dataset, and every dataset has some architecture."""
    taken = set()
    for dataset in catalog.datasets():
        for architecture in catalog.architectures():
            try:
                experiment(architecture, dataset, example_settings)
            except ExperimentError:
                continue
            taken |= {architecture, dataset}
    assert taken == {*catalog.architectures(), *catalog.datasets()}
