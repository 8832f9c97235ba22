"""Metrics of each kind of task, against hand-counted cases and independent libraries."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from torch import Tensor, nn

from workbench.cards import EOS, IGNORE_INDEX, PAD, SPECIAL_SYMBOLS, UNK, Batch, Classes, Dataset, Split, Task, Tokens, Vectors
from workbench.cards.catalog import task_kind
from workbench.nn.tensor_batch import TensorBatch
from workbench.tasks.transduce import Transduce
from workbench.training.evaluation import CHUNK, evaluate

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
    task = Task("label", Vectors(1, 3), Classes(("0", "1")))
    targets = torch.tensor([[IGNORE_INDEX, 1, 0], [IGNORE_INDEX, 1, 1]])
    logits = torch.tensor([[[9.0, 0], [0, 9], [9, 0]], [[9, 0], [0, 9], [9, 0]]])
    totals, predicted = task_kind(task)(task).score(Fixed(logits), TensorBatch(torch.zeros(2, 3, 1), targets, None))
    assert totals["accuracy"] == (3, 4)
    assert totals["sequence_accuracy"] == (1, 2)
    assert totals["loss"][0] / totals["loss"][1] == pytest.approx((3 * math.log1p(math.exp(-9)) + math.log1p(math.exp(9))) / 4)
    assert predicted.tolist() == [[IGNORE_INDEX, 1, 0], [IGNORE_INDEX, 1, 0]]


def tokens_task() -> Task:
    tokens = Tokens((*SPECIAL_SYMBOLS, "a", "b", "c"), 6)
    return Task("transduce", tokens, tokens)


def one_hot(rows: list[list[int]]) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(rows), 7).float() * 20


def test_exact_match_stops_at_the_end_symbol() -> None:
    """What a model writes after its end symbol does not count, a missing or an additional symbol does."""
    targets = torch.tensor([[4, 5, EOS, PAD], [4, 5, EOS, PAD], [4, 5, 6, EOS], [4, EOS, PAD, PAD]])
    answers = one_hot([[4, 5, EOS, 6], [4, 5, 6, EOS], [4, 5, EOS, PAD], [4, EOS, EOS, 4]])
    source = TensorBatch(torch.zeros(4, 2, dtype=torch.int64), targets, torch.tensor([2, 2, 2, 2]))
    totals, _ = Transduce(tokens_task(), 0.0).score(Fixed(answers), source)
    assert totals["exact_match"] == (2, 4)
    assert totals["accuracy"][1] == 3 + 3 + 4 + 2


def test_exact_match_of_long_targets_looks_at_the_upper_quarter_of_lengths() -> None:
    """Lengths 1 to 5: those of 4 and more count, whatever the others are."""
    targets = [[4, EOS], [4, 5, EOS], [4, 5, 4, 5, EOS], [4, 4, 4, 4, 4, EOS], [5, 5, 5, 5, 5, EOS], [6, 6, 6, 6, EOS]]
    rows = np.array([[*row, *[PAD] * (6 - len(row))] for row in targets])
    answers = [np.array(row) for row in ([5], [4, 5], [4, 5, 4, 5], [4, 4, 4, 4, 4], [5, 5, 5, 5], [6, 6, 6, 6, EOS, 6])]
    batch = Batch(np.zeros((6, 1)), rows, None)
    numbers, drawn = Transduce(tokens_task(), 0.0).score_set(Held(tokens_task(), batch), batch, answers)
    assert numbers["exact_match_long"] == 3 / 4
    assert drawn == {}


def scored(tokens: Tokens, targets: list[list[int]], answers: list[list[int]]) -> dict[str, float]:
    """Metrics of a model that writes these answers."""
    width = max(map(len, targets))
    rows = np.array([[*row, *[PAD] * (width - len(row))] for row in targets])
    longest = max(map(len, answers))
    wide = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in answers])
    batch = Batch(np.zeros((len(rows), 2), dtype=np.int64), rows, np.full(len(rows), 2))
    task = Task("transduce", tokens, tokens)
    logits = torch.zeros(len(rows), width, len(tokens.symbols))
    model = Fixed(logits)
    model.generate = lambda inputs, *_: wide[: len(inputs)]  # type: ignore[method-assign]
    return evaluate(model, task_kind(task)(task), Held(task, batch), "test", CPU).metrics


def bleu_by_hand(answers: list[list[int]], targets: list[list[int]]) -> float:
    """Papineni et al. 2002: brevity penalty times the geometric mean of clipped 1- to 4-gram precisions over the corpus."""

    def grams(row: list[int], order: int) -> Counter[tuple[int, ...]]:
        return Counter(tuple(row[start : start + order]) for start in range(len(row) - order + 1))

    logs = []
    for order in (1, 2, 3, 4):
        pairs = [(grams(answer, order), grams(target, order)) for answer, target in zip(answers, targets, strict=True)]
        hits = sum((answer & target).total() for answer, target in pairs)
        logs.append(math.log(hits / sum(answer.total() for answer, _ in pairs)))
    written, wanted = sum(map(len, answers)), sum(map(len, targets))
    return 100 * min(1.0, math.exp(1 - wanted / written)) * math.exp(sum(logs) / 4)


@pytest.mark.parametrize("seed", range(3))
def test_bleu_is_the_published_formula_over_tokens(seed: int) -> None:
    """On random sentences whose answers differ from the targets by a few tokens, some shorter, and end where they end."""
    rng = np.random.default_rng(seed)
    targets = [rng.integers(4, 12, rng.integers(8, 15)).tolist() for _ in range(6)]
    answers = [
        [int(rng.integers(4, 12)) if rng.random() < 0.15 else token for token in row[: len(row) - seed]] for row in targets
    ]
    words = Tokens((*SPECIAL_SYMBOLS, *"abcdefgh"), 16)
    found = scored(words, [[*row, EOS] for row in targets], [[*row, EOS] for row in answers])["bleu"]
    assert found == pytest.approx(bleu_by_hand(answers, targets))


def test_bleu_counts_symbols_and_not_the_text_that_is_shown() -> None:
    """Words whose text is joined when shown, and symbols that are blanks, are still one symbol each."""
    words = Tokens((*SPECIAL_SYMBOLS, "l'", "ami", " ", "dort", "."), 9, joiner="")
    targets = [[4, 5, 6, 7, 8, EOS], [4, 5, 6, 6, 7, EOS]]
    answers = [[4, 5, 6, 7, EOS], [4, 5, 6, 7, 7, EOS]]
    spelt = [" ".join(f"w{index}" for index in row if index != EOS) for row in answers]
    wanted = [" ".join(f"w{index}" for index in row if index != EOS) for row in targets]
    expected = BLEU(tokenize="none", force=True, effective_order=True).corpus_score(spelt, [wanted]).score
    assert scored(words, targets, answers)["bleu"] == pytest.approx(expected)


def test_bleu_of_short_perfect_answers_is_100() -> None:
    """Sentences of fewer than four symbols do not score zero."""
    assert scored(Tokens((*SPECIAL_SYMBOLS, "a", "b"), 6), [[4, 5, EOS], [4, EOS]], [[4, 5, EOS], [4, EOS]])[
        "bleu"
    ] == pytest.approx(100)


def test_an_unknown_word_is_never_right() -> None:
    """Writing <unk> for words that the vocabulary does not know is no match, and their share is told."""
    words = Tokens((*SPECIAL_SYMBOLS, "a", "b"), 6, open=True)
    metrics = scored(words, [[UNK, UNK, UNK, UNK, EOS]], [[UNK, UNK, UNK, UNK, EOS]])
    assert metrics["exact_match"] == metrics["exact_match_long"] == metrics["bleu"] == 0
    assert metrics["unknown"] == 1
    half = scored(words, [[4, UNK, EOS], [4, 5, EOS]], [[4, UNK, EOS], [4, 5, EOS]])
    assert half["exact_match"] == 0.5
    assert half["unknown"] == 0.25


def test_accuracy_does_not_count_unknown_words_as_right() -> None:
    """Under teacher forcing too."""
    words = Tokens((*SPECIAL_SYMBOLS, "a", "b"), 6, open=True)
    task = Task("transduce", words, words)
    targets = torch.tensor([[4, UNK, EOS]])
    batch = TensorBatch(torch.zeros(1, 2, dtype=torch.int64), targets, torch.tensor([2]))
    logits = torch.nn.functional.one_hot(targets, 6).float() * 20
    assert task_kind(task)(task).score(Fixed(logits), batch)[0]["accuracy"] == (2, 3)


def test_the_signature_of_bleu_is_told() -> None:
    """Sacrebleu's own words, tokens left as they are."""
    signature = Transduce(tokens_task(), 0.0).signatures["bleu"]
    assert "tok:none" in signature
    assert "nrefs:1" in signature


