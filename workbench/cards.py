"""What a card is: the contract between the catalog, the form, the command line and the mathematics. No torch here.

A card is one class in one file; the file's name is the card's name. Its `Config` is the single declaration behind the
form field, `--set model.hidden_size=64`, the help text and the validation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from workbench.carried import Carried, SourceFile
from workbench.held_out import UNSTATED, HeldOut
from workbench.paths import path_problem
from workbench.task import Batch, Classes, Image, Nothing, Task, TaskKind, Tokens, Vectors
from workbench.typed import kind_of, read_as

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

__all__ = [
    "ArchitectureCard",
    "Config",
    "Dataset",
    "DatasetCard",
    "OptimizerCard",
    "PathText",
    "Sample",
    "SequenceSource",
    "Split",
    "setting",
]

Split = Literal["validation", "test"]
_MOST_BITS = 63
"""Of a whole number that is written to a file, besides its sign."""
_SHORT_STEP = 4
"""Numbers of a step up to which an example can be typed."""


def _as_path(text: str) -> str:
    """A path that some file system takes, or "" for none."""
    if text and (problem := path_problem(text)):
        raise ValueError(problem.partition("; ")[2])
    return text


def _as_text(given: Any) -> Any:
    return fspath(given) if isinstance(given, PathLike) else given


PathText = Annotated[str, BeforeValidator(_as_text), AfterValidator(_as_path)]
"""The type of a setting that names a file or a folder, "" for none. It is kept as it was typed."""


class Config(BaseModel):
    """Settings of one card. Unknown keys are errors; instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        """Read a text as typed, and refuse what pydantic takes for a number, and the mathematics or a file could not."""
        kind, _ = kind_of(cls.model_fields[info.field_name].annotation) if info.field_name is not None else ("other", ())
        if isinstance(value, str) and kind in ("int", "float", "bool"):
            value = read_as(kind, value)
            if isinstance(value, str):
                raise PydanticCustomError(f"{kind}_parsing", "expected another value")
        if isinstance(value, bool) and kind in ("int", "float"):
            raise PydanticCustomError(f"{kind}_type", "expected a number")
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise PydanticCustomError("int_parsing_size", "expected a smaller number")
        return value


def setting(  # noqa: PLR0913 - the parts of a setting; every call names them
    default: Any,
    help: str,  # noqa: A002 - the word that the form and the command line use
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    unit: str = "",
    live: bool = False,
    advanced: bool = False,
) -> Any:
    """Declare one setting of a card.

    Args:
        default: value when none is given.
        help: one sentence on what it does, shown in the form and in `--help`.
        ge, gt, le, lt: bounds.
        unit: what it is counted in ("steps", "1/step"), or "".
        live: it can change while a run goes on; otherwise a change needs a new run (`fork`).
        advanced: the form folds it away at first.
    """
    extra: dict[str, Any] = {"unit": unit, "applies": "live" if live else "fork", "advanced": advanced}
    return Field(default=default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=extra)


C = TypeVar("C", bound=Config)


class _Card:
    """What all cards say of themselves."""

    name: ClassVar[str]
    """Set by the catalog from the file's name."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """What it is and why it matters, two or three sentences."""
    reference: ClassVar[str]
    """Paper and equation."""


class ArchitectureCard(_Card, ABC, Generic[C]):
    """An architecture a user can choose. Importing its file must not import torch."""

    Config: ClassVar[type[Config]]
    group: ClassVar[str]
    """The chapter it belongs to ("Recurrent", "Gated", ...)."""
    equation: ClassVar[str]
    """The defining equations as plain text, one a line."""
    drawing: ClassVar[str]
    """The unrolled graph in text, at most 60 columns wide and 12 lines high."""
    tasks: ClassVar[frozenset[TaskKind]]
    free_running: ClassVar[bool] = False
    """Whether it can be trained on its own output (`training.teacher_forcing` below 1)."""
    closed_form: ClassVar[bool] = False
    """Whether its parameters are solved for instead of searched: the model is a `workbench.nn.closed_form.ClosedForm`, and a
    training step gives it one batch more to fit."""
    recurrent: ClassVar[bool] = False
    """Whether its model has a `workbench.nn.recurrent.RecurrentLayer`: then the flow of the gradient through time is measured,
    and can be cut or regularised."""
    measures: ClassVar[tuple[str, ...]] = ()
    """Metrics besides the task's, which its model takes of itself (`workbench.nn.closed_form.SelfMeasuring`)."""

    @classmethod
    def refuse(cls, config: C, task: Task) -> str | None:  # noqa: ARG003 - most architectures refuse nothing
        """Why this architecture cannot do a task of a kind that it lists, or None. The answer says what to choose instead."""
        return None

    @classmethod
    def refuse_length(cls, config: C, task: Task, num_steps: int) -> str | None:  # noqa: ARG003 - most take any length
        """What length is expected, and how to mend it, where a sequence of this one cannot go into the model; else None.

        Asked for what a person types; data are known beforehand, and refused as a whole.
        """
        return None

    @classmethod
    @abstractmethod
    def build(cls, config: C, task: Task) -> nn.Module:
        """The model, with freshly initialised parameters drawn from torch's global generator.

        Its `forward` takes, by kind of task:

        - `classify`, `regress`, `label`: `(inputs, lengths=None)` and returns logits (batch, classes), a vector
          (batch, size), or logits (batch, length, classes).
          A model for `label` that reads its own labels also has `forced` (see `workbench.nn.label_fed`).
        - `transduce`: `(source, source_lengths, target_in, teacher_forcing)`, where target_in is BOS + target[:-1],
          and returns logits (batch, target length, symbols). It also has
          `generate(source, source_lengths, max_length, decoding=GREEDY, generator=None)`, which returns indices
          (batch, <= max_length); `workbench.nn.transducer.Transducer` has it for whoever gives the single step.
        - `forecast`: `(inputs, lengths=None)` and returns a vector at every step, (batch, length, size). Where
          `task.free_run` is set it also has `free_run(inputs, horizon)`, which reads (batch, warmup, size) and returns the
          (batch, horizon, size) that follow when each output is fed back.
        - `generate`: `nll(inputs, targets)`, the negative log-likelihood of each sequence, (batch,), and
          `sample(inputs, count=None, *, max_length, decoding=DRAW, generator=None)`, which returns indices
          (batch, <= max_length); `workbench.nn.generation.SequenceWriter` likewise. `inputs` is the context; without one,
          `count` says how many sequences are wanted. A `decoding` is one of `workbench.nn.decoding`.
        """

    @classmethod
    def apply_live(cls, model: nn.Module, config: C) -> None:
        """Give a running model the settings that may change while it trains. Here: the rate of every dropout layer."""
        from torch import nn

        rate = getattr(config, "dropout", None)
        if rate is not None:
            for module in model.modules():
                if isinstance(module, nn.Dropout):
                    module.p = float(rate)


