"""What is told of a prediction for a held-out sample: the same after an evaluation and when a person asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Batch, Dataset, TaskKind

__all__ = ["prediction_items"]


def prediction_items(
    objective: TaskKind, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]
) -> list[dict[str, Any]]:
    """Each sample with its prediction and target, both at the steps that count.

    Args:
        objective: what is asked, and what is right.
        dataset: how inputs and targets are written.
        batch: the samples.
        predicted: the predictions for them, in the form of targets.

    Returns:
        For each one `input`, `target`, `predicted`, `correct` (None where that is a matter of degree); of a drawn
        sequence also whether it is `valid`.
    """
    valid = objective.valid(dataset, batch, predicted) if predicted else None
    items = []
    for index, (sample, answer) in enumerate(zip(dataset.samples(batch), predicted, strict=True)):
        ours, truth = objective.at_counted(answer, sample.target)
        item: dict[str, Any] = {
            "input": sample.input_text,
            "target": dataset.target_text(truth),
            "predicted": dataset.target_text(ours),
            "correct": objective.correct(ours, truth),
        }
        if valid is not None:
            item["valid"] = bool(valid[index])
        items.append(item)
    return items
