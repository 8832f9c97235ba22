"""The counter-based generator, the split by content, and the order of epochs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.datasets._generator import TEST, TRAIN, VALIDATION, ContentSplit, keyed_generator
from workbench.datasets._stored import EpochOrder, fixed_order

seeds = st.integers(0, 2**63 - 1)
steps = st.integers(0, 2**40)


@given(seeds, steps, st.integers(0, 20))
def test_generator_is_a_function_of_its_key(seed: int, step: int, stream: int) -> None:
    """The same key gives the same numbers; another seed, step or stream gives others."""
    first = keyed_generator(seed, step, stream).random(4).tolist()
    assert keyed_generator(seed, step, stream).random(4).tolist() == first
    for other in ((seed ^ 1, step, stream), (seed, step + 1, stream), (seed, step, stream + 1)):
        assert keyed_generator(*other).random(4).tolist() != first


@given(st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=1, max_size=50), st.integers(0, 5))
def test_split_depends_on_content_alone(contents: list[list[int]], extra: int) -> None:
    """A sample has the same split alone, among others, and padded with zeros."""
    split = ContentSplit(12, 1e9)
    array = np.array(contents)
    together = split.of(array)
    padded = split.of(np.pad(array, ((0, 0), (0, extra))))
    np.testing.assert_array_equal(together, padded)
    for row, expected in zip(array, together, strict=True):
        assert split.of(row[None])[0] == expected


@pytest.mark.slow
def test_split_has_its_shares() -> None:
    """Of all twenty-bit samples a 64th part validates and a 64th part tests; a small space gives an eighth each."""
    bits = (np.arange(2**20)[:, None] >> np.arange(20)) & 1
    for space, share in ((2.0**20, 1 / 64), (2.0**10, 1 / 8)):
        split = ContentSplit(20, space).of(bits)
        assert set(np.unique(split)) == {TRAIN, VALIDATION, TEST}
        for part in (VALIDATION, TEST):
            assert abs(np.mean(split == part) / share - 1) < 0.05


@pytest.mark.slow
def test_hash_tells_samples_apart() -> None:
    """Among a million different samples no two have the same hash."""
    bits = (np.arange(2**20)[:, None] >> np.arange(20)) & 1
    assert len(np.unique(ContentSplit(20, 1e9).hashes(bits))) == 2**20


@given(st.integers(1, 60), st.integers(1, 90), seeds)
def test_epochs_follow_without_gap(num_samples: int, size: int, seed: int) -> None:
    """Read one after another, the batches are permutations of all samples, one per epoch, at any batch size."""
    order = EpochOrder(num_samples)
    num_steps = 3 * num_samples // size + 1
    walked = np.concatenate([order.indices(seed, step, size) for step in range(num_steps)])
    assert len(walked) == num_steps * size
    for epoch in range(len(walked) // num_samples):
        part = walked[epoch * num_samples : (epoch + 1) * num_samples]
        np.testing.assert_array_equal(np.sort(part), np.arange(num_samples))


@given(st.integers(50, 200), seeds)
def test_epochs_differ(num_samples: int, seed: int) -> None:
    """Each epoch and each seed has its own order, and a step needs no earlier one."""
    order = EpochOrder(num_samples)
    first, second = (order.indices(seed, epoch, num_samples) for epoch in (0, 1))
    assert first.tolist() != second.tolist()
    assert first.tolist() != order.indices(seed ^ 1, 0, num_samples).tolist()
    np.testing.assert_array_equal(EpochOrder(num_samples).indices(seed, 1, num_samples), second)


def test_fixed_order_is_a_permutation() -> None:
    """The order that cuts off held-out sets is one permutation, the same each time."""
    np.testing.assert_array_equal(np.sort(fixed_order(100)), np.arange(100))
    np.testing.assert_array_equal(fixed_order(100), fixed_order(100))
