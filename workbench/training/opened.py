"""A trained model, opened from a checkpoint, and its answers to what a person types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Dataset
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.task import Batch, Classes, Nothing, TaskKind, Tokens
from workbench.training.checkpoint_files import find_checkpoint
from workbench.training.checkpoints import load_checkpoint
from workbench.training.evaluation import evaluate
from workbench.training.objectives import TensorBatch, objective_for

__all__ = ["OpenModel", "build_model", "open_model", "predict"]

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class OpenModel:
    """A trained model with all that is needed to use it.

    Attributes:
        model: in eval mode, on the CPU.
        experiment: what it was trained with.
        dataset: its data, opened.
        step: steps it was trained for.
    """

    model: nn.Module
    experiment: Experiment
    dataset: Dataset
    step: int


def build_model(experiment: Experiment, dataset: Dataset, weights: dict[str, Tensor]) -> nn.Module:
    """The experiment's model with these weights, in eval mode, on the CPU."""
    model = experiment.architecture.build(experiment.model.config, dataset.task)
    model.load_state_dict(weights)
    return model.eval()


def open_model(folder: RunFolder, which: str = "") -> OpenModel:
    """The model of a run's checkpoint.

    Args:
        folder: the run.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.

    Raises:
        CheckpointError: there is none, or it is damaged.
        DataError: the run's data cannot be opened here.
    """
    checkpoint = load_checkpoint(find_checkpoint(folder, which).path)
    experiment = checkpoint.experiment
    dataset = experiment.dataset_card.open(experiment.data.config)
    return OpenModel(build_model(experiment, dataset, checkpoint.model), experiment, dataset, checkpoint.step)


def predict(opened: OpenModel, inputs: Sequence[str]) -> list[dict[str, Any]]:
    """The model's answers.

    Args:
        opened: the model.
        inputs: what a person typed, as the dataset's `parse_input` reads it; none for samples of the test set.

    Returns:
        For each one `input`, `predicted`, and `probabilities` (class -> probability) where it answers with one class;
        for samples of the test set also `target` and `correct`.

    Raises:
        DataError: an input is not one of this dataset's.
    """
    dataset = opened.dataset
    objective = objective_for(dataset.task, 0.0)
    if not inputs:
        measured = evaluate(opened.model, objective, dataset, "test", _CPU, limit=12)
        return [dict(item) for item in measured.predictions]
    found = []
    for text in inputs:
        array = dataset.parse_input(text)
        answer, probabilities = _answer(opened, array)
        item: dict[str, Any] = {"input": dataset.input_text(array) or text, "predicted": dataset.target_text(answer)}
        if probabilities is not None and isinstance(dataset.task.outputs, Classes):
            item["probabilities"] = dict(zip(dataset.task.outputs.names, probabilities.tolist(), strict=True))
        found.append(item)
    return found


def _answer(opened: OpenModel, array: NDArray[np.generic]) -> tuple[NDArray[np.generic], Tensor | None]:
    """The prediction for one input in the form of a target, and the classes' probabilities where there is one class."""
    task = opened.dataset.task
    inputs = array[None]
    lengths = np.array([len(array)]) if isinstance(task.inputs, Tokens) and task.inputs.special else None
    batch = TensorBatch.of(Batch(inputs, inputs, lengths), _CPU)
    with torch.no_grad():
        if task.kind is TaskKind.TRANSDUCE:
            generate: Any = opened.model.generate
            outputs: Tensor = generate(batch.inputs, batch.lengths, task.outputs.max_length)  # type: ignore[union-attr]
            return outputs[0].numpy(), None
        if task.kind is TaskKind.GENERATE:  # for a context the likeliest sequence, without one any
            writer: Any = opened.model
            greedy = not isinstance(task.inputs, Nothing)
            outputs = writer.sample(batch.inputs, max_length=task.outputs.max_length, greedy=greedy)  # type: ignore[union-attr]
            return outputs[0].numpy(), None
        outputs = opened.model(batch.inputs, batch.lengths)[0]
    if task.kind is TaskKind.CLASSIFY:
        return outputs.argmax().numpy(), outputs.softmax(dim=-1)
    return (outputs.argmax(dim=-1) if task.kind is TaskKind.LABEL else outputs).numpy(), None
