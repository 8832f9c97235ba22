"""A dataset, as a user chooses one, and as it is once opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.cards.card import C, Card
from workbench.cards.carried_data import Carried, SourceFile
from workbench.cards.config import Config
from workbench.cards.held_out import UNSTATED, HeldOut
from workbench.cards.recognised import Recognised
from workbench.cards.signals import Image, Tokens
from workbench.cards.task import Batch, Task

__all__ = ["Dataset", "DatasetCard", "Sample", "SequenceSource", "Split", "TextSource"]

Split = Literal["validation", "test"]


@dataclass(frozen=True)
class Sample:
    """One sample, ready to be shown without knowing the dataset.

    Attributes:
        inputs: one item of `Batch.inputs`, without padding.
        target: one item of `Batch.targets`.
        input_text: the input as one line of text; empty for an image, which is drawn.
        target_text: the target as one line of text.
    """

    inputs: NDArray[np.generic]
    target: NDArray[np.generic]
    input_text: str
    target_text: str


class Dataset(ABC):
    """An opened dataset: arrays in memory or a generator, with a task.

    Training batches are a pure function of (seed, step), so a resumed run needs no loader state. Validation and test
    sets are fixed by the dataset's settings alone (the run's seed does not change them); whether they share samples with
    training, the card says (`DatasetCard.held_out`).

    Attributes:
        task: what is asked.
        num_train: number of stored training samples, or None when they are generated without end.
        notices: what the user should know of the data as opened, one line each (skipped lines, and the like).
        sources: the files that it was read from, as they were; none where it is made here.
        consecutive: whether each training sample goes on where that at its place in the batch before ended, so that recurrent
            states are carried from step to step.
    """

    consecutive: bool = False

    def __init__(
        self, task: Task, num_train: int | None = None, notices: Sequence[str] = (), sources: Sequence[SourceFile] = ()
    ) -> None:
        self.task = task
        self.sources = tuple(sources)
        self._num_train = num_train
        self._notices = tuple(notices)

    @property
    def num_train(self) -> int | None:
        """See above; data that a model carries are read from their files when this is asked."""
        return self._num_train

    @property
    def notices(self) -> tuple[str, ...]:
        """See above."""
        return self._notices

    def carried(self) -> Carried:
        """What a model that is trained on it takes along."""
        return Carried(self.task, self.sources)

    @abstractmethod
    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The training batch of step `step` (0, 1, ...): `size` samples, the same for the same arguments."""

    @abstractmethod
    def held_out(self, split: Split) -> Batch:
        """All samples of the validation or test set as one batch; at least 1,000 where the data allow it."""

    def truth(self, split: Split, index: int) -> NDArray[np.generic]:
        """What should be answered to a held-out sample: its target, for most data."""
        target: NDArray[np.generic] = self.held_out(split).targets[index]
        return target

    def target_words(self, split: Split) -> list[list[str]] | None:  # noqa: ARG002 - most data have no unknown symbols
        """The symbols of each held-out target as the data have them, in the order of `held_out(split)`.

        They differ from `task.outputs.symbols` where a symbol is outside the vocabulary and stands as <unk> in the batch. None
        where no symbol is unknown, so that the batch says it all.
        """
        return None

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """One input as a line of text."""
        return self.task.inputs.input_text(inputs)

    def picture(self, inputs: NDArray[np.generic]) -> NDArray[np.uint8] | None:
        """One input as a grey picture (height, width) from 0 to 255, stretched to its own range; None when it is no picture."""
        if not isinstance(self.task.inputs, Image):
            return None
        grey = inputs.astype(np.float32).mean(axis=0)  # (height, width)
        span = max(float(grey.max() - grey.min()), 1e-9)
        shades: NDArray[np.uint8] = np.rint((grey - grey.min()) / span * 255).astype(np.uint8)
        return shades

    def target_text(self, target: NDArray[np.generic]) -> str:
        """One target, or one prediction of the same form, as a line of text; `·` where there is none."""
        return self.task.outputs.target_text(target)

    def input_example(self) -> str:
        """An input as a person may type it, for messages; here what an input of the kind looks like."""
        signal = self.task.inputs
        if isinstance(signal, Tokens) and len(batch := self.held_out("test").slice(0, 1)):
            return self.samples(batch)[0].input_text
        return signal.example() or "test:0"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """The input that a person typed, as one item of `Batch.inputs`, padding and end symbol as the model expects.

        Raises:
            DataError: the text is not an input of this dataset; the message says what is expected.
        """
        return self.task.inputs.parse(text)

    def take_input(self, array: NDArray[Any]) -> NDArray[np.generic]:
        """An input that a program gives as an array, in the data's own numbers, as one item of `Batch.inputs`.

        Raises:
            DataError: it is not an input of this dataset.
        """
        return self.task.inputs.take(array)

    def asked_of(self, text: str, predicted: NDArray[np.generic]) -> NDArray[np.generic]:  # noqa: ARG002 - mostly the whole answer
        """The steps of an answer that a typed input asks for: the last ones, or all of them."""
        return predicted

    def unknown_words(self, text: str) -> tuple[str, ...]:  # noqa: ARG002 - a vocabulary that is open gives another answer
        """The symbols of a typed input that the model does not know and reads as one and the same, each once."""
        return ()

    def samples(self, batch: Batch) -> list[Sample]:
        """The samples of a batch, ready to be shown."""
        samples = []
        for index in range(len(batch)):
            inputs, target = batch.inputs[index], batch.targets[index]
            if batch.lengths is not None:
                inputs = inputs[: int(batch.lengths[index])]
            samples.append(Sample(inputs, target, self.input_text(inputs), self.target_text(target)))
        return samples


