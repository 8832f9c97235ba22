"""Looks inside a model at one moment: what its layers hold, where its gradient goes, what its weights do, on a few fixed samples.

One forward and one backward pass over the samples give all that depends on them. Layers are asked by what they show
(`workbench.nn.watching`), never by what they are, so that a layer of another package is seen like ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from workbench.cards import Batch, Dataset, Split, TaskKind
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.evaluation import Measured
from workbench.training.looks import VIEWS, Moment, Row, Update, samples
from workbench.training.mistakes import mistakes_of
from workbench.training.traces import trace

__all__ = ["choose_samples", "look_inside", "take_snapshot"]

MOST_BYTES = 1_000_000
"""Size of a snapshot; what does not fit is thinned along time first, then left out, largest first."""
MOST_STEPS = 256
"""Steps of a sequence that are kept; of longer ones every second, every third, ..."""


def choose_samples(batch: Batch, count: int, seed: int) -> list[int]:
    """Which samples are looked at during the whole run: drawn by the seed, of different class and length where there are such.

    Args:
        batch: the held-out set.
        count: how many.
        seed: the run's.

    Returns:
        Places in the set, ascending; fewer than `count` where the set is smaller.
    """
    order = [int(index) for index in np.random.Generator(np.random.Philox(seed)).permutation(len(batch))]
    one_class = batch.targets.ndim == 1 and batch.targets.dtype.kind == "i"
    columns = [column for column in (batch.targets if one_class else None, batch.lengths) if column is not None]
    met: list[set[int]] = [set() for _ in columns]
    chosen: list[int] = []
    for new in range(len(columns), -1, -1):  # first those that differ from all before in class and length, at last any
        for index in order:
            values = [int(column[index]) for column in columns]
            fresh = sum(value not in known for value, known in zip(values, met, strict=True))
            if len(chosen) < count and index not in chosen and fresh >= new:
                chosen.append(index)
                for value, known in zip(values, met, strict=True):
                    known.add(value)
    return sorted(chosen)


def take_snapshot(  # noqa: PLR0913 - what is looked at, on what, and what is known besides
    model: nn.Module,
    objective: TaskKind,
    dataset: Dataset,
    indices: Sequence[int],
    device: torch.device,
    *,
    views: Sequence[str] = tuple(VIEWS),
    update: Update | None = None,
    measured: Measured | None = None,
) -> list[Row]:
    """What a run records: `look_inside` on validation samples, within MOST_STEPS and MOST_BYTES; arguments as there."""
    return _fitted(look_inside(model, objective, dataset, indices, device, views=views, update=update, measured=measured))


def look_inside(  # noqa: PLR0913 - what is looked at, on what, and what is known besides
    model: nn.Module,
    objective: TaskKind,
    dataset: Dataset,
    indices: Sequence[int],
    device: torch.device,
    *,
    split: Split = "validation",
    views: Sequence[str] = tuple(VIEWS),
    update: Update | None = None,
    measured: Measured | None = None,
) -> list[Row]:
    """Everything that is asked for and that the model has. Neither a parameter's `grad` nor a random generator is touched.

    Args:
        model: the model; it is in eval mode meanwhile.
        objective: loss of the task.
        dataset: where the samples come from.
        indices: which samples.
        device: where the model is.
        split: which held-out set they are of.
        views: what to look at, names of VIEWS.
        update: what the last step did, where it is known.
        measured: the evaluation of this very model, where there was one: what it takes for what.

    Returns:
        One row for each array, that of the samples first.
    """
    batch = dataset.held_out(split).rows(indices)
    training = model.training
    model.eval()
    try:
        tensors = TensorBatch.of(batch, device)
        seen = trace(model, objective, tensors, backward="gradient_through_time" in views)
        counted = measured if "confusion" in views else None
        mistakes = None if counted is None else mistakes_of(model, objective, dataset, counted, device)
        moment = Moment(model, dataset.task, objective, batch, tensors, seen, update or {}, mistakes)
        made = [row for view in views for row in VIEWS[view](moment)]
    finally:
        model.train(training)
    return [samples(dataset, batch, indices), *made]


def _fitted(rows: Sequence[Row]) -> list[Row]:
    """The rows within MOST_STEPS and MOST_BYTES: thinned along time alike, then without the largest ones."""
    longest = max((row.array.shape[axis] for row in rows if row.array is not None for axis in row.time_axes), default=1)
    every = max(1, math.ceil(longest / MOST_STEPS))
    fitted = [_thinned(row, every) for row in rows]
    while sum(_size(row) for row in fitted) > MOST_BYTES and every < longest:
        every *= 2
        fitted = [_thinned(row, every) for row in rows]
    fitted.sort(key=_size)
    total = 0
    within = []
    for row in fitted:
        total += _size(row)
        if total <= MOST_BYTES or row.array is None:
            within.append(row)
    return sorted(within, key=lambda row: (row.kind, row.name))


def _size(row: Row) -> int:
    return 0 if row.array is None else int(row.array.nbytes)


def _thinned(row: Row, every: int) -> Row:
    """Only each `every`-th step of what is longer than that many; which they are, its info says."""
    if every == 1 or row.array is None or not row.time_axes:
        return row
    array, info = row.array, dict(row.info)
    for axis in row.time_axes:
        array = np.take(array, range(0, array.shape[axis], every), axis)
    for key in ("steps", "row_steps", "column_steps"):
        if key in info:
            info[key] = info[key][::every]
    info["every"] = every
    return Row(row.kind, row.name, array, info, row.time_axes)
