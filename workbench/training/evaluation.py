"""Measures a model on held-out data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.cards import Batch, Dataset, Split, TaskKind
from workbench.nn.closed_form import SelfMeasuring
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.flow import gradient_flow, gradient_ratio
from workbench.training.predictions import prediction_items

__all__ = ["EvaluationStopped", "Measured", "evaluate"]

CHUNK = 500
"""Samples per forward pass: large enough to be fast, small enough for a laptop's memory at 1,000 steps."""
FLOW_SAMPLES = 32
"""Samples over which the norms of the gradient are averaged."""


class EvaluationStopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """An evaluation was given up before its end."""


@dataclass(frozen=True)
class Measured:
    """What a model scored on held-out data.

    Attributes:
        metrics: metric -> value, without split.
        predictions: some samples with the model's answers: input, target, predicted, correct; of a drawn sequence
            also whether it is valid.
        images: their pictures when inputs are images, uint8 (n, height, width), else None.
        arrays: what else there is to draw, by kind of probe (`lengths`: two rows, the data's and the model's).
        batch: the samples.
        predicted: the predictions for them, in the form of targets.
    """

    metrics: dict[str, float]
    predictions: tuple[dict[str, Any], ...]
    images: NDArray[np.uint8] | None
    arrays: Mapping[str, NDArray[np.generic]]
    batch: Batch
    predicted: Sequence[NDArray[np.generic]]

    @property
    def count(self) -> int:
        """Number of samples measured."""
        return len(self.batch)


def evaluate(  # noqa: PLR0913 - what is measured, on what, and how much of it
    model: nn.Module,
    objective: TaskKind,
    dataset: Dataset,
    split: Split,
    device: torch.device,
    *,
    limit: int | None = None,
    shown: int = 12,
    stopped: Callable[[], bool] = lambda: False,
) -> Measured:
    """Measure a model; it is in eval mode meanwhile and draws no random number.

    Args:
        model: the model, on `device`.
        objective: loss and metrics of the task.
        dataset: where the samples come from.
        split: "validation" or "test".
        device: where the model is.
        limit: samples used at most; None for all.
        shown: samples returned with the model's answers.
        stopped: asked before every forward pass, whether to give up.

    Raises:
        EvaluationStopped: it was given up; the model is in the mode in which it was.
    """
    batch = dataset.held_out(split)
    batch = batch.slice(0, len(batch) if limit is None else min(limit, len(batch)))
    totals: dict[str, list[float]] = {}
    predicted: list[NDArray[np.generic]] = []
    training = model.training
    model.eval()
    with torch.no_grad():
        for start in range(0, len(batch), CHUNK):
            if stopped():
                model.train(training)
                raise EvaluationStopped
            sums, answers = objective.score(model, TensorBatch.of(batch.slice(start, start + CHUNK), device))
            predicted.extend(answers)
            for metric, (total, count) in sums.items():
                pair = totals.setdefault(metric, [0.0, 0.0])
                pair[0] += total
                pair[1] += count
        few = TensorBatch.of(batch.slice(0, CHUNK), device)
        measures, drawn = _measures(model, few)
        drawn |= {kind: array.cpu().numpy() for kind, array in objective.probes(model, few).items()}
        passages = objective.passages(model, dataset, split, device) if shown else None
    flow, norms = _flow(model, objective, batch, device)
    model.train(training)
    metrics = objective.totalled({metric: total / count for metric, (total, count) in totals.items() if count})
    whole, arrays = objective.score_set(dataset, batch, predicted)
    metrics.update({**whole, **measures, **flow})
    if passages is not None:
        predictions, images = tuple(passages), None
    else:
        predictions, images = _shown(objective, dataset, predicted[:shown], split, shown)
    return Measured(metrics, predictions, images, {**arrays, **drawn, **norms}, batch, predicted)


def _measures(model: nn.Module, few: TensorBatch) -> tuple[dict[str, float], dict[str, NDArray[np.generic]]]:
    """What the model measures of itself, on the first samples."""
    if not isinstance(model, SelfMeasuring):
        return {}, {}
    numbers, arrays = model.measure(few.inputs, few.targets, few.lengths)
    return dict(numbers), {kind: array.cpu().numpy() for kind, array in arrays.items()}


def _flow(
    model: nn.Module, objective: TaskKind, batch: Batch, device: torch.device
) -> tuple[dict[str, float], dict[str, NDArray[np.generic]]]:
    """How the gradient flows through time in a recurrent model, on the first samples."""
    norms = gradient_flow(model, objective, TensorBatch.of(batch.slice(0, FLOW_SAMPLES), device))
    return ({}, {}) if norms is None else ({"gradient_ratio": gradient_ratio(norms)}, {"gradient_flow": norms})


def _shown(
    objective: TaskKind, dataset: Dataset, predicted: list[NDArray[np.generic]], split: Split, shown: int
) -> tuple[tuple[dict[str, Any], ...], NDArray[np.uint8] | None]:
    """The first samples with the model's answers, and their pictures."""
    batch = dataset.held_out(split).slice(0, min(shown, len(predicted)))
    predictions = tuple(prediction_items(objective, dataset, batch, predicted))
    pictures = [picture for inputs in batch.inputs if (picture := dataset.picture(inputs)) is not None]
    return predictions, np.stack(pictures) if pictures else None