class OptimizerCard(_Card, ABC, Generic[C]):
    """An optimiser a user can choose. `Config` extends `workbench.settings.OptimizerSettings`."""

    Config: ClassVar[type[Config]]
    equation: ClassVar[str]

    @classmethod
    @abstractmethod
    def build(cls, config: C, parameters: Sequence[Tensor]) -> Optimizer:
        """The torch optimiser over the parameters."""


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
    """

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

    def target_words(self, split: Split) -> list[list[str]] | None:  # noqa: ARG002 - most data have no unknown symbols
        """The symbols of each held-out target as the data have them, in the order of `held_out(split)`.

        They differ from `task.outputs.symbols` where a symbol is outside the vocabulary and stands as <unk> in the batch. None
        where no symbol is unknown, so that the batch says it all.
        """
        return None

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """One input as a line of text."""
        match self.task.inputs:
            case Tokens() as tokens:
                return tokens.text(inputs.astype(np.int64).tolist())
            case Image():
                return ""
            case Vectors():
                return "  ".join(" ".join(f"{value:.3g}" for value in step) for step in inputs)
            case Classes(names=names):
                return names[int(inputs)]
            case Nothing():
                return "(nothing)"

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
        match self.task.outputs:
            case Tokens() as tokens:
                return tokens.text(target.astype(np.int64).tolist())
            case Classes(names=names):
                labels = [names[i] if i >= 0 else "·" for i in np.atleast_1d(target).tolist()]
                return ("" if all(len(label) == 1 for label in labels) else " ").join(labels)
            case Vectors() | Image() | Nothing():
                return " ".join(f"{value:.4g}" for value in np.ravel(target).tolist())

    def input_example(self) -> str:
        """An input as a person may type it, for messages; here what an input of the kind looks like."""
        match self.task.inputs:
            case Vectors(size=size):
                return "; ".join([" ".join(["0.5"] * size)] * 2) if size <= _SHORT_STEP else "test:0"
            case Image() | Nothing():
                return "test:0"
            case Classes(names=names):
                return names[0]
            case Tokens():
                batch = self.held_out("test").slice(0, 1)
                return self.samples(batch)[0].input_text if len(batch) else "test:0"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """The input that a person typed, as one item of `Batch.inputs`, padding and end symbol as the model expects.

        Raises:
            DataError: the text is not an input of this dataset; the message says what is expected.
        """
        from workbench.parsing import parse_signal  # here: only `predict` needs it

        return parse_signal(self.task, text)

    def unknown_words(self, text: str) -> tuple[str, ...]:  # noqa: ARG002 - a vocabulary that is open gives another answer
        """The symbols of a typed input that the model does not know and reads as one and the same, each once."""
        return ()

    def samples(self, batch: Batch) -> list[Sample]:
        """The samples of a batch, ready to be shown."""
        found = []
        for index in range(len(batch)):
            inputs, target = batch.inputs[index], batch.targets[index]
            if batch.lengths is not None:
                inputs = inputs[: int(batch.lengths[index])]
            found.append(Sample(inputs, target, self.input_text(inputs), self.target_text(target)))
        return found


class SequenceSource(Protocol):
    """What a dataset of kind `generate` has besides: what is known of the distribution that its sequences come from."""

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:
        """Which sequences, (n, length) in the form of targets, the source could have written; shape (n,).

        With the batch whose contexts they were written for, a sequence must also fit its context.
        """

    def length_distribution(self) -> NDArray[np.float64]:
        """Probability of 0, 1, ... symbols before the end; one number for each length up to the longest."""


class DatasetCard(_Card, ABC, Generic[C]):
    """A dataset a user can choose. numpy only."""

    Config: ClassVar[type[Config]]
    group: ClassVar[str]
    kind: ClassVar[TaskKind | None] = None
    """The kind of task, for a dataset whose `task` needs a file that its default settings do not name."""
    held_out: ClassVar[HeldOut] = UNSTATED
    """How validation and test samples relate to training samples, and how many of them count, with the default settings."""
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
    def sample(cls, config: C, n: int, seed: int) -> list[Sample]:
        """Some training samples for the preview: n of them, the same for the same arguments."""
        dataset = cls.open(config)
        return dataset.samples(dataset.train_batch(seed, 0, n))
