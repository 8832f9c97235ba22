"""A look into a trained model, on as many held-out samples as are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from workbench.cards import Split
from workbench.cards.catalog import task_kind
from workbench.runs.records import Probe
from workbench.training.inference import LoadedModel
from workbench.training.snapshots import look_inside

__all__ = ["inspect_model"]


def inspect_model(loaded: LoadedModel, views: Sequence[str], split: Split, limit: int) -> list[Probe]:
    """What a model holds over the first samples of a held-out set, whole: nothing is thinned.

    Args:
        loaded: the model.
        views: what to look at, names of `workbench.training.looks.VIEWS`.
        split: which held-out set.
        limit: so many of its samples at most.

    Returns:
        What a snapshot would hold, that of the samples first.
    """
    dataset = loaded.dataset
    indices = range(min(limit, len(dataset.held_out(split))))
    objective = task_kind(dataset.task)(dataset.task)
    rows = look_inside(loaded.model, objective, dataset, indices, torch.device("cpu"), split=split, views=views)
    return [Probe(loaded.step, row.kind, row.name, row.array, row.info) for row in rows]
