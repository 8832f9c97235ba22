"""What a dataset asks of a model: the kind of task, and what goes in and comes out. No torch here.

A dataset card answers with a `Task`; an architecture card is built from one. The pair is all that either knows of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOS",
    "EOS",
    "IGNORE_INDEX",
    "MEANINGS",
    "METRICS",
    "NRMSE_STEP",
    "PAD",
    "SPECIAL_SYMBOLS",
    "UNK",
    "AnswerForm",
    "Baseline",
    "Batch",
    "Classes",
    "FreeRun",
    "Image",
    "Nothing",
    "Signal",
    "Task",
    "TaskKind",
    "Tokens",
    "Vectors",
    "lower_is_better",
]

IGNORE_INDEX = -100
"""A target of this value takes no part in loss or metric (torch's default `ignore_index`)."""

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIAL_SYMBOLS = ("<pad>", "<bos>", "<eos>", "<unk>")


class TaskKind(StrEnum):
    """The kinds of task, named as in the experiment's messages and in `workbench architectures`."""

    CLASSIFY = "classify"
    """image or sequence -> one class; cross-entropy, accuracy"""
    REGRESS = "regress"
    """sequence -> one vector; MSE, MSE"""
    LABEL = "label"
    """sequence -> one class per step; cross-entropy, accuracy per step and per sequence"""
    TRANSDUCE = "transduce"
    """source tokens -> target tokens of another length; cross-entropy, exact match and BLEU"""
    FORECAST = "forecast"
    """series -> a vector at every step, then running on its own outputs; MSE, NRMSE"""
    GENERATE = "generate"
    """(context ->) a sequence of unknown length; negative log-likelihood, fit of the lengths, validity"""


class AnswerForm(StrEnum):
    """What an answer is made of, which says how it is compared with its target."""

    CLASS = "class"
    """one class: right or wrong as a whole"""
    STEPS = "steps"
    """a class for each step: right or wrong step by step"""
    CHARACTERS = "characters"
    """a sequence that is written without blanks; what is missing or too much shifts the rest"""
    WORDS = "words"
    """a sequence of words; likewise"""
    NUMBERS = "numbers"
    """one number or more, each more or less right"""


METRICS: dict[TaskKind, tuple[str, ...]] = {
    TaskKind.CLASSIFY: ("loss", "accuracy"),
    TaskKind.REGRESS: ("loss", "mse"),
    TaskKind.LABEL: ("loss", "accuracy", "sequence_accuracy"),
    TaskKind.TRANSDUCE: ("loss", "accuracy", "exact_match", "exact_match_long", "bleu", "unknown"),
    TaskKind.FORECAST: ("loss", "mse", "nrmse", "nrmse84"),
    TaskKind.GENERATE: ("loss", "nll", "length_tv", "validity"),
}
"""What is measured on validation and test data, by kind of task: tags without their split."""

NRMSE_STEP = 84
"""Step of the free run at which `nrmse84` looks, the literature's choice for the Mackey-Glass series (Jaeger 2001)."""

MEANINGS: dict[str, str] = {
    "loss": "mean loss of an answer: cross-entropy in nats, or squared error",
    "accuracy": "share of right answers, counted step by step where each step has one",
    "sequence_accuracy": "share of sequences with every step right",
    "mse": "mean squared error",
    "nrmse": "root mean squared error over the targets' standard deviation; predicting the mean gives 1",
    f"nrmse{NRMSE_STEP}": f"the same for step {NRMSE_STEP} of a run on the model's own outputs",
    "exact_match": "share of outputs that equal their target symbol for symbol; a target with an unknown word is never met",
    "exact_match_long": "exact match of targets in the upper quarter of the range of lengths",
    "bleu": "shared runs of one to four symbols, 0 to 100 (BLEU by sacrebleu, over symbols)",
    "unknown": "share of target words that the vocabulary does not know; none of these can be right",
    "nll": "negative log-likelihood of a whole sequence, in nats",
    "length_tv": "total variation between the lengths drawn and the true ones: 0 the same, 1 nothing shared",
    "validity": "share of drawn sequences that the data's source could have written",
    "gradient_ratio": "norm of dL/dh at the first step over that at the last step that has a gradient",
    "start_distance": "distance left between states that began apart, after reading a series: near 0 all starts are forgotten",
    "grad_norm": "norm of the gradient before clipping",
    "lr": "learning rate",
    "readout_norm": "norm of the readout that was solved for",
    "flow_penalty": "penalty on a gradient that grows or shrinks from step to step, before its weight",
}
"""What each metric is, by its tag without the split (`train/`, `validation/`, `test/`)."""

_LOWER_IS_BETTER = frozenset({"loss", "mse", "nrmse", "nrmse84", "nll", "length_tv", "unknown"})


def lower_is_better(metric: str) -> bool:
    """Whether a smaller value of this metric (with or without its split) is the better one."""
    return metric.rpartition("/")[2] in _LOWER_IS_BETTER


@dataclass(frozen=True)
class Vectors:
    """A sequence of real vectors, array shape (batch, length, size), float32; as an output: one vector, (batch, size).

    Attributes:
        size: number of features per step.
        length: number of steps when it is the same for all samples, else None.
        max_length: longest sequence where lengths differ, or None when there is no bound.
    """

    size: int
    length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True)
