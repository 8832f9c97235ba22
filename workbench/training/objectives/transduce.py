"""Source tokens -> target tokens: cross-entropy with teacher forcing; exact match and BLEU of greedy output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.cards import Dataset
from workbench.task import BOS, EOS, PAD, Batch, Task, Tokens
from workbench.training.objectives._base import Objective, TensorBatch

__all__ = ["OBJECTIVE"]


class Transduce(Objective):
    """Cross-entropy over target symbols, padding left out."""

    def __init__(self, task: Task, label_smoothing: float) -> None:
        super().__init__(task, label_smoothing)
        self.outputs = cast("Tokens", task.outputs)

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """See `Objective`."""
        return self._loss(model, batch, teacher_forcing, self.label_smoothing)[0]

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `Objective`; `accuracy` is per symbol under teacher forcing."""
        mean, logits = self._loss(model, batch, 1.0, 0.0)
        counted = batch.targets != PAD
        symbols = float(counted.sum())
        right = float(((logits.argmax(dim=-1) == batch.targets) & counted).sum())
        generate: Any = model.generate
        generated = generate(batch.inputs, batch.lengths, self.outputs.max_length).cpu().numpy()
        predicted = trimmed(generated)
        exact = float(_equal(predicted, trimmed(batch.targets.cpu().numpy())).sum())
        totals = {
            "loss": (float(mean) * symbols, symbols),
            "accuracy": (right, symbols),
            "exact_match": (exact, float(len(predicted))),
        }
        return totals, predicted

    def corpus_metrics(self, predicted: Sequence[str], targets: Sequence[str]) -> Mapping[str, float]:
        """BLEU (0-100) by sacrebleu over symbols as they stand.

        `effective_order` keeps sentences of fewer than four symbols from scoring zero.

        Reference:
            Papineni et al. 2002; Post 2018, arXiv:1804.08771.
        """
        from sacrebleu.metrics.bleu import BLEU

        if not self.outputs.joiner:  # letters: each one is a token
            predicted, targets = [" ".join(text) for text in predicted], [" ".join(text) for text in targets]
        bleu = BLEU(tokenize="none", force=True, effective_order=True)
        return {"bleu": float(bleu.corpus_score(list(predicted), [list(targets)]).score)}

    def whole_set(
        self, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]]
    ) -> tuple[Mapping[str, float], Mapping[str, NDArray[np.generic]]]:
        """`exact_match_long`: exact match where the target's length is in the upper quarter of the range that the set has."""
        del dataset
        truth = trimmed(batch.targets)
        lengths = np.count_nonzero(truth, axis=1)
        shortest, longest = lengths.min(), lengths.max()
        long = np.flatnonzero(lengths >= shortest + 0.75 * (longest - shortest))
        right = [_equal(trimmed(predicted[row][None]), truth[row : row + 1])[0] for row in long.tolist()]
        return {"exact_match_long": float(np.mean(right))}, {}

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """Whether the sequences are equal up to their end symbols."""
        return bool(_equal(trimmed(predicted[None]), trimmed(target[None]))[0])

    def _loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float, smoothing: float) -> tuple[Tensor, Tensor]:
        bos = torch.full_like(batch.targets[:, :1], BOS)
        target_in = torch.cat([bos, batch.targets[:, :-1]], dim=1)  # (B, U)
        logits = model(batch.inputs, batch.lengths, target_in, teacher_forcing)  # (B, U, V)
        loss = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD, label_smoothing=smoothing)
        return loss, logits


def trimmed(indices: NDArray[np.generic]) -> NDArray[np.int64]:
    """Sequences (n, length) with everything after each one's first EOS, and the EOS itself, set to PAD."""
    found = indices.astype(np.int64)
    found[np.cumsum(found == EOS, axis=1) > 0] = PAD
    return found


def _equal(ours: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows of two trimmed batches are the same sequence, (n,); they may be padded to different widths."""
    width = max(ours.shape[1], truth.shape[1])
    wide = [np.pad(indices, ((0, 0), (0, width - indices.shape[1])), constant_values=PAD) for indices in (ours, truth)]
    equal: NDArray[np.bool_] = (wide[0] == wide[1]).all(axis=1)
    return equal


OBJECTIVE = Transduce
