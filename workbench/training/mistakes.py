"""What a model takes for what on held-out data: counts of classes, and a few samples of the most frequent mistakes.

The evaluation has every prediction already. Only the few samples that are kept go through the model once more, for its
probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.cards import Batch, Dataset, TaskKind, Vectors
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.evaluation import Measured

__all__ = ["LONGEST_SIDE", "Mistakes", "mistakes_of"]

MOST_PAIRS, PER_PAIR = 6, 2
"""Pairs of classes of which there are examples, the most frequent mistakes, and examples of each."""
LONGEST_SIDE, LONGEST_SERIES, LONGEST_TEXT = 64, 256, 160
"""Pixels of a picture's side, steps of a series and letters of a text that are kept of an example."""
MOST_FEATURES = 4
"""Numbers of a step up to which a sequence of them is drawn as lines; of more of them its text is shown."""
_AROUND = 12
"""Steps on each side of a wrong one that are written out."""


@dataclass(frozen=True)
class Mistakes:
    """Counts, and examples; of those only as much is kept as is shown.

    Attributes:
        counts: true class x predicted class, over everything that was measured.
        examples: what is told of each, each a list: `indices` in the set, `true`, `predicted`, `probabilities` (of the predicted
            class; None where the model gives none), `texts`, and of a sequence with a class for each step `steps`, the
            wrong step, from 1.
        inputs: pictures uint8 (n, height, width) or series float16 (n, steps, features) of them, or None where texts say it.
        every: of a longer series each so many-th step is kept.
    """

    counts: NDArray[np.int64]
    examples: dict[str, list[Any]] = field(default_factory=dict)
    inputs: NDArray[np.generic] | None = None
    every: int = 1


def mistakes_of(
    model: nn.Module, objective: TaskKind, dataset: Dataset, measured: Measured, device: torch.device
) -> Mistakes | None:
    """What was taken for what, with examples; None for a kind of task without classes.

    Args:
        model: in eval mode; no random number is drawn.
        objective: what is asked.
        dataset: how samples are written and drawn.
        measured: an evaluation of this very model.
        device: where the model is.
    """
    counts = objective.confusion(list(measured.batch.targets), measured.predicted)
    if counts is None:
        return None
    found = _found(counts, measured)
    if not found:
        return Mistakes(counts)
    rows = [row for row, _ in found]
    batch = measured.batch.rows(rows)
    given = np.asarray([measured.predicted[row] for row in rows])
    places = [(place, *([] if step is None else [step])) for place, (_, step) in enumerate(found)]
    examples: dict[str, list[Any]] = {
        "indices": rows,
        "true": [int(batch.targets[place]) for place in places],
        "predicted": [int(given[place]) for place in places],
        "probabilities": _probabilities(model, objective, batch, given, places, device, len(counts)),
    }
    if given.ndim > 1:
        examples["steps"] = [step + 1 for _, step in places]
    inputs, every = _drawn(dataset, batch)
    examples["texts"] = [
        "" if inputs is not None else _text(dataset, sample.inputs, step)
        for sample, (_, step) in zip(dataset.samples(batch), found, strict=True)
    ]
    return Mistakes(counts, examples, inputs, every)


def _found(counts: NDArray[np.int64], measured: Measured) -> list[tuple[int, int | None]]:
    """The first samples of each of the most frequent mistakes, in this order: (place in the set, wrong step or None)."""
    targets = np.asarray(measured.batch.targets)
    if len({np.shape(one) for one in measured.predicted}) != 1:
        return []
    given = np.asarray(measured.predicted)
    if given.shape != targets.shape or targets.ndim > 2 or targets.dtype.kind != "i":  # noqa: PLR2004 - samples, steps
        return []
    wrong = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[: min(MOST_PAIRS, np.count_nonzero(wrong))]
    found: list[tuple[int, int | None]] = []
    for true, predicted in (divmod(int(pair), len(counts)) for pair in order):
        hit = (targets == true) & (given == predicted)
        rows = np.flatnonzero(hit if hit.ndim == 1 else hit.any(axis=1))[:PER_PAIR].tolist()
        found += [(row, int(hit[row].argmax()) if hit.ndim > 1 else None) for row in rows]
    return found


def _probabilities(  # noqa: PLR0913, PLR0917 - what is asked of which model
    model: nn.Module,
    objective: TaskKind,
    batch: Batch,
    given: NDArray[np.generic],
    places: Sequence[tuple[int, ...]],
    device: torch.device,
    num_classes: int,
) -> list[float | None]:
    """The probability of each predicted class, as an answer tells it; None where the outputs are not one number a class."""
    with torch.no_grad():
        outputs = objective.outputs(model, TensorBatch.of(batch, device))
        shares = outputs.cpu().double().softmax(dim=-1).numpy()
    if shares.shape != (*given.shape, num_classes):
        return [None] * len(places)
    values = [float(shares[(*place, int(given[place]))]) for place in places]
    return [round(value, 6) if np.isfinite(value) else None for value in values]


def _drawn(dataset: Dataset, batch: Batch) -> tuple[NDArray[np.generic] | None, int]:
    """The examples as pictures or series, no larger than they are shown, and of how many values one is kept; or None."""
    pictures = [picture for inputs in batch.inputs if (picture := dataset.picture(inputs)) is not None]
    if pictures:
        every = -(-max(pictures[0].shape) // LONGEST_SIDE)
        return np.stack(pictures)[:, ::every, ::every], every
    signal, samples = dataset.task.inputs, dataset.samples(batch)
    told = all(len(sample.input_text) == len(sample.inputs) for sample in samples)  # a sign for each step
    if told or not isinstance(signal, Vectors) or signal.size > MOST_FEATURES:
        return None, 1
    series = batch.inputs.astype(np.float16)
    for row, length in enumerate(() if batch.lengths is None else batch.lengths.tolist()):
        series[row, length:] = np.nan
    every = -(-series.shape[1] // LONGEST_SERIES)
    return series[:, ::every], every


def _text(dataset: Dataset, inputs: NDArray[np.generic], step: int | None) -> str:
    """One input as a line; of a sequence whose step `step` is wrong the part about it, with that step in brackets."""
    text = dataset.input_text(inputs)
    signs = next((parts for parts in (list(text), text.split()) if len(parts) == len(inputs)), None)
    if step is None or signs is None:
        return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."
    first, last = max(0, step - _AROUND), step + _AROUND + 1
    joiner = "" if all(len(sign) == 1 for sign in signs) else " "
    parts = [joiner.join(signs[first:step]), f"[{signs[step]}]", joiner.join(signs[step + 1 : last])]
    return ("..." if first else "") + joiner.join(part for part in parts if part) + ("..." if last < len(signs) else "")