class Tokens:
    """A sequence of symbols, array shape (batch, length), int64.

    Attributes:
        symbols: all symbols, by index. With `special`, the first four are SPECIAL_SYMBOLS and sequences are padded with PAD.
        max_length: longest sequence, end symbol included.
        joiner: what stands between symbols when a sequence is written as text ("" for letters, " " for words).
        special: whether indices 0-3 are PAD, BOS, EOS, UNK.
        open: whether words may occur that are not among the symbols; they stand as UNK.
        structure: `tree` when the symbols, brackets among them, write a tree; sequence models read it as a string.
    """

    symbols: tuple[str, ...]
    max_length: int
    joiner: str = " "
    special: bool = True
    structure: Literal["sequence", "tree"] = "sequence"
    open: bool = False

    def text(self, indices: Sequence[int] | NDArray[np.integer]) -> str:
        """The sequence as one line; ends at the first EOS, leaves out PAD and BOS."""
        words: list[str] = []
        for index in indices:
            if self.special and index == EOS:
                break
            if self.special and index in (PAD, BOS):
                continue
            words.append(self.symbols[index])
        return self.joiner.join(words)


@dataclass(frozen=True)
class Image:
    """A picture, array shape (batch, channels, height, width), float32."""

    channels: int
    height: int
    width: int


@dataclass(frozen=True)
class Classes:
    """One of several classes, array shape (batch,) or, for `label`, (batch, length); int64, IGNORE_INDEX where none."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Nothing:
    """No input at all, array shape (batch, 0), float32: a sequence is to be generated without a context."""


Signal: TypeAlias = Vectors | Tokens | Image | Classes | Nothing


@dataclass(frozen=True)
class FreeRun:
    """How a forecast is run on its own outputs.

    Attributes:
        warmup: true inputs that are read first.
        horizon: steps after them, each fed with the output of the step before.
    """

    warmup: int
    horizon: int


@dataclass(frozen=True)
class Baseline:
    """The score of a trivial predictor, shown next to the model's.

    Attributes:
        metric: tag without its split: `loss`, `accuracy`, `mse` ...
        value: the trivial predictor's score.
        sentence: what the trivial predictor does ("predicting 1").
    """

    metric: str
    value: float
    sentence: str

    @property
    def words(self) -> str:
        """`predicting 1: 0.1667`, for a place beside the model's score."""
        return f"{self.sentence}: {self.value:.4g}"


@dataclass(frozen=True)
class Task:
    """What a dataset asks of a model.

    Attributes:
        kind: the kind of task.
        inputs: what goes in.
        outputs: what comes out.
        baselines: trivial predictors' scores.
        washout: first steps of a series that count neither in the loss nor in the metrics (`forecast`).
        free_run: how the model is run on its own outputs, where the data ask for that (`forecast`).
    """

    kind: TaskKind
    inputs: Signal
    outputs: Signal
    baselines: tuple[Baseline, ...] = field(default=())
    washout: int = 0
    free_run: FreeRun | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is measured, tags without their split: METRICS of the kind, without what only other data would show."""
        found = METRICS[self.kind]
        if not (isinstance(self.outputs, Tokens) and self.outputs.open):
            found = tuple(metric for metric in found if metric != "unknown")
        if self.free_run is None or self.free_run.horizon < NRMSE_STEP:
            found = tuple(metric for metric in found if metric != f"nrmse{NRMSE_STEP}")
        return found

    @property
    def answer_form(self) -> AnswerForm:
        """What its answers are made of."""
        match self.kind:
            case TaskKind.CLASSIFY:
                return AnswerForm.CLASS
            case TaskKind.LABEL:
                return AnswerForm.STEPS
            case TaskKind.REGRESS | TaskKind.FORECAST:
                return AnswerForm.NUMBERS
            case TaskKind.TRANSDUCE | TaskKind.GENERATE:
                blanks = isinstance(self.outputs, Tokens) and " " in self.outputs.joiner
                return AnswerForm.WORDS if blanks else AnswerForm.CHARACTERS

    def baseline(self, tag: str) -> Baseline | None:
        """The first trivial predictor's score in a metric, given with its split (`validation/mse`) or without it."""
        metric = tag.rpartition("/")[2]
        return next((baseline for baseline in self.baselines if baseline.metric == metric), None)


@dataclass(frozen=True)
class Batch:
    """A number of samples as arrays.

    Attributes:
        inputs: (batch, length, size) float32, (batch, length) int64, (batch, channels, height, width) float32, (batch,) int64
            for a class or (batch, 0) float32 for nothing.
        targets: `classify` (batch,) int64; `regress` (batch, size) float32; `label` (batch, length) int64;
            `transduce`, `generate` (batch, target length) int64: symbols, then EOS, then PAD (no BOS); `forecast` (batch, length,
            size) float32.
        lengths: (batch,) int64, number of steps of each input when inputs are padded, else None. For `transduce`
            sources end in EOS and the length counts it.
    """

    inputs: NDArray[np.generic]
    targets: NDArray[np.generic]
    lengths: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def slice(self, start: int, stop: int) -> Batch:
        """Samples start..stop-1."""
        lengths = None if self.lengths is None else self.lengths[start:stop]
        return Batch(self.inputs[start:stop], self.targets[start:stop], lengths)
