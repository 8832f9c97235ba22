"""mnist: handwritten digits, or any data set in the same files, as pictures, as rows or pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Config, Dataset, DatasetCard, PathText, Split, setting
from workbench.datasets._idx import IdxFolder, find_idx_files, read_header, read_idx
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.errors import DataError
from workbench.held_out import HeldOut
from workbench.parsing import read_array, sample_place
from workbench.task import Baseline, Batch, Classes, Image, Task, TaskKind, Vectors

__all__ = ["Mnist"]

SHIPPED = Path(__file__).parent / "files" / "mnist"
DIGESTS = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}
_MOST_FREQUENT = 0.1135  # 1,135 of the 10,000 test digits are ones, which are also the most frequent in training
_SCALE = np.float32(1 / 255)
_SHADES = " ░▒▓█"
_MAX_VALIDATION = 5000
_MATRIX, _STACK = 2, 3


class MnistConfig(Config):
    """Settings of the digits."""

    view: Literal["image", "rows", "pixels"] = setting(
        "image", "How a picture is given: whole, as a sequence of its rows, or as a sequence of its pixels."
    )
    permute: bool = setting(False, "Give the pixels in one fixed shuffled order (only for view = pixels).", advanced=True)
    path: PathText = setting("", "Folder of IDX files (Fashion-MNIST, KMNIST, EMNIST ...); empty for the digits shipped here.")
    transposed: bool = setting(False, "The files hold each picture with rows and columns swapped, as EMNIST does.", advanced=True)


@dataclass(frozen=True)
class _Arrays:
    """All pictures, (n, height, width) uint8, and labels, (n,) uint8."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


class Mnist(DatasetCard[MnistConfig]):
    """MNIST in three views, and its drop-in replacements by `path`."""

    Config = MnistConfig
    title = "MNIST digits"
    group = "Images"
    summary = (
        "70,000 handwritten digits of 28 x 28 grey values. Seen whole it is the first test of a convolution; "
        "row by row or pixel by pixel it becomes a sequence of 28 or 784 steps that tests a network's memory."
    )
    reference = (
        "LeCun, Bottou, Bengio & Haffner 1998, Proc. IEEE 86(11); as a pixel sequence: Le, Jaitly & Hinton 2015, "
        "arXiv:1504.00941, section 4.2. Data by Yann LeCun and Corinna Cortes, CC BY-SA 3.0."
    )
    held_out = HeldOut(
        "disjoint",
        "the test set is the files' own, and validation is cut off from their training pictures.",
        samples=10_000,
        effective=10_000,
    )

    @classmethod
    def task(cls, config: MnistConfig) -> Task:
        """A picture or sequence in, one of the classes out; the shipped files are not opened."""
        if not config.path:
            return _task(config, 28, 28, 10, _MOST_FREQUENT)
        files = find_idx_files(Path(config.path).expanduser())
        sizes = read_header(files.train_images)
        if len(sizes) != _STACK:
            raise DataError(f"{files.train_images}: got {len(sizes)} axes; expected 3. Check that it holds images.")
        train, test = read_idx(files.train_labels, 1), read_idx(files.test_labels, 1)
        if len(train) == 0 or len(test) == 0:
            raise DataError(f"{files.train_labels.parent}: got a set without samples; expected some. Check data.path.")
        _, height, width = sizes if not config.transposed else (sizes[0], sizes[2], sizes[1])
        guess = int(np.bincount(train).argmax())
        return _task(config, height, width, int(max(train.max(), test.max())) + 1, float(np.mean(test == guess)))

    @classmethod
    def open(cls, config: MnistConfig) -> MnistDataset:
        """The pictures in memory, as bytes; read once per process."""
        task = cls.task(config)
        files = find_idx_files(Path(config.path).expanduser() if config.path else SHIPPED)
        arrays = _load(files, files.stamp, shipped=not config.path, transposed=config.transposed)
        return MnistDataset(task, config, arrays)

    @classmethod
    def describe(cls, config: MnistConfig) -> str:
        """What is asked in this view."""
        what = "Handwritten digits" if not config.path else f"Pictures from {Path(config.path).name}"
        match config.view:
            case "image":
                how = "as whole pictures"
            case "rows":
                how = "as sequences of their rows, one row of grey values per step"
            case "pixels":
                order = "in one fixed shuffled order" if config.permute else "row after row"
                how = f"pixel by pixel {order}, one grey value per step"
        return f"{what} {how}, grey values scaled to 0..1; the answer is the class."


def _task(config: MnistConfig, height: int, width: int, num_classes: int, guess: float) -> Task:
    """The task in one of the views; `guess` is the accuracy of always naming the most frequent class."""
    match config.view:
        case "image":
            inputs: Image | Vectors = Image(1, height, width)
        case "rows":
            inputs = Vectors(width, height)
        case "pixels":
            inputs = Vectors(1, height * width)
    names = tuple(str(label) for label in range(num_classes))
    baseline = Baseline("accuracy", guess, "always naming the most frequent class")
    return Task(TaskKind.CLASSIFY, inputs, Classes(names), (baseline,))


