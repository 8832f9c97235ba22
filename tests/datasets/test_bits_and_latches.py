"""parity, echo, lookahead, recall and latch: what their samples are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from workbench.cards import IGNORE_INDEX, DatasetCard, Vectors
from workbench.datasets.echo import Echo
from workbench.datasets.latch import Latch
from workbench.datasets.lookahead import Lookahead
from workbench.datasets.parity import Parity
from workbench.datasets.recall import Recall
from workbench.errors import DataError


def test_parity_is_the_running_exclusive_or() -> None:
    """Each answer is the last one, turned over by a one."""
    batch = Parity.open(Parity.Config(length=20)).train_batch(0, 3, 8)
    answer = np.zeros(8, dtype=np.int64)
    for t in range(20):
        answer ^= batch.inputs[:, t, 0].astype(np.int64)
        np.testing.assert_array_equal(batch.targets[:, t], answer)


@pytest.mark.parametrize("card", [Parity, Echo])
def test_bits_are_tested_at_another_length(card: type[DatasetCard[Any]]) -> None:
    """Test sequences have their own length, validation ones the trained one, and the task then promises only a longest one."""
    dataset = card.open(card.Config.model_validate({"length": 12, "test_length": 40}))
    assert dataset.held_out("test").inputs.shape == (1000, 40, 1)
    assert dataset.held_out("test").targets.shape == (1000, 40)
    assert dataset.held_out("validation").inputs.shape[1:] == (12, 1)
    assert dataset.train_batch(0, 0, 2).inputs.shape == (2, 12, 1)
    assert dataset.task.inputs == Vectors(1, None, max_length=40)
    same = card.Config.model_validate({"length": 12, "test_length": 12})
    assert card.task(same).inputs == Vectors(1, 12)


def test_an_echo_fits_the_shorter_of_both_lengths() -> None:
    """Its answers are the bits `delay` steps before, in the longer test sequences too."""
    batch = Echo.open(Echo.Config(length=12, test_length=40, delay=5)).held_out("test")
    np.testing.assert_array_equal(batch.targets[:, 5:], batch.inputs[:, :-5, 0])
    assert (batch.targets[:, :5] == IGNORE_INDEX).all()
    with pytest.raises(ValidationError, match="below the length 8, got 9"):
        Echo.Config(length=12, test_length=8, delay=9)


def test_lookahead_tells_what_comes() -> None:
    """Each answer is the bit `ahead` steps later; the last ones do not count."""
    batch = Lookahead.open(Lookahead.Config(length=20, ahead=4)).train_batch(0, 1, 8)
    np.testing.assert_array_equal(batch.targets[:, :-4], batch.inputs[:, 4:, 0])
    assert np.isin(batch.targets[:, -4:], IGNORE_INDEX).all()
    with pytest.raises(ValidationError, match="below the length 10, got 10"):
        Lookahead.Config(length=10, ahead=10)


def test_recall_waits_and_then_says_the_first_symbol() -> None:
    """One-hot symbols, a mark at the last step, and answers that say nothing before it."""
    dataset = Recall.open(Recall.Config(length=8))
    batch = dataset.train_batch(0, 0, 16)
    assert (batch.inputs[:, :, :4].sum(2) == 1).all()
    np.testing.assert_array_equal(batch.inputs[:, :, 4].sum(1), 1)
    assert (batch.inputs[:, -1, 4] == 1).all()
    assert (batch.targets[:, :-1] == 4).all()
    np.testing.assert_array_equal(batch.targets[:, -1], batch.inputs[:, 0, :4].argmax(1))
    np.testing.assert_array_equal(dataset.parse_input(dataset.input_text(batch.inputs[0])), batch.inputs[0])
    with pytest.raises(DataError, match=r"^input: .*expected"):
        dataset.parse_input("abx")


def test_latch_tells_the_class_once() -> None:
    """One of four channels is 1 at the first step; the rest is noise of the given size, whatever the class."""
    batch = Latch.open(Latch.Config(length=50, noise=0.5)).train_batch(0, 0, 400)
    assert (np.sort(batch.inputs[:, 0], axis=1) == [0, 0, 0, 1]).all()
    np.testing.assert_array_equal(batch.inputs[:, 0].argmax(1), batch.targets)
    assert float(batch.inputs[:, 1:].std()) == pytest.approx(0.5, rel=0.02)
    assert float(batch.inputs[:, 1:].mean()) == pytest.approx(0, abs=0.01)
    assert set(batch.targets.tolist()) == {0, 1, 2, 3}


def test_latch_tells_the_class_within_the_window() -> None:
    """At a random one of the first steps exactly one channel is 1 and the others 0; it is the class."""
    batch = Latch.open(Latch.Config(length=30, window=10)).train_batch(0, 0, 400)
    told = (np.sort(batch.inputs, axis=2) == [0, 0, 0, 1]).all(2)
    np.testing.assert_array_equal(told.sum(1), 1)
    when = told.argmax(1)
    assert set(when.tolist()) == set(range(10))
    np.testing.assert_array_equal(batch.inputs[np.arange(400), when].argmax(1), batch.targets)
    with pytest.raises(ValidationError, match="window of at most the length 30, got 31"):
        Latch.Config(length=30, window=31)
