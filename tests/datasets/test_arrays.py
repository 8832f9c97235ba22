"""Arrays from a person's program: what is asked shows in their shapes and kinds, and what does not fit is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.cards import IGNORE_INDEX, Classes, Tokens, Vectors
from workbench.datasets.arrays import Arrays, ArraysConfig, array_file
from workbench.errors import ChangedDataError, DataError
from workbench.experiment.proposal import propose

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5, 2))
STEPS = RNG.integers(0, 3, (60, 5))


def stored(folder: Path, **arrays: Any) -> ArraysConfig:
    path = folder / "x.npz"
    path.write_bytes(array_file({name: np.asarray(array) for name, array in arrays.items()}, "test"))
    return ArraysConfig(path=str(path))


@pytest.mark.parametrize(
    ("inputs", "targets", "expected"),
    [
        (X, np.arange(60) % 3, ("classify", Vectors(2, 5), Classes(("0", "1", "2")))),
        (X, np.arange(60) % 2 == 0, ("classify", Vectors(2, 5), Classes(("0", "1")))),
        (X, STEPS, ("label", Vectors(2, 5), Classes(("0", "1", "2")))),
        (X[:, :, 0], X.sum((1, 2)), ("regress", Vectors(1, 5), Vectors(1))),
        (X, X.cumsum(1), ("forecast", Vectors(2, 5), Vectors(2))),
        (STEPS, np.arange(60) % 2, ("classify", Tokens(("0", "1", "2"), 5, special=False), Classes(("0", "1")))),
    ],
)
def test_what_is_asked(inputs: Any, targets: Any, expected: tuple[Any, ...], tmp_path: Path) -> None:
    """Every sample is in one part, with its own target."""
    data = Arrays.open(stored(tmp_path, inputs=inputs, targets=targets))
    assert (data.task.kind, data.task.inputs, data.task.outputs) == expected
    parts = [data.train_batch(0, 0, data.num_train), data.held_out("validation"), data.held_out("test")]
    together = sorted(
        (np.ravel(part.inputs[i]).tolist(), np.ravel(part.targets[i]).tolist()) for part in parts for i in range(len(part))
    )
    inputs, targets = np.asarray(inputs, dtype=parts[0].inputs.dtype), np.asarray(targets).astype(parts[0].targets.dtype)
    assert together == sorted((np.ravel(inputs[i]).tolist(), np.ravel(targets[i]).tolist()) for i in range(60))
    assert propose(Path(data.sources[0].path)).dataset == "arrays"


def test_lengths_names_and_parts(tmp_path: Path) -> None:
    """As the file says; steps behind a sample's end have no label."""
    lengths = 1 + np.arange(60) % 5
    config = stored(tmp_path, inputs=X, targets=STEPS, lengths=lengths, classes=["a", "b", "c"], parts=np.arange(60) % 3)
    data = Arrays.open(config)
    test = data.held_out("test")
    assert test.lengths is not None
    assert test.lengths.tolist() == lengths[2::3].tolist()
    assert data.task.outputs == Classes(("a", "b", "c"))
    assert ((test.targets != IGNORE_INDEX).sum(1) == test.lengths).all()
    assert data.num_train == 20


def test_equal_arrays_are_equal_files(tmp_path: Path) -> None:
    """So that a run knows whether its data have changed."""
    assert array_file({"inputs": X, "targets": STEPS}, "x") == array_file({"targets": STEPS, "inputs": X.copy()}, "x")
    config = stored(tmp_path, inputs=X, targets=STEPS)
    carried = Arrays.carried(config)
    stored(tmp_path, inputs=X + 1, targets=STEPS)
    with pytest.raises(ChangedDataError):
        Arrays.open_carried(config, carried).held_out("test")
    assert len(Arrays.open_carried(config, carried, accept_changed=True).held_out("test")) == 9
    stored(tmp_path, inputs=X[:, :, :1], targets=STEPS)
    with pytest.raises(DataError, match="as the model has them"):
        Arrays.open_carried(config, carried, accept_changed=True).held_out("test")


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"inputs": X, "targets": np.arange(59)}, "expected as many of both"),
        ({"inputs": X, "targets": np.arange(60) - 5}, "got classes -5 to 54; expected 0 to 54"),
        ({"inputs": X, "targets": STEPS[:, :4]}, "got 4 for each sample; expected one, or 5"),
        ({"inputs": X * np.nan, "targets": STEPS}, "inputs: got values that are not finite"),
        ({"inputs": X, "targets": STEPS, "lengths": np.zeros(60, dtype=int)}, "lengths: got (60,); expected"),
        ({"inputs": X, "targets": STEPS, "parts": np.zeros(60)}, "expected (60,) of 0 (train)"),
        ({"inputs": X, "targets": STEPS, "weights": X}, "got array 'weights'; expected inputs, targets"),
        ({"inputs": -STEPS, "targets": STEPS}, "inputs: got tokens"),
        ({"inputs": np.array(["a"] * 60), "targets": STEPS}, "expected numbers of up to three axes"),
    ],
)
def test_what_does_not_fit(arrays: dict[str, Any], expected: str) -> None:
    """In one line, with the array's name."""
    with pytest.raises(DataError) as error:
        array_file(arrays, "train: data")
    assert expected in str(error.value)
    assert str(error.value).startswith("train: data: ")