@lru_cache(maxsize=2)
def _load(files: IdxFolder, stamp: object, *, shipped: bool, transposed: bool) -> _Arrays:  # noqa: ARG001 - stamp is part of the key
    """The four arrays, checked against one another."""
    digests = DIGESTS if shipped else None
    arrays = _Arrays(
        read_idx(files.train_images, 3, digests),
        read_idx(files.train_labels, 1, digests),
        read_idx(files.test_images, 3, digests),
        read_idx(files.test_labels, 1, digests),
    )
    for images, labels, path in (
        (arrays.train_images, arrays.train_labels, files.train_labels),
        (arrays.test_images, arrays.test_labels, files.test_labels),
    ):
        if len(images) != len(labels):
            raise DataError(f"{path}: got {len(labels)} labels for {len(images)} images; expected as many. Check the pair.")
    if arrays.train_images.shape[1:] != arrays.test_images.shape[1:]:
        sizes = " and ".join(f"{images.shape[1]} x {images.shape[2]}" for images in (arrays.train_images, arrays.test_images))
        raise DataError(f"{files.test_images}: training and test images are {sizes}; expected one size. Check data.path.")
    if len(arrays.train_images) < _MATRIX:
        raise DataError(f"{files.train_images}: got one image; expected at least 2, one to train and one to validate. Add some.")
    if not transposed:
        return arrays
    train, test = (np.ascontiguousarray(images.swapaxes(1, 2)) for images in (arrays.train_images, arrays.test_images))
    return _Arrays(train, arrays.train_labels, test, arrays.test_labels)


class MnistDataset(Dataset):
    """Stored pictures: a fixed twelfth of the training files (at most 5,000) validates, the rest trains."""

    def __init__(self, task: Task, config: MnistConfig, arrays: _Arrays) -> None:
        order = fixed_order(len(arrays.train_images))
        num_validation = min(_MAX_VALIDATION, max(1, len(order) // 12))
        self._train, self._validation = order[:-num_validation], order[-num_validation:]
        super().__init__(task, num_train=len(self._train))
        self.config = config
        self.arrays = arrays
        self._epochs = EpochOrder(len(self._train))
        num_pixels = int(np.prod(arrays.train_images.shape[1:]))
        self._pixels = fixed_order(num_pixels) if config.permute else None

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The pictures of a step in the epoch's order."""
        indices = self._train[self._epochs.indices(seed, step, size)]
        return self._batch(self.arrays.train_images[indices], self.arrays.train_labels[indices])

    def held_out(self, split: Split) -> Batch:
        """The validation part of the training files, or the test files."""
        if split == "test":
            return self._batch(self.arrays.test_images, self.arrays.test_labels)
        return self._batch(self.arrays.train_images[self._validation], self.arrays.train_labels[self._validation])

    def _batch(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Batch:
        return Batch(self._view(images), labels.astype(np.int64))

    def _view(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bytes (n, height, width) as numbers 0..1 in the chosen view."""
        match self.config.view:
            case "image":
                viewed = images[:, None]
            case "rows":
                viewed = images
            case "pixels":
                viewed = images.reshape(len(images), -1, 1)
                if self._pixels is not None:
                    viewed = viewed[:, self._pixels]
        return np.multiply(viewed, _SCALE, dtype=np.float32)

    def picture(self, inputs: NDArray[np.generic]) -> NDArray[np.uint8]:
        """The picture behind any view, shuffled pixels put back in their places."""
        grey = inputs.reshape(-1).astype(np.float32)
        if self._pixels is not None:
            ordered = np.empty_like(grey)
            ordered[self._pixels] = grey
            grey = ordered
        shades: NDArray[np.uint8] = np.rint(grey.reshape(self.arrays.train_images.shape[1:]) * 255).astype(np.uint8)
        return shades

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """Nothing for a picture, which is drawn; a sequence as one shade per row or per 28 pixels."""
        if self.config.view == "image":
            return ""
        width = self.arrays.train_images.shape[2]
        means = np.asarray(inputs, dtype=np.float32).reshape(-1, width).mean(axis=1)
        top = max(float(means.max(initial=0)), 1e-6)
        return "".join(_SHADES[round(float(mean) / top * (len(_SHADES) - 1))] for mean in means)

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A stored picture by its place in the files (`test:12`, `train:5`, from 0), or a .npy file of the same size.

        Raises:
            DataError: it is neither, or there is no such picture.
        """
        stored = {"test": self.arrays.test_images, "train": self.arrays.train_images}
        places = {name: sample_place(text, name, len(images)) for name, images in stored.items()}
        named = [stored[name][place] for name, place in places.items() if place is not None]
        if not named and not text.strip().endswith(".npy"):
            raise DataError(f"input: got {text!r}; expected test:NUMBER, train:NUMBER or a .npy file. Try test:0.")
        picture = named[0] if named else self._picture(Path(text.strip()).expanduser())
        viewed: NDArray[np.float32] = self._view(picture[None])[0]
        return viewed

    def _picture(self, path: Path) -> NDArray[np.uint8]:
        """One picture from a file: bytes 0..255, or fractions 0..1 when it holds floating-point numbers."""
        array = read_array(path)
        array = array[0] if array.ndim == _STACK and len(array) == 1 else array
        height, width = self.arrays.train_images.shape[1:]
        if array.shape != (height, width):
            shape = " x ".join(map(str, array.shape))
            raise DataError(f"{path}: got an array of {shape}; expected {height} x {width}. Resize the picture.")
        values = array.astype(np.float64) * (255 if array.dtype.kind in "fb" else 1)
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255):  # noqa: PLR2004 - a byte
            raise DataError(f"{path}: got values out of range; expected whole numbers 0..255 or fractions 0..1. Rescale it.")
        return np.rint(values).astype(np.uint8)
