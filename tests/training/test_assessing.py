"""A checkpoint measured in full: against numbers worked out from the model's outputs by other means."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from workbench.cards import Classes
from workbench.errors import ExperimentError, UsageError
from workbench.experiment import Experiment
from workbench.runs.evaluations import Evaluation
from workbench.training.assessing import assess, with_data
from workbench.training.inference import LoadedModel


def _untrained(model: dict[str, Any], data: dict[str, Any]) -> LoadedModel:
    experiment = Experiment.from_dict(
        {"title": "t", "model": model, "data": data, "optimizer": {"name": "adam"}, "training": {"steps": 1}}
    )
    dataset = experiment.open_data()
    torch.manual_seed(3)
    return LoadedModel(experiment.architecture.build(experiment.model.config, dataset.task).eval(), experiment, 0, dataset)


@pytest.fixture(scope="module")
def classifier() -> LoadedModel:
    return _untrained({"name": "cnn"}, {"name": "images"})


@pytest.fixture(scope="module")
def of_images(classifier: LoadedModel) -> Evaluation:
    return assess(classifier, "run", "weights")


def _outputs(loaded: LoadedModel) -> tuple[np.ndarray, np.ndarray]:
    """Logits and targets of the test set."""
    batch = loaded.dataset.held_out("test")
    lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
    with torch.no_grad():
        return loaded.model(torch.from_numpy(batch.inputs), lengths).numpy(), batch.targets


def test_a_classifiers_numbers_are_those_of_its_outputs(classifier: LoadedModel, of_images: Evaluation) -> None:
    logits, targets = _outputs(classifier)
    predicted, count = logits.argmax(1), len(targets)
    right = predicted == targets

    accuracy = of_images.measure("accuracy")

    assert accuracy is not None
    assert accuracy.value == pytest.approx(right.mean())
    assert accuracy.method == "Wilson"
    exact = stats.binomtest(int(right.sum()), count).proportion_ci(method="wilson")
    assert (accuracy.low, accuracy.high) == pytest.approx(exact)
    assert accuracy.baseline is not None
    confusion = np.zeros((3, 3), dtype=int)
    np.add.at(confusion, (targets, predicted), 1)
    assert of_images.confusion == tuple(map(tuple, confusion.tolist()))
    recall = {group.name: group.value for group in of_images.by_class}
    names = classifier.dataset.task.outputs
    assert isinstance(names, Classes)
    assert recall == pytest.approx({name: right[targets == place].mean() for place, name in enumerate(names.names)})
    shares = torch.from_numpy(logits).double().softmax(1).numpy().max(1)
    gap = sum(
        abs(right[inside].mean() - shares[inside].mean()) * inside.mean()
        for low in range(10)
        if (inside := (shares > low / 10) & (shares <= (low + 1) / 10)).any()
    )
    assert of_images.reliability is not None
    assert of_images.reliability.error == pytest.approx(gap)


def test_the_worst_samples_are_wrong_ones_that_the_model_was_surest_of(classifier: LoadedModel, of_images: Evaluation) -> None:
    logits, targets = _outputs(classifier)
    losses = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(targets), reduction="none").numpy()
    wrong = np.flatnonzero(logits.argmax(1) != targets)

    places = [one["place"] for one in of_images.worst]

    assert places == wrong[np.argsort(-losses[wrong])][: len(places)].tolist()
    assert all(np.array(one["picture"]).ndim == 2 for one in of_images.worst)


def test_a_bootstrap_counts_a_sequence_as_one_sample() -> None:
    loaded = _untrained({"name": "elman", "hidden_size": 8}, {"name": "echo", "length": 30})
    logits, targets = _outputs(loaded)
    counted = targets != -100
    right = (logits.argmax(-1) == targets) & counted

    told = assess(loaded, "run", "weights")

    accuracy, steps = told.measure("accuracy"), counted.sum()
    assert accuracy is not None
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.value == pytest.approx(right.sum() / steps)
    assert accuracy.method == "bootstrap"
    # the error of a mean of equally long sequences is that of the sequences' own means
    half = 1.96 * (right.sum(1) / counted.sum(1)).std(ddof=1) / np.sqrt(len(targets))
    assert (accuracy.low, accuracy.high) == pytest.approx((accuracy.value - half, accuracy.value + half), abs=0.1 * half)
    at = {group.name: group.value for group in told.by_position}
    first = int(np.flatnonzero(counted[0])[0])
    assert at[str(first + 1)] == pytest.approx(right[:, first].mean())
    assert len(at) == counted[0].sum()


def test_an_error_over_the_variance_has_the_interval_of_that() -> None:
    loaded = _untrained({"name": "esn", "hidden_size": 20}, {"name": "narma10"})

    told = assess(loaded, "run", "weights")

    nrmse, mse = told.measure("nrmse"), told.measure("mse")
    assert nrmse is not None
    assert mse is not None
    assert nrmse.low is not None
    assert nrmse.high is not None
    assert nrmse.low < nrmse.value < nrmse.high
    targets = loaded.dataset.held_out("test").targets[:, loaded.dataset.task.washout :]
    assert nrmse.value == pytest.approx(np.sqrt(mse.value / targets.var()), rel=1e-4)


def test_an_evaluation_survives_its_file(of_images: Evaluation) -> None:
    again = Evaluation.from_dict(json.loads(json.dumps(of_images.to_dict())))

    assert again == of_images


def test_longer_data_are_asked_of_the_same_weights() -> None:
    loaded = _untrained({"name": "gru", "hidden_size": 8}, {"name": "adding", "length": 20})

    longer = with_data(loaded, {"length": 60})

    assert longer.model is loaded.model
    assert longer.dataset.held_out("test").inputs.shape[1] == 60
    assert assess(longer, "run", "w", limit=10).digest != assess(loaded, "run", "w", limit=10).digest
    assert assess(loaded, "run", "w", limit=10).digest == assess(loaded, "run", "w", limit=10).digest


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"model.hidden_size": 3}, UsageError, "expected a setting of the data"),
        ({"name": "echo"}, UsageError, "expected a setting of the data"),
        ({"length": 0}, ExperimentError, "length"),
        ({"lenght": 3}, ExperimentError, "Did you mean 'length'"),
    ],
)
def test_other_changes_are_refused(changes: dict[str, Any], error: type[Exception], words: str) -> None:
    loaded = _untrained({"name": "gru", "hidden_size": 8}, {"name": "adding", "length": 20})

    with pytest.raises(error, match=words):
        with_data(loaded, changes)


def test_data_of_another_form_are_refused() -> None:
    loaded = _untrained({"name": "gru", "hidden_size": 8}, {"name": "shifted_pattern", "num_classes": 4})

    with pytest.raises(UsageError, match="which the model was built for"):
        with_data(loaded, {"num_classes": 6})


def test_sequences_too_long_for_the_model_are_refused() -> None:
    loaded = _untrained({"name": "bp"}, {"name": "adding", "length": 20})

    with pytest.raises(UsageError, match="60 steps; expected"):
        with_data(loaded, {"length": 60})
