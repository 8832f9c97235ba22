"""Source tokens -> target tokens: cross-entropy with teacher forcing; exact match and BLEU of greedy output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.dataset import Dataset
from workbench.cards.metric import Metric
from workbench.cards.signals import BOS, EOS, PAD, UNK, Tokens, equal_sequences
from workbench.cards.task import Batch, Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._sequences import sequence_form
from workbench.tasks._shared_metrics import ACCURACY, LOSS

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Transduce"]

_NEVER_WRITTEN = (PAD, BOS, UNK)
"""Symbols that no target is made of: what label smoothing spreads goes to the others."""


@final
class Transduce(TaskKind):
    """Cross-entropy over target tokens, padding left out.

    A target word that the vocabulary does not know stands as UNK in the loss, where the model may learn that something unknown
    comes; but no answer can be right there, whatever is written: what counts is the original word, and no token is it.
    """

    title = "source tokens -> target tokens of another length"
    interface = Interface.ENCODER_DECODER
    metrics = (
        LOSS,
        ACCURACY,
        Metric(
            "exact_match",
            "fraction of outputs that equal their target token by token; a target with an unknown word never counts as matched",
        ),
        Metric("exact_match_long", "exact match on targets in the upper quarter of the length range"),
        Metric("bleu", "BLEU over tokens by sacrebleu, n-grams of one to four tokens, 0 to 100"),
        Metric(
            "unknown",
            "fraction of target words outside the vocabulary; none of them can be predicted correctly",
            lower_is_better=True,
        ),
    )
    headline = "exact_match"

    @classmethod
    def measured(cls, task: Task) -> tuple[str, ...]:
        """`unknown` only where the vocabulary may not know a word."""
        is_open = isinstance(task.outputs, Tokens) and task.outputs.open
        return tuple(name for name in Metric.names(cls.metrics) if is_open or name != "unknown")

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:
        """See `TaskKind`."""
        return sequence_form(task)

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """See `TaskKind`."""
        return self._loss(model, batch, teacher_forcing, self.label_smoothing)[0]

    def num_counted(self, batch: TensorBatch) -> int:
        """Symbols and ends."""
        return int((batch.targets != PAD).sum())

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`; `accuracy` is per token under teacher forcing."""
        mean, logits = self._loss(model, batch, 1.0, 0.0)
        counted, unknown = batch.targets != PAD, batch.targets == UNK
        num_tokens = float(counted.sum())
        right = float(((logits.argmax(dim=-1) == batch.targets) & counted & ~unknown).sum())
        generate: Any = model.generate
        generated = generate(batch.inputs, batch.lengths, self._tokens.max_length).cpu().numpy()
        predicted = trimmed(generated)
        exact = float(_equal(predicted, trimmed(batch.targets.cpu().numpy())).sum())
        totals = {
            "loss": (float(mean) * num_tokens, num_tokens),
            "accuracy": (right, num_tokens),
            "exact_match": (exact, float(len(predicted))),
        }
        if self._tokens.open:
            totals["unknown"] = (float(unknown.sum()), float((counted & (batch.targets != EOS)).sum()))
        return totals, predicted

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        from torch.nn import functional as F

        _, logits = self._loss(model, batch, 1.0, 0.0)
        losses = F.cross_entropy(logits.movedim(-1, 1), batch.targets, ignore_index=PAD, reduction="none")
        counted, unknown = batch.targets != PAD, batch.targets == UNK
        right = (logits.argmax(dim=-1) == batch.targets) & counted & ~unknown
        generate: Any = model.generate
        predicted = trimmed(generate(batch.inputs, batch.lengths, self._tokens.max_length).cpu().numpy())
        exact = _equal(predicted, trimmed(batch.targets.cpu().numpy())).astype(np.float64)
        tokens = counted.sum(dim=1).double().cpu().numpy()
        totals = {
            "loss": (losses.double().sum(dim=1).cpu().numpy(), tokens),
            "accuracy": (right.sum(dim=1).double().cpu().numpy(), tokens),
            "exact_match": (exact, np.ones(len(exact))),
        }
        if self._tokens.open:
            words = (counted & (batch.targets != EOS)).sum(dim=1).double().cpu().numpy()
            totals["unknown"] = (unknown.sum(dim=1).double().cpu().numpy(), words)
        return totals

    @property
    def signatures(self) -> Mapping[str, str]:
        """Sacrebleu's own account of how BLEU is worked out."""
        bleu = _bleu()
        bleu.corpus_score(["0"], [["0"]])  # it knows its number of references only then
        return {"bleu": str(bleu.get_signature())}

    def score_set(
        self, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]
    ) -> tuple[Mapping[str, float], Mapping[str, NDArray[np.generic]]]:
        """`bleu`, and `exact_match_long`: exact match where the target's length is in the upper quarter of the set's range.

        BLEU (0-100) is sacrebleu's over tokens as they stand, not over the text that people read, in which letters or words
        may have been joined. Its `effective_order` keeps targets of fewer than four tokens from scoring zero.

        Reference:
            Papineni et al. 2002; Post 2018, arXiv:1804.08771.
        """
        del dataset
        truth = trimmed(batch.targets)
        lengths = np.count_nonzero(truth, axis=1)
        shortest, longest = lengths.min(), lengths.max()
        long = np.flatnonzero(lengths >= shortest + 0.75 * (longest - shortest))
        answers = [trimmed(row[None]) for row in predicted]
        right = [_equal(answers[row], truth[row : row + 1])[0] for row in long.tolist()]
        written = [_spelt(row[0], unknown="?") for row in answers]
        wanted = [_spelt(row, unknown="!") for row in truth]
        bleu = float(_bleu().corpus_score(written, [wanted]).score)
        return {"bleu": bleu, "exact_match_long": float(np.mean(right))}, {}

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:
        """A sequence, with the model's log-probability of the whole where it was ended."""
        writer: Any = model
        written = writer.generate(batch.inputs, batch.lengths, self._tokens.max_length, decoding, generator)[0].numpy()
        if EOS not in written:
            return Answer(written)
        return Answer(written, {"log_probability": float(_log_probability(model, batch, written))})

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:
        """The log-probability of the sequence that was written."""
        return Explained(_log_probability(model, batch, predicted), "log-probability of what was written")

    def outputs(self, model: nn.Module, batch: TensorBatch) -> Tensor:
        """Logits along the true targets, (batch, target length, tokens)."""
        logits: Tensor = model(batch.inputs, batch.lengths, _shifted(batch.targets))
        return logits

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """Whether the sequences are equal up to their end tokens."""
        return bool(_equal(trimmed(predicted[None]), trimmed(target[None]))[0])

    @property
    def _tokens(self) -> Tokens:
        return cast("Tokens", self.task.outputs)

    def _loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float, smoothing: float) -> tuple[Tensor, Tensor]:
        from torch.nn import functional as F

        logits = model(batch.inputs, batch.lengths, _shifted(batch.targets), teacher_forcing)  # (B, U, V)
        flat, targets = logits.flatten(0, 1), batch.targets.flatten()
        loss = F.cross_entropy(flat, targets, ignore_index=PAD)
        if smoothing:
            loss = (1 - smoothing) * loss + smoothing * _spread(flat, targets)
        return loss, logits


