"""Metrics of each kind of task, against hand-counted cases and independent libraries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from torch import Tensor, nn

from workbench.cards import Dataset, Split
from workbench.task import EOS, IGNORE_INDEX, PAD, SPECIAL_SYMBOLS, Batch, Classes, Task, TaskKind, Tokens, Vectors
from workbench.training.evaluation import CHUNK, evaluate
from workbench.training.objectives import TensorBatch, objective_for

CPU = torch.device("cpu")


class Fixed(nn.Module):
    """A model that answers with what it was given, whatever the input."""

    def __init__(self, outputs: Tensor) -> None:
        super().__init__()
        self.outputs = outputs
        self.taken = 0

    def forward(self, inputs: Tensor, *_: Any) -> Tensor:
        found = self.outputs[self.taken : self.taken + len(inputs)]
        self.taken += len(inputs)
        return found

    def generate(self, inputs: Tensor, *_: Any) -> Tensor:
        return self.outputs[: len(inputs)].argmax(dim=-1)


class Held(Dataset):
    """A dataset with nothing but held-out samples."""

    def __init__(self, task: Task, batch: Batch) -> None:
        super().__init__(task)
        self.batch = batch

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        return self.batch.slice(0, size)

    def held_out(self, split: Split) -> Batch:
        return self.batch


def test_label_counts_steps_and_sequences_and_leaves_out_what_has_no_target() -> None:
    """Accuracy is over steps with a target, sequence accuracy over sequences whose every such step is right."""
    task = Task(TaskKind.LABEL, Vectors(1, 3), Classes(("0", "1")))
    targets = torch.tensor([[IGNORE_INDEX, 1, 0], [IGNORE_INDEX, 1, 1]])
    logits = torch.tensor([[[9.0, 0], [0, 9], [9, 0]], [[9, 0], [0, 9], [9, 0]]])
    totals, predicted = objective_for(task, 0.0).score(Fixed(logits), TensorBatch(torch.zeros(2, 3, 1), targets, None))
    assert totals["accuracy"] == (3, 4)
    assert totals["sequence_accuracy"] == (1, 2)
    assert totals["loss"][0] / totals["loss"][1] == pytest.approx((3 * math.log1p(math.exp(-9)) + math.log1p(math.exp(9))) / 4)
    assert predicted.tolist() == [[IGNORE_INDEX, 1, 0], [IGNORE_INDEX, 1, 0]]


def tokens_task() -> Task:
    tokens = Tokens((*SPECIAL_SYMBOLS, "a", "b", "c"), 6)
    return Task(TaskKind.TRANSDUCE, tokens, tokens)


def one_hot(rows: list[list[int]]) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(rows), 7).float() * 20


def test_exact_match_stops_at_the_end_symbol() -> None:
    """What a model writes after its end symbol does not count, a missing or an additional symbol does."""
    targets = torch.tensor([[4, 5, EOS, PAD], [4, 5, EOS, PAD], [4, 5, 6, EOS], [4, EOS, PAD, PAD]])
    answers = one_hot([[4, 5, EOS, 6], [4, 5, 6, EOS], [4, 5, EOS, PAD], [4, EOS, EOS, 4]])
    source = TensorBatch(torch.zeros(4, 2, dtype=torch.int64), targets, torch.tensor([2, 2, 2, 2]))
    totals, _ = objective_for(tokens_task(), 0.0).score(Fixed(answers), source)
    assert totals["exact_match"] == (2, 4)
    assert totals["accuracy"][1] == 3 + 3 + 4 + 2


def test_exact_match_of_long_targets_looks_at_the_upper_quarter_of_lengths() -> None:
    """Lengths 1 to 5: those of 4 and more count, whatever the others are."""
    targets = [[4, EOS], [4, 5, EOS], [4, 5, 4, 5, EOS], [4, 4, 4, 4, 4, EOS], [5, 5, 5, 5, 5, EOS], [6, 6, 6, 6, EOS]]
    rows = np.array([[*row, *[PAD] * (6 - len(row))] for row in targets])
    answers = [np.array(row) for row in ([5], [4, 5], [4, 5, 4, 5], [4, 4, 4, 4, 4], [5, 5, 5, 5], [6, 6, 6, 6, EOS, 6])]
    batch = Batch(np.zeros((6, 1)), rows, None)
    numbers, drawn = objective_for(tokens_task(), 0.0).whole_set(Held(tokens_task(), batch), batch, answers)
    assert numbers == {"exact_match_long": 3 / 4}
    assert drawn == {}


def test_bleu_is_sacrebleus() -> None:
    """BLEU over words equals sacrebleu's own on the same texts, and perfect short sentences score 100."""
    objective = objective_for(tokens_task(), 0.0)
    predicted, truth = ["the black cat sleeps here", "a b"], ["the black cat slept here", "a b"]
    expected = BLEU(tokenize="none", force=True, effective_order=True).corpus_score(predicted, [truth]).score
    assert objective.corpus_metrics(predicted, truth)["bleu"] == pytest.approx(expected)
    assert objective.corpus_metrics(["a b", "c"], ["a b", "c"])["bleu"] == pytest.approx(100)


def test_evaluation_in_chunks_equals_the_whole_at_once() -> None:
    """Means over chunks of unequal size are those over all samples."""
    generator = np.random.default_rng(0)
    count = 2 * CHUNK + 17
    targets: NDArray[np.float32] = generator.normal(size=(count, 2)).astype(np.float32)
    outputs = torch.from_numpy(generator.normal(size=(count, 2)).astype(np.float32))
    task = Task(TaskKind.REGRESS, Vectors(1, 2), Vectors(2))
    held = Held(task, Batch(np.zeros((count, 2, 1), dtype=np.float32), targets))
    measured = evaluate(Fixed(outputs), objective_for(task, 0.0), held, "test", CPU)
    assert measured.count == count
    assert measured.metrics["mse"] == pytest.approx(((outputs.numpy() - targets) ** 2).mean(), rel=1e-5)
    assert measured.predictions[0]["correct"] is None
    assert measured.images is None


def test_smoothing_takes_part_in_training_and_not_in_measuring() -> None:
    """The training loss is torch's smoothed cross-entropy; the measured one is the plain one."""
    task = Task(TaskKind.CLASSIFY, Vectors(1, 1), Classes(("a", "b", "c")))
    logits, targets = torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1])
    batch = TensorBatch(torch.zeros(1, 1, 1), targets, None)
    objective = objective_for(task, 0.1)
    smoothed = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=0.1)
    assert torch.equal(objective.loss(Fixed(logits), batch, 1.0), smoothed)
    plain = torch.nn.functional.cross_entropy(logits, targets)
    assert objective.score(Fixed(logits), batch)[0]["loss"] == pytest.approx((plain.item(), 1))
