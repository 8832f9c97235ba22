"""mnist: the IDX format, the views, the shipped files, and folders of other data."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from workbench.cards import Classes, Image, Split, Vectors
from workbench.cards.stored_task import carried_from_dict, carried_to_dict, task_to_dict
from workbench.datasets import mnist
from workbench.datasets._idx import find_idx_files, read_header, read_images
from workbench.datasets.mnist import SHIPPED, Mnist, MnistDataset
from workbench.errors import DataError

SPLITS: tuple[Split, ...] = ("validation", "test")
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
pictures = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5))


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """The array as an IDX file, written down from the format's description."""
    head = bytes((0, 0, 8, array.ndim)) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return head + array.tobytes()


def write_folder(folder: Path, n: int = 30, *, size: tuple[int, int] = (4, 6), test: str = "t10k", packed: bool = False) -> Path:
    """A folder of n training and n / 2 test pictures with labels 0, 1, 2."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for split, number in (("train", n), (test, n // 2)):
        images = rng.integers(0, 256, (number, *size)).astype(np.uint8)
        labels = (np.arange(number) % 3).astype(np.uint8)
        for name, array in ((f"{split}-images-idx3-ubyte", images), (f"{split}-labels-idx1-ubyte", labels)):
            data = idx_bytes(array)
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return folder


def open_mnist(**values: Any) -> MnistDataset:
    return Mnist.open(Mnist.Config.model_validate(values))


@same_folder
@given(array=pictures, packed=st.booleans())
def test_idx_is_read_as_written(tmp_path: Path, array: NDArray[np.uint8], *, packed: bool) -> None:
    """Any array of bytes comes back as it was, plain or packed, and its sizes are in the header."""
    path = tmp_path / ("file.gz" if packed else "file")
    path.write_bytes(gzip.compress(idx_bytes(array)) if packed else idx_bytes(array))
    assert read_header(path) == array.shape
    np.testing.assert_array_equal(read_images(path), array)


@same_folder
@given(array=pictures, data=st.data(), packed=st.booleans())
def test_damaged_idx_is_one_line(tmp_path: Path, array: NDArray[np.uint8], data: st.DataObject, *, packed: bool) -> None:
    """A file cut anywhere, packed or not, is refused in one line that names it."""
    whole = gzip.compress(idx_bytes(array)) if packed else idx_bytes(array)
    path = tmp_path / ("cut.gz" if packed else "cut")
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(DataError, match="cut") as caught:
        read_images(path)
    assert "\n" not in str(caught.value)


def test_shipped_digits_are_the_original_ones() -> None:
    """The four files have their digests, 60,000 and 10,000 pictures, and their licence beside them."""
    dataset = open_mnist()
    assert len(dataset.arrays.train_images) == 60_000
    assert len(dataset.held_out("test")) == 10_000
    assert len(dataset.held_out("validation")) == 5000
    assert dataset.num_train == 55_000
    assert "Attribution-ShareAlike 3.0" in (SHIPPED / "LICENSE").read_text(encoding="utf-8")
    counts = np.bincount(dataset.arrays.test_labels)
    assert counts.max() / 10_000 == dataset.task.baselines[0].value
    assert int(counts.argmax()) == int(np.bincount(dataset.arrays.train_labels).argmax())


def test_shipped_digits_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed byte in a shipped file is found."""
    shutil.copytree(SHIPPED, tmp_path / "mnist")
    damaged = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    data = bytearray(damaged.read_bytes())
    data[-1] ^= 1
    damaged.write_bytes(data)
    monkeypatch.setattr(mnist, "SHIPPED", tmp_path / "mnist")
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte.gz: the file is damaged"):
        open_mnist()


def test_task_needs_no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped set's task is told without reading a file."""
    monkeypatch.setattr(mnist, "SHIPPED", Path("nowhere"))
    assert Mnist.task(Mnist.Config()).inputs == Image(1, 28, 28)
    assert Mnist.task(Mnist.Config(view="rows")).inputs == Vectors(28, 28)
    assert Mnist.task(Mnist.Config(view="pixels")).inputs == Vectors(1, 784)


def test_views_show_the_same_picture() -> None:
    """Rows and pixels are the picture cut up; permuted pixels are the same ones in one fixed order; values are x / 255."""
    image, rows, pixels, shuffled = (
        open_mnist(**settings).train_batch(0, 0, 8).inputs.astype(np.float64)
        for settings in ({}, {"view": "rows"}, {"view": "pixels"}, {"view": "pixels", "permute": True})
    )
    np.testing.assert_array_equal(image[:, 0], rows)
    np.testing.assert_array_equal(rows.reshape(8, 784, 1), pixels)
    assert not np.array_equal(shuffled, pixels)
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), np.sort(pixels, axis=1))
    stored = open_mnist().arrays.train_images
    raw = np.rint(image[0, 0] * 255).astype(np.uint8)
    assert (stored == raw).all(axis=(1, 2)).any()
    assert image.max() == pytest.approx(1)
    assert image.min() == 0


