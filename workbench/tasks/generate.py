"""(Context ->) a sequence: negative log-likelihood of the true ones; lengths and validity of sequences drawn from the model."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.dataset import Dataset, SequenceSource
from workbench.cards.metric import Metric
from workbench.cards.signals import EOS, PAD, NoInput, Tokens
from workbench.cards.task import Batch, Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._sequences import sequence_form
from workbench.tasks._shared_metrics import LOSS

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Generate", "length_histogram"]


@final
class Generate(TaskKind):
    """Negative log-likelihood in nats: per token as the loss, per sequence as `nll`. Labels are not smoothed."""

    title = "(context ->) a sequence of unknown length"
    interface = Interface.AUTOREGRESSIVE
    metrics = (
        LOSS,
        Metric("nll", "negative log-likelihood of a whole sequence, in nats", lower_is_better=True),
        Metric(
            "length_tv",
            "total variation distance between the lengths of generated and true sequences: 0 identical, 1 disjoint",
            lower_is_better=True,
        ),
        Metric("validity", "fraction of generated sequences that are possible under the data's distribution"),
    )
    headline = "nll"
    not_smoothed = "the likelihood is that of the labels as they are"

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:
        """See `TaskKind`."""
        return sequence_form(task)

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - always the true past
        """See `TaskKind`."""
        writer: Any = model
        nll: Tensor = writer.nll(batch.inputs, batch.targets)
        return nll.sum() / (batch.targets != PAD).sum().clamp_min(1)

    def num_counted(self, batch: TensorBatch) -> int:
        """Symbols and ends."""
        return int((batch.targets != PAD).sum())

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`; the predictions are one sequence drawn for each context.

        The draws are seeded by the batch, so that measuring twice gives the same and no random number of training is used.
        """
        from torch import Generator

        writer: Any = model
        total = float(writer.nll(batch.inputs, batch.targets).sum())
        targets = batch.targets.cpu().numpy()
        generator = Generator(batch.targets.device).manual_seed(zlib.crc32(targets.tobytes()))
        drawn: Tensor = writer.sample(batch.inputs, max_length=self._tokens.max_length, generator=generator)
        totals = {"loss": (total, float((targets != PAD).sum())), "nll": (total, float(len(targets)))}
        return totals, drawn.cpu().numpy()

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        writer: Any = model
        nll = writer.nll(batch.inputs, batch.targets).double().cpu().numpy()
        tokens = (batch.targets != PAD).sum(dim=1).double().cpu().numpy()
        return {"loss": (nll, tokens), "nll": (nll, np.ones(len(nll)))}

    def score_set(
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

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:
        """A sequence, with the model's log-probability of the whole where it was ended."""
        from torch import as_tensor

        writer: Any = model
        drawn = writer.sample(batch.inputs, max_length=self._tokens.max_length, decoding=decoding, generator=generator)
        written = drawn[0].numpy()
        if EOS not in written:
            return Answer(written)
        return Answer(written, {"log_probability": -float(writer.nll(batch.inputs, as_tensor(written)[None]))})

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:
        """The log-probability of the sequence that was written."""
        from torch import as_tensor

        writer: Any = model
        return Explained(-writer.nll(batch.inputs, as_tensor(predicted)[None])[0], "log-probability of what was written")

    def outputs(self, model: nn.Module, batch: TensorBatch) -> Tensor:
        """The true targets' negative log-likelihood, (batch,)."""
        nll: Tensor = model(batch.inputs, batch.targets)
        return nll

    def valid(self, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.bool_]:
        """What the source says of each sequence."""
        return cast("SequenceSource", dataset).valid(_rectangle(predicted), batch)

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """With a context, whether the very target was written; without one, any valid sequence would do."""
        if isinstance(self.task.inputs, NoInput):
            return None
        ours, truth = (row[: _ends(row[None])[0]].tolist() for row in (predicted, target))
        return bool(ours == truth)

    @property
    def _tokens(self) -> Tokens:
        return cast("Tokens", self.task.outputs)


def length_histogram(indices: NDArray[np.int64], num_lengths: int) -> NDArray[np.float64]:
    """Share of sequences with 0, 1, ... num_lengths - 1 tokens before their end; longer ones count with the last."""
    counts = np.bincount(np.minimum(_ends(indices), num_lengths - 1), minlength=num_lengths)
    shares: NDArray[np.float64] = counts / max(len(indices), 1)
    return shares


def _rectangle(predicted: Sequence[NDArray[np.generic]]) -> NDArray[np.int64]:
    """Sequences of any lengths as one array, (n, longest), with PAD at their ends."""
    width = max((len(row) for row in predicted), default=0)
    return np.stack([np.pad(row, (0, width - len(row)), constant_values=PAD) for row in predicted]).astype(np.int64)


def _ends(indices: NDArray[np.generic]) -> NDArray[np.intp]:
    """Number of tokens before each row's EOS, or the whole width where there is none."""
    ends = indices == EOS
    lengths: NDArray[np.intp] = np.where(ends.any(axis=1), ends.argmax(axis=1), (indices != PAD).sum(axis=1))
    return lengths
