"""What every dataset keeps. A new card is tested here without a line of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
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
    catalog,
)
from workbench.errors import DataError

Opened = tuple[type[DatasetCard[Any]], Any, Dataset]
SPLITS: tuple[Split, ...] = ("validation", "test")


@pytest.fixture(params=sorted(catalog.datasets()))
def opened(request: pytest.FixtureRequest, example_settings: Callable[[str], dict[str, Any]]) -> Opened:
    """A card, settings that open it here, and the opened dataset."""
    card = catalog.datasets()[request.param]
    config = card.Config.model_validate(example_settings(request.param))
    return card, config, card.open(config)


def rows(array: NDArray[np.generic]) -> list[bytes]:
    """The content of each sample; padding at the end does not count."""
    return [row.tobytes().rstrip(b"\0") for row in array]


def check_signal(signal: Signal, array: NDArray[np.generic], n: int, lengths: NDArray[np.int64] | None) -> None:
    """The array is n samples of the signal, its numbers within what the signal allows."""
    match signal:
        case Vectors(size=size, length=length):
            assert array.dtype == np.float32
            assert array.shape[0] == n
            assert array.shape[-1] == size
            assert length is None or array.shape[1] == length
            assert np.isfinite(array).all()
        case Image(channels=channels, height=height, width=width):
            assert array.dtype == np.float32
            assert array.shape == (n, channels, height, width)
            assert np.isfinite(array).all()
        case Tokens() as tokens:
            assert array.dtype == np.int64
            assert array.shape[0] == n
            assert array.shape[1] <= tokens.max_length
            assert array.min() >= 0
            assert array.max() < len(tokens.symbols)
            if tokens.special:
                check_padding(array, lengths)
        case Classes(names=names):
            assert array.dtype == np.int64
            assert array.shape[0] == n
            allowed = [*range(len(names)), IGNORE_INDEX]
            assert np.isin(array, allowed).all()
        case NoInput():
            assert array.dtype == np.float32
            assert array.shape == (n, 0)


def check_padding(array: NDArray[np.generic], lengths: NDArray[np.int64] | None) -> None:
    """Each row is symbols, one EOS, then nothing but PAD; the lengths count the EOS."""
    assert ((array == EOS).sum(axis=1) == 1).all()
    ends = (array == EOS).argmax(axis=1) + 1
    places = np.arange(array.shape[1])
    assert (array[places >= ends[:, None]] == PAD).all()
    assert (array[places < ends[:, None]] != PAD).all()
    if lengths is not None:
        assert lengths.dtype == np.int64
        np.testing.assert_array_equal(lengths, ends)


def check_batch(task: Task, batch: Batch, n: int) -> None:
    """The batch is n samples of the task."""
    assert len(batch) == n
    check_signal(task.inputs, batch.inputs, n, batch.lengths)
    outputs = task.outputs
    match task.kind:
        case "classify":
            assert batch.targets.shape == (n,)
            check_signal(outputs, batch.targets, n, None)
        case "label":
            assert batch.targets.shape == batch.inputs.shape[:2]
            check_signal(outputs, batch.targets, n, None)
        case "regress":
            assert isinstance(outputs, Vectors)
            assert batch.targets.shape == (n, outputs.size)
            assert batch.targets.dtype == np.float32
        case "forecast":
            assert isinstance(outputs, Vectors)
            assert batch.targets.shape == (*batch.inputs.shape[:2], outputs.size)
            check_signal(outputs, batch.targets, n, None)
            assert task.washout < batch.inputs.shape[1]
            if task.free_run is not None:  # the last output of the free run has a target
                assert task.free_run.warmup + task.free_run.horizon - 1 <= batch.inputs.shape[1]
                assert isinstance(task.inputs, Vectors)
                assert task.inputs.size == outputs.size
        case "language":
            assert batch.targets.shape == batch.inputs.shape
            np.testing.assert_array_equal(batch.targets[:, :-1], batch.inputs[:, 1:])
            check_signal(outputs, batch.targets, n, None)
        case "transduce":
            assert batch.lengths is not None
            check_signal(outputs, batch.targets, n, None)
        case "generate":
            assert isinstance(task.inputs, NoInput | Classes | Image)
            check_signal(outputs, batch.targets, n, None)


def test_words_of_the_card(opened: Opened) -> None:
    """A card says what it is, and describes its task in one line with the settings."""
    card, config, _ = opened
    for text in (card.title, card.group, card.summary, card.reference, card.describe(config)):
        assert len(text) > 3
        assert "\n" not in text


def test_task_is_known_without_samples(opened: Opened) -> None:
    """The task told before opening is the opened dataset's, and its kind fits what goes in and out."""
    card, config, dataset = opened
    task = card.task(config)
    assert task == dataset.task
    assert card.kind in (None, task.kind)
    expected = {
        "classify": Classes,
        "label": Classes,
        "regress": Vectors,
        "forecast": Vectors,
        "language": Tokens,
        "transduce": Tokens,
        "generate": Tokens,
    }[task.kind]
    assert isinstance(task.outputs, expected)
    if isinstance(task.inputs, Tokens) and task.inputs.special:
        assert task.inputs.symbols[:4] == SPECIAL_SYMBOLS
    for baseline in task.baselines:
        assert math.isfinite(baseline.value)
        assert baseline.sentence


def test_batches_have_the_shapes_of_the_task(opened: Opened) -> None:
    """Training batches of any size and both held-out sets have the types and shapes that the task names."""
    _, _, dataset = opened
    for size in (1, 7, 64):
        check_batch(dataset.task, dataset.train_batch(3, 5, size), size)
    for split in SPLITS:
        batch = dataset.held_out(split)
        assert len(batch) > 0
        check_batch(dataset.task, batch, len(batch))


