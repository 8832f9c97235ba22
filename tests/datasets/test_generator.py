"""The counter-based generator, the split by content, and the order of epochs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.datasets._generator import TEST, TRAIN, VALIDATION, ContentSplit
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.datasets._streams import random_stream, stream_number

seeds = st.integers(0, 2**63 - 1)
steps = st.integers(0, 2**40)


@given(seeds, steps, st.sampled_from(["train", "validation", "pixels"]))
def test_generator_is_a_function_of_its_key(seed: int, step: int, purpose: str) -> None:
    """The same key gives the same numbers; another card, purpose, seed or step gives others."""

    def numbers(module: str, purpose: str, seed: int, step: int) -> list[float]:
        return list(random_stream(module, purpose, seed=seed, step=step).random(4))

    first = numbers("here.adding", purpose, seed, step)
    assert numbers("elsewhere.adding", purpose, seed, step) == first
    others = (
        ("here.parity", purpose, seed, step),
        ("here.adding", "another", seed, step),
        ("here.adding", purpose, seed ^ 1, step),
        ("here.adding", purpose, seed, step + 1),
    )
    for other in others:
        assert numbers(*other) != first


def test_the_number_of_a_stream_stands_for_good() -> None:
    """On it depend all generated data: BLAKE2b of 8 bytes, little-endian, as other programs give it (`b2sum -l 64`)."""
    assert stream_number("workbench.datasets.adding", "train") == int.from_bytes(bytes.fromhex("c249c40f57dfcd0b"), "little")


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
    order = EpochOrder("card", num_samples)
    num_steps = 3 * num_samples // size + 1
    walked = np.concatenate([order.indices(seed, step, size) for step in range(num_steps)])
    assert len(walked) == num_steps * size
    for epoch in range(len(walked) // num_samples):
        part = walked[epoch * num_samples : (epoch + 1) * num_samples]
        np.testing.assert_array_equal(np.sort(part), np.arange(num_samples))


@given(st.integers(50, 200), seeds)
def test_epochs_differ(num_samples: int, seed: int) -> None:
    """Each epoch and each seed has its own order, and a step needs no earlier one."""
    order = EpochOrder("card", num_samples)
    first, second = (order.indices(seed, epoch, num_samples) for epoch in (0, 1))
    assert first.tolist() != second.tolist()
    assert first.tolist() != order.indices(seed ^ 1, 0, num_samples).tolist()
    np.testing.assert_array_equal(EpochOrder("card", num_samples).indices(seed, 1, num_samples), second)


def test_fixed_order_is_a_permutation() -> None:
    """The order that cuts off held-out sets is one permutation, the same each time."""
    np.testing.assert_array_equal(np.sort(fixed_order("card", "held out", 100)), np.arange(100))
    np.testing.assert_array_equal(fixed_order("card", "held out", 100), fixed_order("card", "held out", 100))