class TextSource(Protocol):
    """What a dataset of kind `language` has besides: what a model is asked to go on from at each evaluation.

    Attributes:
        num_written: tokens that the model writes.
        temperature: at which it draws them.
    """

    num_written: int
    temperature: float

    def prompts(self, split: Split) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Beginnings, and what follows each in the text, empty where nobody knows."""


class SequenceSource(Protocol):
    """What a dataset of kind `generate` has besides: what is known of the distribution that its sequences come from."""

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:
        """Which sequences, (n, length) in the form of targets, the source could have written; shape (n,).

        With the batch whose contexts they were written for, a sequence must also fit its context.
        """

    def length_distribution(self) -> NDArray[np.float64]:
        """Probability of 0, 1, ... symbols before the end; one number for each length up to the longest."""


class DatasetCard(Card, ABC, Generic[C]):
    """A dataset a user can choose. numpy only."""

    Config: ClassVar[type[Config]]
    group: ClassVar[str]
    kind: ClassVar[str | None] = None
    """The kind of task, for a dataset whose `task` needs a file that its default settings do not name."""
    held_out: ClassVar[HeldOut] = UNSTATED
    """How validation and test samples relate to training samples, and how many of them count, with the default settings."""
    suffixes: ClassVar[tuple[str, ...]] = ()
    """How the names of files end that it should read: where it cannot, and nothing else knows better, its reason is told."""
    paths: ClassVar[tuple[str, ...]] = ()
    """The settings that name files of the user's: made absolute when an experiment enters a run."""

    @classmethod
    @abstractmethod
    def task(cls, config: C) -> Task:
        """What is asked, without generating samples. May read a file's header or count its symbols.

        Raises:
            DataError: a file named by the settings is missing or damaged.
        """

    @classmethod
    @abstractmethod
    def open(cls, config: C) -> Dataset:
        """The dataset, ready for batches.

        Raises:
            DataError: a file named by the settings is missing or damaged.
        """

    @classmethod
    def carried(cls, config: C) -> Carried:
        """What a model that is trained on these data takes along. A card with `paths` names their files as well.

        Raises:
            DataError: a file named by the settings is missing or damaged.
        """
        return Carried(cls.task(config))

    @classmethod
    def open_carried(cls, config: C, carried: Carried, *, accept_changed: bool = False) -> Dataset:  # noqa: ARG003 - files alone change
        """The dataset as a model knows it: task, vocabulary and classes are those it carries, whatever the files hold now.

        A card with `paths` touches the files when batches are asked for, and not before: typed inputs need none.

        Args:
            config: the settings.
            carried: what the model took along.
            accept_changed: take batches also from files that have changed since.
        """
        return cls.open(config)

    @classmethod
    @abstractmethod
    def describe(cls, config: C) -> str:
        """One or two sentences on what the task asks, with these settings."""

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:  # noqa: ARG003 - most data come from no file
        """What a file or folder of the user's is, where this card can read it; else None.

        Raises:
            DataError: it cannot read it, which means the same as None.
        """
        return None

    @classmethod
    def sample(cls, config: C, n: int, seed: int) -> list[Sample]:
        """Some training samples for the preview: n of them, the same for the same arguments."""
        dataset = cls.open(config)
        return dataset.samples(dataset.train_batch(seed, 0, n))