def test_training_and_validation_share_no_picture() -> None:
    """One epoch of training holds every picture that does not validate, once."""
    dataset = open_mnist()
    walked = np.concatenate([dataset._epochs.indices(3, step, 100) for step in range(550)])
    trained = dataset._train[walked]
    assert len(np.unique(trained)) == 55_000
    assert not set(trained.tolist()) & set(dataset._validation.tolist())


@pytest.mark.parametrize(("test", "packed"), [("t10k", False), ("test", True)])
def test_other_folder(tmp_path: Path, test: str, *, packed: bool) -> None:
    """Any folder in the layout is read, plain or packed; classes are counted and small sets are divided."""
    folder = write_folder(tmp_path / "fashion", test=test, packed=packed)
    config = Mnist.Config(path=str(folder))
    task = Mnist.task(config)
    dataset = Mnist.open(config)
    assert task == dataset.task
    assert task.inputs == Image(1, 4, 6)
    assert task.outputs == Classes(("0", "1", "2"))
    assert (dataset.num_train, len(dataset.held_out("validation")), len(dataset.held_out("test"))) == (28, 2, 15)
    assert "fashion" in Mnist.describe(config)


def test_transposed_pictures_are_turned(tmp_path: Path) -> None:
    """Pictures stored with rows and columns swapped come out upright."""
    folder = write_folder(tmp_path / "emnist")
    upright, turned = (open_mnist(path=str(folder), transposed=flag) for flag in (False, True))
    assert turned.task.inputs == Image(1, 6, 4)
    np.testing.assert_array_equal(turned.arrays.train_images, upright.arrays.train_images.swapaxes(1, 2))


def test_one_of_several_sets_is_chosen_by_its_beginning(tmp_path: Path) -> None:
    """A folder of several sets, as EMNIST comes, asks for the beginning of the names and then takes it."""
    for name in ("letters", "digits"):
        for file in write_folder(tmp_path / "one").iterdir():
            shutil.copy(file, tmp_path / f"emnist-{name}-{file.name}")
    with pytest.raises(DataError, match=r"2 datasets.*emnist-digits.*emnist-letters"):
        find_idx_files(tmp_path)
    assert find_idx_files(tmp_path / "emnist-letters").train_images.name == "emnist-letters-train-images-idx3-ubyte"


def header(kind: int, *sizes: int) -> bytes:
    return bytes((0, 0, kind, len(sizes))) + b"".join(size.to_bytes(4, "big") for size in sizes)


def test_what_a_file_is_shows_in_its_content(tmp_path: Path) -> None:
    """Packed without .gz, plain with it, whatever files macOS puts beside them, and integers as QMNIST has them."""
    plain = write_folder(tmp_path / "plain")
    odd = tmp_path / "odd"
    odd.mkdir()
    for file in plain.iterdir():
        (odd / f"._{file.name}").write_bytes(b"\x00\x05\x16\x07sidecar")
    (odd / ".DS_Store").write_bytes(b"x")
    (odd / "__MACOSX").mkdir()
    shutil.copy(plain / "train-images-idx3-ubyte", odd / "qmnist-train-images-idx3-ubyte.gz")
    (odd / "qmnist-test-images-idx3-ubyte").write_bytes(gzip.compress((plain / "t10k-images-idx3-ubyte").read_bytes()))
    for split, name in (("train", "train"), ("t10k", "test")):
        labels = np.frombuffer((plain / f"{split}-labels-idx1-ubyte").read_bytes()[8:], dtype=np.uint8)
        table = np.zeros((len(labels), 8), dtype=">i4")
        table[:, 0] = labels
        (odd / f"qmnist-{name}-labels-idx2-int").write_bytes(header(0x0C, *table.shape) + table.tobytes())
    one, other = open_mnist(path=str(plain)), open_mnist(path=str(odd))
    for split in SPLITS:
        np.testing.assert_array_equal(one.held_out(split).inputs, other.held_out(split).inputs)
        np.testing.assert_array_equal(one.held_out(split).targets, other.held_out(split).targets)


def test_choices_that_are_named_can_be_taken(tmp_path: Path) -> None:
    """Of two sets in one folder, one without a beginning of its own, each choice of the message opens one."""
    folder = write_folder(tmp_path / "two")
    for file in list(folder.iterdir()):
        shutil.copy(file, folder / f"kmnist-{file.name}")
    with pytest.raises(DataError, match="2 datasets") as told:
        find_idx_files(folder)
    choices = str(told.value).split("'")[1::2]
    assert {find_idx_files(Path(choice)).train_images.name.startswith("kmnist") for choice in choices} == {False, True}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html>404", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (header(0x0C, 30, 4, 6) + np.full(720, 256, ">i4").tobytes(), "not bytes"),
        (header(0x0D, 30, 4, 6) + bytes(2880), "not bytes"),
        (header(8, 30, 4, 6) + bytes(700), "truncated"),
        (header(8, 30, 4, 6) + bytes(740), "extra bytes"),
        (header(8, 30, 4, 6, 3) + bytes(2160), "greyscale images"),
        (header(8, 2**32 - 1, 2**32 - 1, 2**32 - 1), "truncated"),
    ],
)
def test_the_true_cause_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    """What a file is instead, or what its numbers are; never that it is damaged where it is not."""
    folder = write_folder(tmp_path / "data")
    (folder / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError) as told:
        open_mnist(path=str(folder))
    assert reason in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("view", ["image", "rows", "pixels"])
