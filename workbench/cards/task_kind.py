"""A kind of task: what a model is called with, what is learned, measured, answered and shown. One file in `tasks/` is one kind.

Importing a kind must not import torch, like any card: its methods do, when they are called.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from workbench.cards.dataset import Dataset, Split
from workbench.cards.metric import Metric
from workbench.cards.signals import NoInput, Vectors
from workbench.cards.task import Batch, Task

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Answer", "AnswerForm", "Explained", "Interface", "TaskKind"]


class Interface(StrEnum):
    """What a model is called with and what it gives back; `ArchitectureCard.build` says it in full."""

    ONE_OUTPUT = "one output for the whole input"
    EVERY_STEP = "an output for every step"
    FREE_RUNNING = "an output for every step, which the next input may be"
    ENCODER_DECODER = "a target sequence for a source sequence"
    AUTOREGRESSIVE = "a sequence, symbol by symbol"


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
    PASSAGE = "passage"
    """a text that goes on from its input, to be read as a whole; nothing in it is right or wrong"""
    NUMBERS = "numbers"
    """one number or more, each more or less right"""


@dataclass(frozen=True)
class Answer:
    """A model's answer to one input.

    Attributes:
        predicted: in the form of a target.
        told: what else is told of it, as plain values: `value` (numbers), `probabilities`, `log_probability`.
    """

    predicted: NDArray[np.generic]
    told: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_numbers(cls, predicted: NDArray[np.generic], **told: Any) -> Answer:
        """An answer whose `value` is its number, or the list of them."""
        return cls(predicted, {"value": predicted.item() if predicted.size == 1 else predicted.tolist(), **told})

    @classmethod
    def of_vectors(cls, predicted: NDArray[np.generic], signal: Vectors) -> Answer:
        """An answer whose `value` is given in the data's own numbers. `signal`: what comes out."""
        return cls(predicted, cls.of_numbers(signal.unscaled(predicted)).told)


@dataclass(frozen=True, eq=False)
class Explained:
    """The one number by which an answer is explained: its gradient with respect to the input says what the answer hangs on.

    Attributes:
        number: shape (), with a gradient.
        words: what it is ("logit of the class 7").
    """

    number: Tensor
    words: str


