"""Where a model looks while it answers one input: the attention of a run's snapshots, of what a person typed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.cards import Batch, Dataset
from workbench.cards.catalog import task_kind
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.watching import watched
from workbench.training.looks import VIEWS, Moment, samples
from workbench.training.traces import Pass

__all__ = ["attention_of"]

_KIND = "attention"


def attention_of(model: nn.Module, dataset: Dataset, batch: TensorBatch, predicted: NDArray[np.generic]) -> dict[str, Any]:
    """The attention weights of every layer that has any, over the input and the answer that was given.

    Args:
        model: in eval mode, on the CPU.
        dataset: what it was trained on.
        batch: the one input.
        predicted: the answer, as `Answer.predicted` has it.

    Returns:
        `layers`: of each one `layer`, its path; `rows` and `columns`, whether queries and keys go along the `inputs` or the
        `outputs`; `weights`, (heads, queries, keys), each row a distribution. `symbols`: those of `inputs` and `outputs`, or
        None where they are not made of such. Or `reason`, why there are none.
    """
    objective = task_kind(dataset.task)(dataset.task)
    lengths = None if batch.lengths is None else batch.lengths.numpy()
    answered = Batch(batch.inputs.numpy(), predicted[None], lengths)
    tensors = TensorBatch.of(answered, torch.device("cpu"))
    with torch.no_grad(), watched(model, {_KIND}) as shown:
        objective.outputs(model, tensors)
    seen = Pass((), shown, {}, 1)
    rows = list(VIEWS[_KIND](Moment(model, dataset.task, objective, answered, tensors, seen)))
    if not rows:
        return {"reason": "this model has no attention"}
    info = samples(dataset, answered, [0]).info
    return {
        "symbols": {side: info[side][0] for side in ("inputs", "outputs")},
        "layers": [
            {
                "layer": row.name,
                "rows": row.info["rows"],
                "columns": row.info["columns"],
                "weights": np.asarray(row.array)[0].astype(np.float64).tolist(),
            }
            for row in rows
        ],
    }
