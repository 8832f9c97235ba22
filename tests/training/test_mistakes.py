"""Examples of what is taken for what: which samples, how sure the model is of them, and what is kept of their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.training.driving import experiment, run_all, state_of
from workbench.cards import IGNORE_INDEX, Batch, Classes, Dataset, Image, Signal, Split, Task, Tokens, Vectors
from workbench.tasks.classify import Classify
from workbench.tasks.label import Label
from workbench.training.evaluation import Measured, evaluate
from workbench.training.events import Evaluated
from workbench.training.mistakes import Mistakes, mistakes_of

CPU = torch.device("cpu")
ABC = Classes(("a", "b", "c"))


class Fixed(Dataset):
    """Samples that are given."""

    def __init__(self, task: Task, batch: Batch) -> None:
        super().__init__(task)
        self.batch = batch

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        return self.batch

    def held_out(self, split: Split) -> Batch:
        return self.batch


class Answering(nn.Module):
    """Answers with logits that are given, found by the first number of the input."""

    def __init__(self, logits: NDArray[np.float64]) -> None:
        super().__init__()
        self.logits = torch.from_numpy(logits).float()
        self.asked = 0

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.asked += len(inputs)
        return self.logits[inputs.flatten(1)[:, 0].long()]


def classified(signal: Signal, inputs: NDArray[Any], targets: list[int], logits: list[list[float]]) -> tuple[Mistakes, int]:
    """What is found among samples with known answers, and how many samples the model was asked about for that."""
    task = Task("classify", signal, ABC)
    batch = Batch(inputs, np.array(targets))
    model, objective = Answering(np.array(logits)).eval(), Classify(task)
    predicted = np.array(logits).argmax(axis=1)
    measured = Measured({}, (), None, {}, batch, list(predicted))
    found = mistakes_of(model, objective, Fixed(task, batch), measured, CPU)
    assert found is not None
    return found, model.asked


def one_hot(predicted: int, sure: float = 2.0) -> list[float]:
    """Logits of which one is larger than the others."""
    return [sure if place == predicted else 0.0 for place in range(3)]


def numbered(*shape: int) -> NDArray[np.float32]:
    """Inputs whose first number is their place."""
    inputs = np.zeros(shape, np.float32)
    inputs.reshape(shape[0], -1)[:, 0] = np.arange(shape[0])
    return inputs


def test_the_most_frequent_mistakes_have_examples() -> None:
    """By hand: c is taken for a three times and a for b twice; the first two of each, with the softmax of their logits."""
    targets = [2, 0, 2, 1, 0, 2, 2]
    logits = [one_hot(0, 1.0), one_hot(1), one_hot(0, 3.0), one_hot(1), one_hot(1), one_hot(0), one_hot(2)]
    found, asked = classified(Image(1, 4, 4), numbered(7, 1, 4, 4), targets, logits)
    assert found.counts.tolist() == [[0, 2, 0], [0, 1, 0], [3, 0, 1]]
    assert found.examples["indices"] == [0, 2, 1, 4]
    assert found.examples["true"] == [2, 2, 0, 0]
    assert found.examples["predicted"] == [0, 0, 1, 1]
    expected = [np.exp(sure) / (np.exp(sure) + 2) for sure in (1.0, 3.0, 2.0, 2.0)]
    assert found.examples["probabilities"] == pytest.approx(expected, abs=1e-5)
    assert found.inputs is not None
    assert found.inputs.dtype == np.uint8
    assert found.inputs.shape == (4, 4, 4)
    assert asked == 4, "only these go through the model once more"


def test_nothing_wrong_has_no_examples() -> None:
    """The model is not asked then."""
    found, asked = classified(Image(1, 4, 4), numbered(2, 1, 4, 4), [0, 1], [one_hot(0), one_hot(1)])
    assert (found.examples, found.inputs, asked) == ({}, None, 0)


def test_a_large_picture_and_a_long_series_are_thinned() -> None:
    """No side is longer than 64, no series than 256 steps; of how many values one is kept is said."""
    pictures, _ = classified(Image(1, 100, 130), numbered(1, 1, 100, 130), [0], [one_hot(1)])
    assert pictures.inputs is not None
    assert pictures.inputs.shape == (1, 34, 44)
    assert pictures.every == 3
    series, _ = classified(Vectors(2, 600), numbered(1, 600, 2), [0], [one_hot(1)])
    assert series.inputs is not None
    assert series.inputs.shape == (1, 200, 2)
    assert series.inputs.dtype == np.float16
    assert series.every == 3


def test_symbols_are_a_text() -> None:
    """Cut where it is long."""
    letters = Tokens(("x", "y", "z"), 400, joiner="", special=False)
    inputs = np.zeros((2, 400), np.int64)
    inputs[1] = 1
    found, _ = classified(letters, inputs, [0, 0], [one_hot(1), one_hot(1)])
    assert found.inputs is None
    assert found.examples["texts"] == ["x" * 160 + "...", "y" * 160 + "..."]


class Labelling(Answering):
    """Answers with one-hot logits of given labels for each step."""

    def __init__(self, labels: NDArray[np.int64]) -> None:
        super().__init__(np.eye(3)[labels] * 2.0)


def labelled(signal: Signal, inputs: NDArray[Any], targets: NDArray[np.int64], labels: NDArray[np.int64]) -> Mistakes:
    """What is found where each step has a class."""
    task = Task("label", signal, ABC)
    batch, model, objective = Batch(inputs, targets), Labelling(labels).eval(), Label(task)
    dataset = Fixed(task, batch)
    measured = evaluate(model, objective, dataset, "validation", CPU)
    found = mistakes_of(model, objective, dataset, measured, CPU)
    assert found is not None
    return found


def test_the_wrong_step_of_a_sequence_is_marked() -> None:
    """By hand: steps without a target do not count; the sign of the wrong step stands in brackets, with twelve on each side."""
    letters = Tokens(tuple("0123456789"), 40, joiner="", special=False)
    inputs = np.stack((np.arange(40) % 10, (np.arange(40) + 1) % 10))
    inputs[:, 0] = [0, 1]
    targets, labels = np.zeros((2, 40), np.int64), np.zeros((2, 40), np.int64)
    targets[:, :3] = IGNORE_INDEX
    labels[0, 1] = labels[0, 20] = labels[0, 21] = 2
    labels[1, 4] = 1
    found = labelled(letters, inputs, targets, labels)
    assert found.examples["indices"] == [0, 1]
    assert found.examples["steps"] == [21, 5]
    assert found.examples["predicted"] == [2, 1]
    assert found.examples["texts"] == ["...890123456789[0]123456789012...", "1234[5]678901234567..."]
    sure = np.exp(2.0) / (np.exp(2.0) + 2)
    assert found.examples["probabilities"] == pytest.approx([sure, sure], abs=1e-5)
    assert found.inputs is None


def test_a_series_with_a_class_for_each_step_is_drawn() -> None:
    """Numbers are lines, however they are labelled."""
    labels = np.zeros((1, 30), np.int64)
    labels[0, 10] = 1
    found = labelled(Vectors(1, 30), numbered(1, 30, 1), np.zeros((1, 30), np.int64), labels)
    assert found.examples["steps"] == [11]
    assert found.inputs is not None
    assert found.inputs.shape == (1, 30, 1)
    assert found.examples["texts"] == [""]


def test_a_run_records_them_with_its_snapshots() -> None:
    """Every example is a mistake of that very evaluation, and the rows are small."""
    state = state_of(experiment(data__name="latch", data__length=9))
    evaluated = next(event for event in run_all(state) if isinstance(event, Evaluated) and event.snapshot)
    rows = {probe.name: probe for probe in evaluated.snapshot if probe.kind == "confusion"}
    assert set(rows) == {"validation", "validation/examples", "validation/inputs"}
    counts, examples, inputs = (rows[name].array for name in ("validation", "validation/examples", "validation/inputs"))
    assert counts is not None
    assert examples is not None
    assert inputs is not None
    info = rows["validation/examples"].info
    batch = state.dataset.held_out("validation")
    for place, (index, true, predicted) in enumerate(zip(info["indices"], info["true"], info["predicted"], strict=True)):
        assert int(batch.targets[index]) == true != predicted
        assert counts[true, predicted] > 0
        np.testing.assert_allclose(inputs[place].astype(float), batch.inputs[index], atol=2e-3)
    worst = max(counts[true, predicted] for true in range(len(counts)) for predicted in range(len(counts)) if true != predicted)
    assert counts[info["true"][0], info["predicted"][0]] == worst
    assert sum(array.nbytes for array in (examples, inputs)) < 20_000