def test_smoothing_spreads_over_symbols_that_targets_are_made_of() -> None:
    """Equal to torch's smoothed cross-entropy over the vocabulary without padding, start and unknown."""
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 7)
    targets = torch.tensor([[4, 5, EOS], [6, EOS, PAD]])
    batch = TensorBatch(torch.zeros(2, 2, dtype=torch.int64), targets, torch.tensor([2, 2]))
    found = Transduce(tokens_task(), 0.1).loss(Fixed(logits), batch, 1.0)
    smooth = torch.zeros(2, 3, 7)
    smooth[..., [EOS, 4, 5, 6]] = 0.1 / 4
    smooth.scatter_add_(2, targets[..., None], torch.full((2, 3, 1), 0.9))
    each = -(smooth * logits.log_softmax(-1)).sum(-1)
    torch.testing.assert_close(found, each[targets != PAD].mean())


def test_a_batch_without_targets_has_no_loss_and_no_score() -> None:
    """Label: nothing to count is 0, not NaN, and does not spoil the mean of other batches."""
    task = Task("label", Vectors(1, 2), Classes(("0", "1")))
    logits = torch.randn(1, 2, 2, requires_grad=True)
    batch = TensorBatch(torch.zeros(1, 2, 1), torch.full((1, 2), IGNORE_INDEX), None)
    objective = task_kind(task)(task)
    loss = objective.loss(Fixed(logits), batch, 1.0)
    torch.autograd.backward(loss)
    assert loss.detach() == 0
    assert logits.grad is not None
    assert not logits.grad.any()
    assert objective.score(Fixed(logits.detach()), batch)[0]["loss"] == (0, 0)


