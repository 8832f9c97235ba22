"""What every dataset keeps. Each function tries one contract on an opened dataset.

The package's own cards are held to the same functions by its tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
    EOS,
    IGNORE_INDEX,
    PAD,
    SPECIAL_SYMBOLS,
    Batch,
    Classes,
    Dataset,
    DatasetCard,
    Image,
    NoInput,
    Signal,
    Split,
    Task,
    Tokens,
    Vectors,
)
from workbench.contracts._broken import BrokenContractError, require
from workbench.errors import DataError

__all__ = [
    "CONTRACTS",
    "Opened",
    "describes_itself",
    "draws_by_seed_and_step",
    "gives_batches_away",
    "has_the_shapes_of_the_task",
    "holds_every_sample_once_an_epoch",
    "holds_out_the_same_and_disjoint",
    "knows_its_distribution",
    "knows_its_task_without_samples",
    "reads_back_what_it_shows",
    "refuses_in_one_line",
    "shows_samples_as_lines",
]

_SPLITS: tuple[Split, ...] = ("validation", "test")
_OUTPUTS: dict[str, type[Any]] = {
    "classify": Classes,
    "label": Classes,
    "regress": Vectors,
    "forecast": Vectors,
    "language": Tokens,
    "transduce": Tokens,
    "generate": Tokens,
}
_FEWEST_LETTERS = 3
_SAMPLES = 6
_LONGEST_MESSAGE = 400
_MOST_STORED = 5000
_BATCHES = 50
_UNLIKE = 0.06


@dataclass(frozen=True, eq=False)
class Opened:
    """A card, settings that open it, and the opened dataset."""

    card: type[DatasetCard[Any]]
    config: Any
    dataset: Dataset

    @classmethod
    def of(cls, card: type[DatasetCard[Any]], settings: Any) -> Opened:
        """The dataset with some settings, as plain values."""
        config = card.Config.model_validate(settings)
        return cls(card, config, card.open(config))


def describes_itself(opened: Opened) -> None:
    """A card says what it is, and describes its task in one line with the settings."""
    card = opened.card
    for what in ("title", "group", "summary", "reference"):
        text = getattr(card, what)
        require(len(text) >= _FEWEST_LETTERS and "\n" not in text, f"{what} is no line of text")
    text = card.describe(opened.config)
    require(len(text) >= _FEWEST_LETTERS and "\n" not in text, "describe gives no line of text")


def knows_its_task_without_samples(opened: Opened) -> None:
    """The task told before opening is the opened dataset's, and its kind fits what goes in and out."""
    task = opened.card.task(opened.config)
    require(task == opened.dataset.task, "task(config) differs from the opened dataset's task")
    require(opened.card.kind in (None, task.kind), f"kind is {opened.card.kind}, and the task's is {task.kind}")
    wanted = _OUTPUTS.get(task.kind)
    require(
        wanted is None or isinstance(task.outputs, wanted), f"a task of kind {task.kind} has outputs {task.outputs.describe()}"
    )
    if isinstance(task.inputs, Tokens) and task.inputs.special:
        require(task.inputs.symbols[:4] == SPECIAL_SYMBOLS, f"the first four symbols are not {', '.join(SPECIAL_SYMBOLS)}")
    for baseline in task.baselines:
        require(
            math.isfinite(baseline.value) and baseline.sentence, f"the baseline of {baseline.metric} has no score or no sentence"
        )


def has_the_shapes_of_the_task(opened: Opened) -> None:
    """Training batches of any size and both held-out sets have the types and shapes that the task names."""
    dataset = opened.dataset
    for size in (1, 7, 64):
        _check_batch(dataset.task, dataset.train_batch(3, 5, size), size)
    for split in _SPLITS:
        batch = dataset.held_out(split)
        require(len(batch), f"the {split} set is empty")
        _check_batch(dataset.task, batch, len(batch))


def draws_by_seed_and_step(opened: Opened) -> None:
    """The same arguments give the same batch, in another opening and after other batches too; others give another."""
    dataset = opened.dataset
    first = dataset.train_batch(11, 4, 16)
    dataset.train_batch(11, 9, 16)
    again = opened.card.open(opened.config).train_batch(11, 4, 16)
    same = np.array_equal(first.inputs, again.inputs) and np.array_equal(first.targets, again.targets)
    require(same, "train_batch gives other samples for the same seed and step")
    content = _rows(first.inputs) + _rows(first.targets)
    for what, other in (("step", dataset.train_batch(11, 5, 16)), ("seed", dataset.train_batch(12, 4, 16))):
        require(content != _rows(other.inputs) + _rows(other.targets), f"train_batch gives the same samples for another {what}")


def gives_batches_away(opened: Opened) -> None:
    """Writing into a batch changes no later one."""
    first = opened.dataset.train_batch(0, 0, 8)
    kept, kept_targets = first.inputs.copy(), first.targets.copy()
    first.inputs[:] = 0
    first.targets[:] = 0
    again = opened.dataset.train_batch(0, 0, 8)
    same = np.array_equal(again.inputs, kept) and np.array_equal(again.targets, kept_targets)
    require(same, "writing into a batch changes a later one: give copies")


