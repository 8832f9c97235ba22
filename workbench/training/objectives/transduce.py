"""Source tokens -> target tokens: cross-entropy with teacher forcing; exact match and BLEU of greedy output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.task import BOS, EOS, PAD, Task, Tokens
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
        truth = trimmed(batch.targets.cpu().numpy())
        width = max(predicted.shape[1], truth.shape[1])
        exact = float((_widened(predicted, width) == _widened(truth, width)).all(axis=1).sum())
        totals = {
            "loss": (float(mean) * symbols, symbols),
            "accuracy": (right, symbols),
            "exact_match": (exact, float(len(truth))),
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

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """Whether the sequences are equal up to their end symbols."""
        ours, truth = trimmed(predicted[None]), trimmed(target[None])
        width = max(ours.shape[1], truth.shape[1])
        return bool((_widened(ours, width) == _widened(truth, width)).all())

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


def _widened(indices: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    return np.pad(indices, ((0, 0), (0, width - indices.shape[1])), constant_values=PAD)


OBJECTIVE = Transduce