def test_evaluation_in_chunks_equals_the_whole_at_once() -> None:
    """Means over chunks of unequal size are those over all samples."""
    generator = np.random.default_rng(0)
    count = 2 * CHUNK + 17
    targets: NDArray[np.float32] = generator.normal(size=(count, 2)).astype(np.float32)
    outputs = torch.from_numpy(generator.normal(size=(count, 2)).astype(np.float32))
    task = Task("regress", Vectors(1, 2), Vectors(2))
    held = Held(task, Batch(np.zeros((count, 2, 1), dtype=np.float32), targets))
    measured = evaluate(Fixed(outputs), task_kind(task)(task), held, "test", CPU)
    assert measured.count == count
    assert measured.metrics["mse"] == pytest.approx(((outputs.numpy() - targets) ** 2).mean(), rel=1e-5)
    assert measured.predictions[0]["correct"] is None
    assert measured.images is None


def test_smoothing_takes_part_in_training_and_not_in_measuring() -> None:
    """The training loss is torch's smoothed cross-entropy; the measured one is the plain one."""
    task = Task("classify", Vectors(1, 1), Classes(("a", "b", "c")))
    logits, targets = torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1])
    batch = TensorBatch(torch.zeros(1, 1, 1), targets, None)
    objective = task_kind(task)(task, 0.1)
    smoothed = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=0.1)
    assert torch.equal(objective.loss(Fixed(logits), batch, 1.0), smoothed)
    plain = torch.nn.functional.cross_entropy(logits, targets)
    assert objective.score(Fixed(logits), batch)[0]["loss"] == pytest.approx((plain.item(), 1))