def holds_out_the_same_and_disjoint(opened: Opened) -> None:
    """Held-out sets are the same in each opening, share nothing with each other, and no input of 50 training batches.

    Where a distribution over sequences is to be learned, for nothing or for one of a few classes, they are further draws from
    it: to leave out what training has drawn would be another distribution.
    """
    dataset = opened.dataset
    other = opened.card.open(opened.config)
    other.train_batch(5, 5, 5)
    sets = {}
    for split in _SPLITS:
        batch, again = dataset.held_out(split), other.held_out(split)
        same = np.array_equal(batch.inputs, again.inputs) and np.array_equal(batch.targets, again.targets)
        require(same, f"the {split} set is another one each time")
        sets[split] = set(_rows(batch.inputs))
    if isinstance(dataset.task.inputs, NoInput | Classes):
        return
    require(not sets["validation"] & sets["test"], "validation and test set share samples")
    for step in range(_BATCHES):
        trained = set(_rows(dataset.train_batch(1, step, 64).inputs))
        require(not trained & (sets["validation"] | sets["test"]), "training draws samples of a held-out set")


def shows_samples_as_lines(opened: Opened) -> None:
    """The preview is deterministic, and its texts are single lines; only an image has none."""
    samples, again = (opened.card.sample(opened.config, _SAMPLES, 2) for _ in range(2))
    require(len(samples) == _SAMPLES, f"sample gives {len(samples)} samples; expected {_SAMPLES}")
    for sample, same in zip(samples, again, strict=True):
        texts = (sample.input_text, sample.target_text)
        require(texts == (same.input_text, same.target_text), "sample gives others each time")
        require(len(sample.input_text.splitlines()) <= 1, "input_text has several lines")
        is_image = isinstance(opened.dataset.task.inputs, Image)
        require(bool(sample.input_text) is not is_image, "input_text is empty, or an image has one")
        require(len(sample.target_text.splitlines()) == 1, "target_text is not one line")


def reads_back_what_it_shows(opened: Opened) -> None:
    """What is shown of a token sequence can be typed in again and gives the same input."""
    dataset = opened.dataset
    if isinstance(dataset.task.inputs, Tokens):
        for sample in dataset.samples(dataset.train_batch(0, 1, 32)):
            read = dataset.parse_input(sample.input_text)
            require(np.array_equal(read, sample.inputs), "an input that is shown and typed in again is another one")


def refuses_in_one_line(opened: Opened) -> None:
    """The error of a pasted page is one line that a terminal shows as it is, whatever was pasted."""
    if isinstance(opened.dataset.task.inputs, NoInput):
        return
    for sign in ("q ", "[0, ", "\x1b[31m ", "~; "):
        try:
            opened.dataset.parse_input(sign * 20_000)
        except DataError as error:
            short = str(error).isprintable() and len(str(error)) < _LONGEST_MESSAGE
            require(short, "the error of an input that cannot be read is no short line")
        else:
            raise BrokenContractError("parse_input takes 20,000 signs that are no input")