def _log_probability(model: nn.Module, batch: TensorBatch, written: NDArray[np.generic]) -> Tensor:
    """The model's own of one target sequence, up to its end and with it, in nats, shape ()."""
    from torch import as_tensor
    from torch.nn import functional as F

    tokens = written.tolist()
    rows = as_tensor(written)[None, : tokens.index(EOS) + 1 if EOS in tokens else len(tokens)]
    logits = model(batch.inputs, batch.lengths, _shifted(rows))
    return -F.cross_entropy(logits[0], rows[0], reduction="sum")


def _shifted(targets: Tensor) -> Tensor:
    """What a decoder reads to write the targets: BOS, and each token one step late."""
    from torch.nn import functional as F

    return F.pad(targets[:, :-1], (1, 0), value=BOS)


def _spread(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy (n, V) against an even spread over all tokens that a target can be made of, averaged over the counted."""
    import torch

    written = torch.ones(logits.shape[-1], dtype=torch.bool, device=logits.device)
    written[list(_NEVER_WRITTEN)] = False
    each = -logits.log_softmax(-1)[:, written].mean(-1)
    return each[targets != PAD].mean()


def _bleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize="none", force=True, effective_order=True)


def _spelt(indices: NDArray[np.int64], *, unknown: str) -> str:
    """A trimmed sequence as numbers between blanks: sacrebleu takes text, and a token may be a blank itself.

    UNK is written as `unknown`, which differs between answer and target, so that one is never taken for the other.
    """
    return " ".join(unknown if index == UNK else str(index) for index in indices.tolist() if index != PAD)


def trimmed(indices: NDArray[np.generic]) -> NDArray[np.int64]:
    """Sequences (n, length) with everything after each one's first EOS, and the EOS itself, set to PAD."""
    trimmed_indices = indices.astype(np.int64)
    trimmed_indices[np.cumsum(trimmed_indices == EOS, axis=1) > 0] = PAD
    return trimmed_indices


def _equal(ours: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows of two trimmed batches are the same sequence, (n,); they may be padded to different widths.

    A target with an unknown word equals nothing.
    """
    known: NDArray[np.bool_] = (truth != UNK).all(axis=1)
    return equal_sequences(ours, truth) & known