class TaskKind(ABC):
    """One kind of task; an instance is that kind for one task, with the settings of training that its loss has.

    Args:
        task: what the data ask.
        label_smoothing: share of the target's probability that the training loss spreads over all classes.
    """

    name: ClassVar[str]
    """Set by the catalog from the file's name."""
    title: ClassVar[str]
    """What goes in and what comes out, in a few words."""
    interface: ClassVar[Interface]
    metrics: ClassVar[tuple[Metric, ...]]
    """What is measured on validation and test data; `measured` leaves out what a task has no data for."""
    headline: ClassVar[str]
    """The metric that stands for the others."""
    not_smoothed: ClassVar[str] = ""
    """Why label smoothing has no effect on its loss, or ""."""
    closed_form: ClassVar[str] = ""
    """Why no model that is fitted in closed form can do it, or ""."""

    def __init__(self, task: Task, label_smoothing: float = 0.0) -> None:
        self.task = task
        self.label_smoothing = label_smoothing

    # Of a task, without a model ---------------------------------------------------------------------------------------

    @classmethod
    def measured(cls, task: Task) -> tuple[str, ...]:  # noqa: ARG003 - most measure the same whatever the task
        """Names of the metrics that such a task has."""
        return Metric.names(cls.metrics)

    @classmethod
    @abstractmethod
    def answer_form(cls, task: Task) -> AnswerForm:
        """What its answers are made of."""

    @property
    def signatures(self) -> Mapping[str, str]:
        """How metrics are worked out that have more than one definition, by metric; most have one."""
        return {}

    # Learning ---------------------------------------------------------------------------------------------------------

    @abstractmethod
    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """Mean training loss of the batch over the counted targets, shape ()."""

    def num_counted(self, batch: TensorBatch) -> int:
        """Targets over which `loss` takes its mean: by this number the losses of several batches are weighed."""
        return len(batch.targets)

    def backward(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float, weight: float = 1.0) -> Tensor:
        """Add the gradient of `weight` times the batch's mean loss to every parameter's `grad`; returns that, shape ()."""
        from torch import autograd

        from workbench.nn.hand_trained import trains_by_hand

        by_hand: Any = model
        kind: Any = type(model)
        if trains_by_hand(kind):
            loss, _ = by_hand.loss_and_gradients(batch.inputs, batch.targets, label_smoothing=self.label_smoothing, weight=weight)
            return cast("Tensor", loss * weight)
        loss = self.loss(model, batch, teacher_forcing) * weight
        autograd.backward(loss)
        return loss.detach()

    # Measuring --------------------------------------------------------------------------------------------------------

    @abstractmethod
    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """Measure the model (in eval mode) on one batch.

        Returns:
            metric -> (sum, count), and the predictions in the form of `Batch.targets`.
        """

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """What `score` measures, of each sample by itself.

        A kind whose numbers can be had of a whole batch does better than this, which calls the model for each sample.

        Returns:
            metric -> (sums, counts), (n,) each: the metric of any set of samples is the sum of its sums over that of its counts.
        """
        every = [self.score(model, batch.slice(place, place + 1))[0] for place in range(len(batch.targets))]
        names = list(dict.fromkeys(name for one in every for name in one))
        pairs = {name: np.array([one.get(name, (0.0, 0.0)) for one in every], dtype=np.float64) for name in names}
        return {name: (pair[:, 0], pair[:, 1]) for name, pair in pairs.items()}

    def totalled(self, means: Mapping[str, float]) -> dict[str, float]:
        """The metrics, from the means of what `score` gave over the whole held-out set; most are means already."""
        return dict(means)

    def score_set(
        self,
        dataset: Dataset,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        predicted: Sequence[NDArray[np.generic]],  # noqa: ARG002
    ) -> tuple[Mapping[str, float], Mapping[str, NDArray[np.generic]]]:
        """Metrics of the held-out set as a whole, from the predictions, and arrays for probes by name; mostly none."""
        return {}, {}

    def confusion(
        self,
        targets: Sequence[NDArray[np.generic]],  # noqa: ARG002
        predicted: Sequence[NDArray[np.generic]],  # noqa: ARG002
    ) -> NDArray[np.int64] | None:
        """How often each class was taken for which, true class x predicted class; None where there are no classes."""
        return None

    def probes(self, model: nn.Module, batch: TensorBatch) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Arrays to be drawn, by kind of probe, from the model (in eval mode) and a few samples; mostly none."""
        return {}

    def passages(
        self,
        model: nn.Module,  # noqa: ARG002
        dataset: Dataset,  # noqa: ARG002
        split: Split,  # noqa: ARG002
        device: torch.device,  # noqa: ARG002
    ) -> list[dict[str, Any]] | None:
        """What is told after an evaluation in place of predictions for single samples (`prediction_items`); mostly those."""
        return None

    # Answering --------------------------------------------------------------------------------------------------------

    def usual_decoding(self, dataset: Dataset) -> Decoding:  # noqa: ARG002
        """How the symbols of an answer are chosen unless a person says so: the likeliest, and drawn where there is no input."""
        from workbench.nn.decoding import DRAW, GREEDY

        return DRAW if isinstance(self.task.inputs, NoInput) else GREEDY

    @abstractmethod
    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:
        """The answer to the one input of a batch.

        Args:
            model: in eval mode; no gradient is asked for.
            batch: one sample; its targets are not looked at.
            decoding: how a sequence's symbols are chosen; of no effect where none is written.
            generator: random numbers for what is drawn.
        """

    def explained(
        self,
        model: nn.Module,  # noqa: ARG002
        batch: TensorBatch,  # noqa: ARG002
        predicted: NDArray[np.generic],  # noqa: ARG002
    ) -> Explained | None:
        """The number by which an answer is explained, computed with a gradient; None for a kind that has none.

        Args:
            model: in eval mode.
            batch: the one input that was answered.
            predicted: the answer, as `Answer.predicted` has it.
        """
        return None

    def continued(self, model: nn.Module, inputs: Tensor, num_steps: int) -> Tensor | None:  # noqa: ARG002
        """What follows a series (1, length, size) when each output is the next input, (1, steps, size); None for other kinds."""
        return None

    def outputs(self, model: nn.Module, batch: TensorBatch) -> Tensor:
        """What the model computes for a batch, by which two copies of it are compared; here what it gives for inputs alone."""
        outputs: Tensor = model(batch.inputs, batch.lengths)
        return outputs

    def valid(
        self,
        dataset: Dataset,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        predicted: Sequence[NDArray[np.generic]],  # noqa: ARG002
    ) -> NDArray[np.bool_] | None:
        """Which predictions the source could have written, (n,), for a kind whose predictions are drawn; else None."""
        return None

    def at_counted(
        self, predicted: NDArray[np.generic], target: NDArray[np.generic]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """One prediction and its target at the steps that count: the others are masked or left out of both."""
        return predicted, target

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:
        """Whether one prediction is right, or None where that is a matter of degree."""
        return bool(np.array_equal(predicted, target))