def holds_every_sample_once_an_epoch(opened: Opened) -> None:
    """Stored data come exactly once per epoch, and the next epoch has another order."""
    dataset = opened.dataset
    if dataset.num_train is None or dataset.num_train > _MOST_STORED:
        return
    num, size = dataset.num_train, 8
    batches = [dataset.train_batch(7, step, size) for step in range(2 * num // size + 2)]
    texts = [(s.input_text, s.target_text) for batch in batches for s in dataset.samples(batch)]
    first, second = texts[:num], texts[num : 2 * num]
    require(sorted(first) == sorted(second), "an epoch does not hold every sample once")
    require(first != second, "two epochs have the same order")


def knows_its_distribution(opened: Opened) -> None:
    """A source's own sequences are valid, none without an end is, and their lengths have the shares that it tells."""
    if opened.dataset.task.kind != "generate":
        return
    source: Any = opened.dataset
    batch = opened.dataset.held_out("test")
    own = source.valid(batch.targets).all() and source.valid(batch.targets, batch).all()
    require(own, "valid refuses sequences of the source itself")
    require(not source.valid(np.where(batch.targets == EOS, PAD, batch.targets)).any(), "valid takes sequences without an end")
    outputs = opened.dataset.task.outputs
    longest = outputs.max_length if isinstance(outputs, Tokens) else 0
    shares = source.length_distribution()
    require(shares.shape == (longest,), f"length_distribution has {shares.shape}; expected ({longest},)")
    require(math.isclose(float(shares.sum()), 1, rel_tol=1e-6), "length_distribution does not add up to 1")
    found = np.bincount((batch.targets == EOS).argmax(axis=1), minlength=len(shares)) / len(batch)
    require(np.abs(found - shares).sum() / 2 < _UNLIKE, "lengths of test sequences differ from length_distribution")


def _rows(array: NDArray[np.generic]) -> list[bytes]:
    """The content of each sample; padding at the end does not count."""
    return [row.tobytes().rstrip(b"\0") for row in array]


def _check_signal(signal: Signal, array: NDArray[np.generic], n: int, lengths: NDArray[np.int64] | None) -> None:
    """The array is n samples of the signal, its numbers within what the signal allows."""
    shape, kind = array.shape, array.dtype
    got = f"got an array {shape}, {kind}, for {signal.describe()}"
    match signal:
        case Vectors(size=size, length=length):
            fits = kind == np.float32 and shape[0] == n and shape[-1] == size and length in (None, shape[1])
            require(fits, f"{got}; expected float32 of {n} samples of {size}")
            require(np.isfinite(array).all(), "numbers are not finite")
        case Image(channels=channels, height=height, width=width):
            fits = kind == np.float32 and shape == (n, channels, height, width)
            require(fits, f"{got}; expected float32 ({n}, {channels}, {height}, {width})")
            require(np.isfinite(array).all(), "numbers are not finite")
        case Tokens() as tokens:
            fits = kind == np.int64 and shape[0] == n and shape[1] <= tokens.max_length
            require(fits, f"{got}; expected int64 ({n}, at most {tokens.max_length})")
            require(array.min() >= 0 and array.max() < len(tokens.symbols), f"{got}; expected 0 to {len(tokens.symbols) - 1}")
            if tokens.special:
                _check_padding(array, lengths)
        case Classes(names=names):
            fits = kind == np.int64 and shape[0] == n and np.isin(array, [*range(len(names)), IGNORE_INDEX]).all()
            require(fits, f"{got}; expected int64 0 to {len(names) - 1}, or {IGNORE_INDEX}")
        case NoInput():
            require(kind == np.float32 and shape == (n, 0), f"{got}; expected float32 ({n}, 0)")


def _check_padding(array: NDArray[np.generic], lengths: NDArray[np.int64] | None) -> None:
    """Each row is symbols, one EOS, then nothing but PAD; the lengths count the EOS."""
    require(((array == EOS).sum(axis=1) == 1).all(), "a row has not exactly one <eos>")
    ends = (array == EOS).argmax(axis=1) + 1
    places = np.arange(array.shape[1])
    require((array[places >= ends[:, None]] == PAD).all(), "behind <eos> stands something else than <pad>")
    require((array[places < ends[:, None]] != PAD).all(), "<pad> stands before <eos>")
    right = lengths is None or (lengths.dtype == np.int64 and np.array_equal(lengths, ends))
    require(right, "lengths do not count the symbols with their <eos>, as int64")


def _check_batch(task: Task, batch: Batch, n: int) -> None:
    """The batch is n samples of the task."""
    require(len(batch) == n, f"got {len(batch)} samples; expected {n}")
    _check_signal(task.inputs, batch.inputs, n, batch.lengths)
    outputs, targets = task.outputs, batch.targets
    size = outputs.size if isinstance(outputs, Vectors) else 0
    shapes = {
        "classify": (n,),
        "label": batch.inputs.shape[:2],
        "regress": (n, size),
        "forecast": (*batch.inputs.shape[:2], size),
        "language": batch.inputs.shape,
    }
    wanted = shapes.get(task.kind, targets.shape)
    require(targets.shape == wanted, f"targets are {targets.shape}; expected {wanted} for {task.kind}")
    if task.kind == "regress":
        require(targets.dtype == np.float32, f"targets are {targets.dtype}; expected float32")
    else:
        _check_signal(outputs, targets, n, None)
    if task.kind == "language":
        require(np.array_equal(targets[:, :-1], batch.inputs[:, 1:]), "targets are not the inputs one step later")
    if task.kind == "transduce":
        require(batch.lengths is not None, "sources have no lengths")
    if task.kind == "forecast":
        _check_forecast(task, batch)


def _check_forecast(task: Task, batch: Batch) -> None:
    steps = batch.inputs.shape[1]
    require(task.washout < steps, f"the washout is {task.washout} of {steps} steps")
    if task.free_run is not None:  # the last output of the free run has a target
        read = task.free_run.warmup + task.free_run.horizon - 1
        require(read <= steps, f"the free run needs {read} steps, and series have {steps}")
        same = isinstance(task.inputs, Vectors) and isinstance(task.outputs, Vectors) and task.inputs.size == task.outputs.size
        require(same, "a free run needs outputs of the size of the inputs")


CONTRACTS: tuple[Callable[[Opened], None], ...] = (
    describes_itself,
    knows_its_task_without_samples,
    has_the_shapes_of_the_task,
    draws_by_seed_and_step,
    gives_batches_away,
    holds_out_the_same_and_disjoint,
    shows_samples_as_lines,
    reads_back_what_it_shows,
    refuses_in_one_line,
    holds_every_sample_once_an_epoch,
    knows_its_distribution,
)
"""Each is tried on the dataset as its settings open it."""