def test_batches_are_a_function_of_seed_and_step(opened: Opened) -> None:
    """The same arguments give the same batch, in another opening and after other batches too; others give another."""
    card, config, dataset = opened
    first = dataset.train_batch(11, 4, 16)
    dataset.train_batch(11, 9, 16)
    again = card.open(config).train_batch(11, 4, 16)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    np.testing.assert_array_equal(first.targets, again.targets)
    content = rows(first.inputs) + rows(first.targets)
    for other in (dataset.train_batch(11, 5, 16), dataset.train_batch(12, 4, 16)):
        assert content != rows(other.inputs) + rows(other.targets)


def test_a_batch_is_the_callers_own(opened: Opened) -> None:
    """Writing into a batch changes no later one."""
    _, _, dataset = opened
    first = dataset.train_batch(0, 0, 8)
    kept = first.inputs.copy()
    kept_targets = first.targets.copy()
    first.inputs[:] = 0
    first.targets[:] = 0
    np.testing.assert_array_equal(dataset.train_batch(0, 0, 8).inputs, kept)
    np.testing.assert_array_equal(dataset.train_batch(0, 0, 8).targets, kept_targets)


def test_held_out_sets_are_fixed_and_disjoint(opened: Opened) -> None:
    """Held-out sets are the same in each opening, share nothing with each other, and no input of 50 training batches.

    Where a distribution over sequences is to be learned, for nothing or for one of a few classes, they are further draws from
    it: to leave out what training has drawn would be another distribution.
    """
    card, config, dataset = opened
    other = card.open(config)
    other.train_batch(5, 5, 5)
    sets = {}
    for split in SPLITS:
        batch = dataset.held_out(split)
        np.testing.assert_array_equal(batch.inputs, other.held_out(split).inputs)
        np.testing.assert_array_equal(batch.targets, other.held_out(split).targets)
        sets[split] = set(rows(batch.inputs))
    if isinstance(dataset.task.inputs, NoInput | Classes):
        return
    assert not sets["validation"] & sets["test"]
    for step in range(50):
        trained = set(rows(dataset.train_batch(1, step, 64).inputs))
        assert not trained & (sets["validation"] | sets["test"])


def test_held_out_sets_are_large(opened: Opened) -> None:
    """Held-out sets have 1,000 samples each, or 10,000 tokens of a text, but for files that have fewer, as the card declares."""
    card, config, dataset = opened
    declared = card.held_out.samples
    if getattr(config, "path", "") or (hasattr(config, "path") and declared is not None and declared < 1000):
        return
    for split in SPLITS:
        batch = dataset.held_out(split)
        assert len(batch) >= 1000 or (dataset.task.kind == "language" and batch.targets.size >= 10_000), card.name


def test_samples_are_shown_as_lines(opened: Opened) -> None:
    """The preview is deterministic, and its texts are single lines; only an image has none."""
    card, config, dataset = opened
    samples, again = card.sample(config, 6, 2), card.sample(config, 6, 2)
    assert len(samples) == 6
    for sample, same in zip(samples, again, strict=True):
        assert (sample.input_text, sample.target_text) == (same.input_text, same.target_text)
        assert sample.input_text.splitlines() == ([sample.input_text] if sample.input_text else [])
        assert bool(sample.input_text) is not isinstance(dataset.task.inputs, Image)
        assert len(sample.target_text.splitlines()) == 1


def test_typed_inputs_are_read_back(opened: Opened) -> None:
    """What is shown of a token sequence can be typed in again and gives the same input."""
    _, _, dataset = opened
    batch = dataset.train_batch(0, 1, 32)
    for sample in dataset.samples(batch):
        if isinstance(dataset.task.inputs, Tokens):
            np.testing.assert_array_equal(dataset.parse_input(sample.input_text), sample.inputs)


def test_an_input_that_cannot_be_read_is_not_repeated_whole(opened: Opened) -> None:
    """The error of a pasted page is one line that a terminal shows as it is, whatever was pasted."""
    _, _, dataset = opened
    if isinstance(dataset.task.inputs, NoInput):
        return
    for sign in ("q ", "[0, ", "\x1b[31m ", "~; "):
        with pytest.raises(DataError) as told:
            dataset.parse_input(sign * 20_000)
        assert str(told.value).isprintable()
        assert len(str(told.value)) < 400


def test_epochs_hold_every_sample_once(opened: Opened) -> None:
    """Stored data come exactly once per epoch, and the next epoch has another order."""
    _, _, dataset = opened
    if dataset.num_train is None or dataset.num_train > 5000:
        return
    num, size = dataset.num_train, 8
    batches = [dataset.train_batch(7, step, size) for step in range(2 * num // size + 2)]
    texts = [(s.input_text, s.target_text) for batch in batches for s in dataset.samples(batch)]
    first, second = texts[:num], texts[num : 2 * num]
    assert sorted(first) == sorted(second)
    assert first != second


def test_a_source_of_sequences_knows_its_distribution(opened: Opened) -> None:
    """Its own sequences are valid, none without an end is, and their lengths have the shares that it tells."""
    _, _, dataset = opened
    if dataset.task.kind != "generate":
        return
    source: Any = dataset
    batch = dataset.held_out("test")
    assert source.valid(batch.targets).all()
    assert source.valid(batch.targets, batch).all()
    assert not source.valid(np.where(batch.targets == EOS, PAD, batch.targets)).any()
    assert isinstance(dataset.task.outputs, Tokens)
    shares = source.length_distribution()
    assert shares.shape == (dataset.task.outputs.max_length,)
    assert shares.sum() == pytest.approx(1)
    found = np.bincount((batch.targets == EOS).argmax(axis=1), minlength=len(shares)) / len(batch)
    assert np.abs(found - shares).sum() / 2 < 0.06