def test_pictures_are_taken_without_the_files_of_training(tmp_path: Path, view: str) -> None:
    """With what a model carries a picture goes in although the files are gone; a stored one is refused in one line."""
    folder = write_folder(tmp_path / "data", size=(5, 5))
    config = Mnist.Config.model_validate({"path": str(folder), "view": view})
    np.save(tmp_path / "one.npy", np.full((5, 5), 7, dtype=np.uint8))
    expected = Mnist.open(config).parse_input(str(tmp_path / "one.npy"))
    carried = carried_from_dict(
        carried_to_dict(Mnist.carried(config)) | {"task": json.loads(json.dumps(task_to_dict(Mnist.task(config))))}
    )
    (folder / "t10k-labels-idx1-ubyte").write_bytes(header(8, 15) + bytes([9] * 15))
    changed = Mnist.open_carried(config, carried)
    with pytest.raises(DataError, match="changed since"):
        changed.held_out("test")
    with pytest.raises(DataError, match="outside the model's 3 classes"):
        Mnist.open_carried(config, carried, accept_changed=True).held_out("test")
    shutil.rmtree(folder)
    without = Mnist.open_carried(config, carried)
    np.testing.assert_array_equal(without.parse_input(str(tmp_path / "one.npy")), expected)
    assert without.picture(expected).shape == (5, 5)
    with pytest.raises(DataError, match="not here"):
        without.parse_input("test:0")


def test_changed_files_are_read_again(tmp_path: Path) -> None:
    """Arrays are kept in the process, but not past a change of the files."""
    folder = write_folder(tmp_path / "data")
    first = open_mnist(path=str(folder))
    assert open_mnist(path=str(folder)).arrays is first.arrays
    write_folder(folder, n=40)
    assert open_mnist(path=str(folder)).num_train == 37


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    """No folder, missing files, counts or sizes that differ: one line each that says which."""
    with pytest.raises(DataError, match=r"no such folder"):
        Mnist.task(Mnist.Config(path=str(tmp_path / "a" / "b")))
    with pytest.raises(DataError, match=r"/a: no such folder; .* Check data\.path\."):
        Mnist.task(Mnist.Config(path=str(tmp_path / "a")))
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(DataError, match=r"notes\.txt: not a file of a dataset"):
        Mnist.task(Mnist.Config(path=str(tmp_path / "notes.txt")))
    with pytest.raises(DataError, match=r"missing: train images, train labels, test images, test labels"):
        Mnist.task(Mnist.Config(path=str(tmp_path)))
    folder = write_folder(tmp_path / "labels")
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(3, dtype=np.uint8)))
    with pytest.raises(DataError, match=r"3 labels for 15 images"):
        open_mnist(path=str(folder))
    folder = write_folder(tmp_path / "sizes")
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((15, 5, 5), dtype=np.uint8)))
    with pytest.raises(DataError, match=r"4 x 6 and 5 x 5"):
        open_mnist(path=str(folder))
    folder = write_folder(tmp_path / "swapped")
    (folder / "train-images-idx3-ubyte").write_bytes((folder / "train-labels-idx1-ubyte").read_bytes())
    with pytest.raises(DataError, match=r"1 axes; expected 3"):
        Mnist.task(Mnist.Config(path=str(folder)))


def test_typed_inputs(tmp_path: Path) -> None:
    """A stored picture by its number, or a file of bytes or fractions, in the view of the dataset."""
    dataset = open_mnist(view="rows")
    stored = dataset.parse_input("test:12")
    np.testing.assert_array_equal(stored, dataset.held_out("test").inputs[12])
    picture = dataset.arrays.train_images[5]
    for name, array in (("bytes", picture), ("fractions", picture / 255), ("stack", picture[None])):
        np.save(tmp_path / f"{name}.npy", array)
        read = dataset.parse_input(str(tmp_path / f"{name}.npy"))
        np.testing.assert_array_equal(read, dataset.parse_input("train:5"))


def test_wrong_inputs_are_told(tmp_path: Path) -> None:
    """A number out of range, another size, values out of range or other words are refused in one line."""
    dataset = open_mnist()
    np.save(tmp_path / "small.npy", np.zeros((3, 3)))
    np.save(tmp_path / "loud.npy", np.full((28, 28), 2.0))
    for text, reason in (
        ("test:10000", "test:0 to test:9999"),
        ("train:-1", "train:0"),
        ("seven", "expected test:NUMBER"),
        (str(tmp_path / "small.npy"), "3 x 3; expected 28 x 28"),
        (str(tmp_path / "loud.npy"), "out of range"),
        (str(tmp_path / "none.npy"), "cannot be read"),
    ):
        with pytest.raises(DataError, match=reason) as caught:
            dataset.parse_input(text)
        assert "\n" not in str(caught.value)
