"""adding, echo and copy_memory: what their samples are, and the scores of their trivial predictors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.cards import IGNORE_INDEX
from workbench.datasets.adding import Adding
from workbench.datasets.copy_memory import BLANK, SIGNAL, CopyMemory
from workbench.datasets.echo import Echo
from workbench.errors import DataError


@given(st.integers(2, 60), st.integers(0, 1000))
def test_adding_sums_one_of_each_half(length: int, step: int) -> None:
    """There is one marker in each half, and the target is the sum of the two marked values."""
    batch = Adding.open(Adding.Config(length=length)).train_batch(0, step, 16)
    values, marks = np.moveaxis(batch.inputs.astype(np.float64), 2, 0)
    assert ((values >= 0) & (values < 1)).all()
    half = length // 2
    assert (marks[:, :half].sum(1) == 1).all()
    assert (marks[:, half:].sum(1) == 1).all()
    np.testing.assert_allclose(batch.targets[:, 0].astype(np.float64), (values * marks).sum(1), rtol=1e-6)


def test_adding_baseline_is_that_of_predicting_one() -> None:
    """Answering 1 always has the mean squared error that the task names."""
    dataset = Adding.open(Adding.Config(length=10))
    targets = np.concatenate([dataset.train_batch(0, step, 1000).targets for step in range(100)])
    assert float(np.mean((targets - 1) ** 2)) == pytest.approx(1 / 6, rel=0.02)
    assert {b.metric: b.value for b in dataset.task.baselines} == {"loss": 1 / 6, "mse": 1 / 6}


def test_adding_text_marks_and_shortens() -> None:
    """Marked values carry a star and the middle is left out; short ones can be typed in again."""
    long = Adding.open(Adding.Config(length=100))
    sample = long.samples(long.train_batch(0, 0, 1))[0]
    assert sample.input_text.count("*") == 2
    assert len(sample.input_text) < 60
    short = Adding.open(Adding.Config(length=8))
    for sample in short.samples(short.train_batch(0, 0, 8)):
        typed = short.parse_input(sample.input_text).astype(np.float64)
        np.testing.assert_allclose(typed, sample.inputs.astype(np.float64), atol=0.0051)


@pytest.mark.parametrize("text", ["0.1 0.2*", "0.1* x 0.2*", "", "0.1* 0.2* 0.3*"])
def test_adding_says_what_is_wrong(text: str) -> None:
    """An input without exactly two marked numbers is refused in one line."""
    with pytest.raises(DataError, match=r"^input: .*expected") as caught:
        Adding.open(Adding.Config()).parse_input(text)
    assert "\n" not in str(caught.value)


@given(st.integers(8, 40), st.integers(0, 7), st.integers(0, 1000))
def test_echo_repeats_after_its_delay(length: int, delay: int, step: int) -> None:
    """Each answer is the bit of `delay` steps before; the first answers do not count."""
    batch = Echo.open(Echo.Config(length=length, delay=delay)).train_batch(0, step, 8)
    bits = batch.inputs[:, :, 0]
    assert set(np.unique(bits)) <= {0, 1}
    assert (batch.targets[:, :delay] == IGNORE_INDEX).all()
    np.testing.assert_array_equal(batch.targets[:, delay:], bits[:, : length - delay])


@pytest.mark.parametrize("length", range(8, 17))
def test_echo_splits_small_spaces(length: int) -> None:
    """Even where there are few bit strings each split has some, and none is in two."""
    dataset = Echo.open(Echo.Config(length=length, delay=2))
    sets = [dataset.train_batch(0, 0, 2000), dataset.held_out("validation"), dataset.held_out("test")]
    texts = [{dataset.input_text(row) for row in batch.inputs} for batch in sets]
    assert all(texts)
    assert not texts[0] & texts[1]
    assert not texts[0] & texts[2]
    assert not texts[1] & texts[2]


def test_echo_reads_bits_of_any_length() -> None:
    """Bits can be typed with or without spaces."""
    dataset = Echo.open(Echo.Config())
    np.testing.assert_array_equal(dataset.parse_input(" 01 1"), np.array([[0], [1], [1]], dtype=np.float32))
    with pytest.raises(DataError, match="expected"):
        dataset.parse_input("01a")


def test_echo_delay_must_fit() -> None:
    """A delay as long as the sequence is refused with both numbers."""
    with pytest.raises(ValidationError, match="below the length 10, got 10"):
        Echo.Config(length=10, delay=10)


@given(st.integers(1, 80), st.integers(0, 1000))
def test_copy_memory_is_the_published_task(length: int, step: int) -> None:
    """Ten symbols, T - 1 blanks, the signal, ten blanks; the answer is T + 10 blanks and the ten symbols."""
    batch = CopyMemory.open(CopyMemory.Config(length=length)).train_batch(0, step, 4)
    assert batch.inputs.shape == batch.targets.shape == (4, length + 20)
    symbols = batch.inputs[:, :10].astype(np.int64)
    assert ((symbols >= 0) & (symbols < 8)).all()
    assert (batch.inputs[:, 10 : 9 + length] == BLANK).all()
    assert (batch.inputs[:, 9 + length] == SIGNAL).all()
    assert (batch.inputs[:, 10 + length :] == BLANK).all()
    assert (batch.targets[:, :-10] == BLANK).all()
    np.testing.assert_array_equal(batch.targets[:, -10:], symbols)


def test_copy_memory_baselines() -> None:
    """The trivial predictor's loss is 10 ln 8 / (T + 20), and its accuracy counts an eighth of the ten symbols."""
    task = CopyMemory.task(CopyMemory.Config(length=60))
    scores = {baseline.metric: baseline.value for baseline in task.baselines}
    assert scores["loss"] == pytest.approx(10 * math.log(8) / 80)
    assert scores["accuracy"] == pytest.approx((70 + 1.25) / 80)


def test_copy_memory_completes_ten_symbols() -> None:
    """Ten typed symbols become the whole sequence; anything else is refused."""
    dataset = CopyMemory.open(CopyMemory.Config(length=5))
    assert dataset.input_text(dataset.parse_input("1234567812")) == "1234567812____>__________"
    for wrong in ("123", "9", "12345678_2"):
        with pytest.raises(DataError, match="input"):
            dataset.parse_input(wrong)
