"""(Context ->) a sequence: negative log-likelihood of the true ones; lengths and validity of sequences drawn from the model."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Dataset, SequenceSource
from workbench.task import EOS, PAD, Batch, Nothing, Task, Tokens
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["OBJECTIVE", "length_histogram"]


class Generate(Objective):
    """Negative log-likelihood in nats: per symbol as the loss, per sequence as `nll`. Labels are not smoothed."""

    def __init__(self, task: Task, label_smoothing: float) -> None:
        super().__init__(task, label_smoothing)
        self.outputs = cast("Tokens", task.outputs)

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - always the true past
        """See `Objective`."""
        writer: Any = model
        nll: Tensor = writer.nll(batch.inputs, batch.targets)
        return nll.sum() / (batch.targets != PAD).sum().clamp_min(1)

    def num_counted(self, batch: TensorBatch) -> int:
        """Symbols and ends."""
        return int((batch.targets != PAD).sum())

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `Objective`; the predictions are one sequence drawn for each context.

        The draws are seeded by the batch, so that measuring twice gives the same and no random number of training is used.
        """
        writer: Any = model
        total = float(writer.nll(batch.inputs, batch.targets).sum())
        targets = batch.targets.cpu().numpy()
        generator = torch.Generator(batch.targets.device).manual_seed(zlib.crc32(targets.tobytes()))
        drawn: Tensor = writer.sample(batch.inputs, max_length=self.outputs.max_length, generator=generator)
        totals = {"loss": (total, float((targets != PAD).sum())), "nll": (total, float(len(targets)))}
        return totals, drawn.cpu().numpy()

    def whole_set(
        self, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]
    ) -> tuple[Mapping[str, float], Mapping[str, NDArray[np.generic]]]:
        """`length_tv`, `validity`, and the histogram of lengths: row 0 the source's, row 1 the model's."""
        true = cast("SequenceSource", dataset).length_distribution()
        drawn = length_histogram(_rectangle(predicted), len(true))
        metrics = {
            "length_tv": float(np.abs(true - drawn).sum() / 2),
            "validity": float(self.valid(dataset, batch, predicted).mean()),
        }
        return metrics, {"lengths": np.stack((true, drawn)).astype(np.float32)}

    def valid(self, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.bool_]:
        """What the source says of each sequence."""
        return cast("SequenceSource", dataset).valid(_rectangle(predicted), batch)

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """With a context, whether the very target was written; without one, any valid sequence would do."""
        if isinstance(self.task.inputs, Nothing):
            return None
        ours, truth = (row[: _ends(row[None])[0]].tolist() for row in (predicted, target))
        return bool(ours == truth)


def length_histogram(indices: NDArray[np.int64], num_lengths: int) -> NDArray[np.float64]:
    """Share of sequences with 0, 1, ... num_lengths - 1 symbols before their end; longer ones count with the last."""
    counts = np.bincount(np.minimum(_ends(indices), num_lengths - 1), minlength=num_lengths)
    shares: NDArray[np.float64] = counts / max(len(indices), 1)
    return shares


def _rectangle(predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.int64]:
    """Sequences of any lengths as one array, (n, longest), with PAD at their ends."""
    width = max((len(row) for row in predicted), default=0)
    return np.stack([np.pad(row, (0, width - len(row)), constant_values=PAD) for row in predicted]).astype(np.int64)


def _ends(indices: NDArray[np.generic]) -> NDArray[np.intp]:
    """Number of symbols before each row's EOS, or the whole width where there is none."""
    ends = indices == EOS
    found: NDArray[np.intp] = np.where(ends.any(axis=1), ends.argmax(axis=1), (indices != PAD).sum(axis=1))
    return found


OBJECTIVE = Generate
