"""temporal_order: what its samples are, as the paper has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.datasets.temporal_order import SYMBOLS, TemporalOrder
from workbench.errors import DataError


def test_samples_are_those_of_the_paper() -> None:
    """Lengths 100-110, the two symbols after 10-20 and 50-60 others, E first and B last, and the class is their order."""
    batch = TemporalOrder.open(TemporalOrder.Config()).train_batch(1, 2, 2000)
    assert batch.lengths is not None
    texts = ["".join(SYMBOLS[k] for k in row.argmax(1)[:n]) for row, n in zip(batch.inputs, batch.lengths, strict=True)]
    assert set(map(len, texts)) == set(range(100, 111))
    places = np.array([[k for k, letter in enumerate(text) if letter in "XY"] for text in texts])
    assert set(places[:, 0].tolist()) == set(range(10, 21))
    assert set(places[:, 1].tolist()) == set(range(50, 61))
    assert all(text[0] == "E" and text[-1] == "B" for text in texts)
    assert all(set(text[1:-1]) <= set("abcdXY") for text in texts)
    pairs = ["".join(letter for letter in text if letter in "XY") for text in texts]
    assert [("XX", "XY", "YX", "YY")[k] for k in batch.targets.tolist()] == pairs
    assert np.bincount(batch.targets.astype(np.int64)) / 2000 == pytest.approx(0.25, abs=0.04)


def test_padding_is_zeros() -> None:
    """After the end of a sequence there is no symbol; before it there is one at each step."""
    batch = TemporalOrder.open(TemporalOrder.Config(length=20)).held_out("test")
    assert batch.lengths is not None
    there = np.arange(batch.inputs.shape[1]) < batch.lengths[:, None]
    np.testing.assert_array_equal(batch.inputs.sum(2), there.astype(np.float32))


def test_a_short_sequence_can_be_typed_in_again() -> None:
    """The text of a sample is read back as the sample."""
    dataset = TemporalOrder.open(TemporalOrder.Config(length=10))
    for sample in dataset.samples(dataset.train_batch(0, 0, 8)):
        np.testing.assert_array_equal(dataset.parse_input(sample.input_text), sample.inputs)


@pytest.mark.parametrize("text", ["", "E", "EXYa", "EXaB", "EXYXB", "aXYB", "EXYzB"])
def test_what_is_no_sequence_is_refused(text: str) -> None:
    """In one line that says what is expected."""
    with pytest.raises(DataError, match=r"^input: got .*expected") as caught:
        TemporalOrder.open(TemporalOrder.Config()).parse_input(text)
    assert "\n" not in str(caught.value)


def test_vectors_are_a_sequence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a .npy file are read, and one with other than two symbols that count is shown by its ends."""
    data = TemporalOrder.open(TemporalOrder.Config())
    vectors = np.eye(8, dtype=np.float32)[np.full(60, 2)]
    np.save(tmp_path / "series.npy", vectors)
    monkeypatch.chdir(tmp_path)
    read = data.parse_input("series.npy")
    assert np.array_equal(read, vectors)
    assert ".." in data.input_text(read)
