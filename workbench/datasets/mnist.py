"""mnist: handwritten digits, or any data set in the same files, as pictures, as rows or pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import isqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
    Baseline,
    Batch,
    Carried,
    Classes,
    Config,
    Dataset,
    DatasetCard,
    HeldOut,
    Image,
    PathText,
    SourceFile,
    Split,
    Task,
    Vectors,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.cards.typed_input import read_array, sample_place
from workbench.datasets._idx import IdxFolder, find_idx_files, read_header, read_images, read_labels
from workbench.datasets._pictures import PictureForm, View, shades_text, signal_of
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import said

__all__ = ["Mnist"]

SHIPPED = Path(__file__).parent / "files" / "mnist"
DIGESTS = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}
_MOST_FREQUENT = 0.1135  # 1,135 of the 10,000 test digits are ones, which are also the most frequent in training
_MAX_VALIDATION = 5000
_MATRIX, _STACK = 2, 3
_NUM_FILES = 4


class MnistConfig(Config):
    """Settings of the digits."""

    view: View = setting("image", "Input format: the whole image, a sequence of its rows, or a sequence of its pixels.")
    permute: bool = setting(False, "Shuffle the pixels by one fixed permutation (only for view = pixels).", advanced=True)
    path: PathText = setting(
        "", "Folder of IDX files (Fashion-MNIST, KMNIST, EMNIST ...), or one of them; empty for the included MNIST digits."
    )
    transposed: bool = setting(False, "The files store each image with rows and columns swapped, as EMNIST does.", advanced=True)


@dataclass(frozen=True)
class _Arrays:
    """All pictures, (n, height, width) uint8, and labels, (n,) uint8."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


class Mnist(DatasetCard[MnistConfig]):
    """MNIST in three views, and its drop-in replacements by `path`."""

    Config = MnistConfig
    paths = ("path",)
    title = "MNIST digits"
    group = "Images"
    summary = (
        "70,000 images of handwritten digits with 28 x 28 grey values. Whole images are a standard first test of convolutional "
        "networks; row by row or pixel by pixel they are sequences of 28 or 784 steps that test a network's memory."
    )
    reference = (
        "LeCun, Bottou, Bengio & Haffner 1998, Proc. IEEE 86(11); as a pixel sequence: Le, Jaitly & Hinton 2015, "
        "arXiv:1504.00941, section 4.2. Data by Yann LeCun and Corinna Cortes, CC BY-SA 3.0."
    )
    held_out = HeldOut(
        "disjoint",
        "the test set is that of the files; the validation set is split off from their training images.",
        samples=10_000,
        effective=10_000,
    )

    @classmethod
    def task(cls, config: MnistConfig) -> Task:
        """A picture or sequence in, one of the classes out; the shipped files are not opened."""
        if not config.path:
            return _task(config, 28, 28, 10, _MOST_FREQUENT)
        files = _files(config)
        sizes = read_header(files.train_images)
        if len(sizes) != _STACK:
            raise DataError(f"{files.train_images}: got {len(sizes)} axes; expected 3. Check that it contains greyscale images.")
        train, test = read_labels(files.train_labels), read_labels(files.test_labels)
        if len(train) == 0 or len(test) == 0:
            raise DataError(f"{files.train_labels.parent}: got a set without samples; expected some. Check data.path.")
        _, height, width = sizes if not config.transposed else (sizes[0], sizes[2], sizes[1])
        guess = int(np.bincount(train).argmax())
        return _task(config, height, width, int(max(train.max(), test.max())) + 1, float(np.mean(test == guess)))

    @classmethod
    def open(cls, config: MnistConfig) -> MnistDataset:
        """The pictures in memory, as bytes; read once per process."""
        if not config.path:
            dataset = MnistDataset(cls.task(config), config, partial(_load_shipped, find_idx_files(SHIPPED)))
        else:
            dataset = cls.open_carried(config, cls.carried(config))
        _ = dataset.arrays  # what is wrong with them is told here
        return dataset

    @classmethod
    def carried(cls, config: MnistConfig) -> Carried:
        """Sizes and classes, and the four files of the user's where there are some."""
        return Carried(cls.task(config), _files(config).sources if config.path else ())

    @classmethod
    def open_carried(cls, config: MnistConfig, carried: Carried, *, accept_changed: bool = False) -> MnistDataset:
        """Sizes and classes that are carried; the files are read when pictures are asked for."""
        if not config.path:
            return cls.open(config)
        return MnistDataset(carried.task, config, partial(_load_carried, config, carried, accept_changed), carried.sources)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """A folder of IDX files, or one of them."""
        config = cls.Config(path=str(path))
        files = _files(config)
        sizes = read_header(files.train_images)
        if len(sizes) != _STACK:
            return None
        num_test, num_classes = len(read_labels(files.test_labels)), int(read_labels(files.train_labels).max(initial=0)) + 1
        counts = f"{sizes[0]:,} for training, {num_test:,} for the test"
        sentence = f"images of {sizes[1]} x {sizes[2]} grey values in {num_classes} classes: {counts}"
        return Recognised(0.95, sentence, "feedforward/mnist_cnn", {"path": str(path)})

    @classmethod
    def describe(cls, config: MnistConfig) -> str:
        """What is asked in this view."""
        what = "Handwritten digits" if not config.path else f"Images from {Path(config.path).name}"
        match config.view:
            case "image":
                how = "as whole images"
            case "rows":
                how = "as sequences of their rows, one row of grey values per step"
            case "pixels":
                order = "in one fixed shuffled order" if config.permute else "row after row"
                how = f"pixel by pixel {order}, one grey value per step"
        return f"{what} {how}, grey values scaled to 0..1; the target is the class."


def _task(config: MnistConfig, height: int, width: int, num_classes: int, guess: float) -> Task:
    """The task in one of the views; `guess` is the accuracy of always predicting the most frequent class."""
    names = tuple(str(label) for label in range(num_classes))
    baseline = Baseline("accuracy", guess, "always predicting the most frequent class")
    return Task("classify", signal_of(config.view, 1, height, width), Classes(names), (baseline,))


def _files(config: MnistConfig) -> IdxFolder:
    return find_idx_files(Path(config.path).expanduser())


def _load_carried(config: MnistConfig, carried: Carried, accept_changed: bool) -> _Arrays:  # noqa: FBT001 - given by place alone
    """The user's files, as they were or as they are where that is accepted, in the form that the model knows.

    Raises:
        DataError: they are not here, have changed, or hold other sizes or classes.
    """
    if not accept_changed:
        carried.check()
    paths = [Path(source.path) for source in carried.sources]
    if len(paths) != _NUM_FILES:
        raise DataError("data: the model stores no paths of image files; expected four. Train it again.")
    sources = tuple(SourceFile.of(path) for path in paths)
    arrays = _load_stamped(IdxFolder(*paths), sources, transposed=config.transposed)
    num_classes = len(carried.task.outputs.names) if isinstance(carried.task.outputs, Classes) else 0
    height, width = arrays.train_images.shape[1:]
    if signal_of(config.view, 1, height, width) != carried.task.inputs:
        raise DataError(
            f"{paths[0]}: got images of {height} x {width}; expected the size that the model was trained on. Resize them."
        )
    if max(arrays.train_labels.max(initial=0), arrays.test_labels.max(initial=0)) >= num_classes:
        raise DataError(
            f"{paths[1]}: got labels outside the model's {num_classes} classes; expected only these classes. Train a new model."
        )
    return arrays


@lru_cache(maxsize=2)
def _load_stamped(files: IdxFolder, sources: object, *, transposed: bool) -> _Arrays:  # noqa: ARG001 - sources are part of the key
    return _checked(files, None, transposed=transposed)


@lru_cache(maxsize=1)
def _load_shipped(files: IdxFolder) -> _Arrays:
    return _checked(files, DIGESTS, transposed=False)


def _checked(files: IdxFolder, digests: Mapping[str, str] | None, *, transposed: bool) -> _Arrays:
    """The four arrays, checked against one another."""
    arrays = _Arrays(
        read_images(files.train_images, digests),
        read_labels(files.train_labels, digests),
        read_images(files.test_images, digests),
        read_labels(files.test_labels, digests),
    )
    for images, labels, path in (
        (arrays.train_images, arrays.train_labels, files.train_labels),
        (arrays.test_images, arrays.test_labels, files.test_labels),
    ):
        if len(images) != len(labels):
            raise DataError(
                f"{path}: got {len(labels)} labels for {len(images)} images; expected one label per image. Check both files."
            )
    if arrays.train_images.shape[1:] != arrays.test_images.shape[1:]:
        sizes = " and ".join(f"{images.shape[1]} x {images.shape[2]}" for images in (arrays.train_images, arrays.test_images))
        raise DataError(f"{files.test_images}: training and test images are {sizes}; expected the same size. Check data.path.")
    if len(arrays.train_images) < _MATRIX:
        raise DataError(
            f"{files.train_images}: got one image; expected at least 2, one for training and one for validation. Add images."
        )
    if not transposed:
        return arrays
    train, test = (np.ascontiguousarray(images.swapaxes(1, 2)) for images in (arrays.train_images, arrays.test_images))
    return _Arrays(train, arrays.train_labels, test, arrays.test_labels)


class MnistDataset(Dataset):
    """Stored pictures: a fixed twelfth of the training files (at most 5,000) validates, the rest trains.

    Args:
        task: the task, whose sizes and classes hold whatever the files are now.
        config: how a picture is given.
        read: gives the pictures when they are asked for, and not before.
        sources: the files of the user's that they come from.
    """

    def __init__(self, task: Task, config: MnistConfig, read: Callable[[], _Arrays], sources: Sequence[SourceFile] = ()) -> None:
        super().__init__(task, sources=sources)
        self.config = config
        self._read = read
        inputs = task.inputs
        permuted = config.permute and config.view == "pixels" and isinstance(inputs, Vectors)
        order = fixed_order(__name__, "pixels", inputs.length or 0) if permuted and isinstance(inputs, Vectors) else None
        self._form = PictureForm(config.view, order=order)

    @cached_property
    def arrays(self) -> _Arrays:
        """All pictures and labels."""
        return self._read()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a picture."""
        inputs = self.task.inputs
        if isinstance(inputs, Image):
            return inputs.height, inputs.width
        if not isinstance(inputs, Vectors) or inputs.length is None:
            raise DataError("data: the model stores no image size; expected one. Train it again.")
        if self.config.view == "rows":
            return inputs.length, inputs.size
        side = isqrt(inputs.length)
        if side * side == inputs.length:
            return side, side
        height, width = self.arrays.train_images.shape[1:]
        return height, width

    @property
    def num_train(self) -> int:
        """Number of training pictures."""
        return len(self._train)

    @cached_property
    def _order(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        order = fixed_order(__name__, "validation", len(self.arrays.train_images))
        num_validation = min(_MAX_VALIDATION, max(1, len(order) // 12))
        return order[:-num_validation], order[-num_validation:]

    @property
    def _train(self) -> NDArray[np.intp]:
        return self._order[0]

    @property
    def _validation(self) -> NDArray[np.intp]:
        return self._order[1]

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, len(self._train))

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The pictures of a step in the epoch's order."""
        indices = self._train[self._epochs.indices(seed, step, size)]
        return self._batch(self.arrays.train_images[indices], self.arrays.train_labels[indices])

    def held_out(self, split: Split) -> Batch:
        """The validation part of the training files, or the test files."""
        if split == "test":
            return self._batch(self.arrays.test_images, self.arrays.test_labels)
        return self._batch(self.arrays.train_images[self._validation], self.arrays.train_labels[self._validation])

    def _batch(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Batch:
        return Batch(self._form.viewed(images), labels.astype(np.int64))

    def picture(self, inputs: NDArray[np.generic]) -> NDArray[np.uint8]:
        """The picture behind any view, shuffled pixels put back in their places."""
        return self._form.grey(inputs, *self.size)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """Nothing for a picture, which is drawn; a sequence as one shade per row or per 28 pixels."""
        if self.config.view == "image":
            return ""
        return shades_text(inputs, self.size[1])

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A stored picture by its place in the files (`test:12`, `train:5`, from 0), or a .npy file of the same size.

        Raises:
            DataError: it is neither, or there is no such picture.
        """
        named = []
        if text.strip().startswith(("test:", "train:")):
            stored = {"test": self.arrays.test_images, "train": self.arrays.train_images}
            places = {name: sample_place(text, name, len(images)) for name, images in stored.items()}
            named = [stored[name][place] for name, place in places.items() if place is not None]
        if not named and not text.strip().endswith(".npy"):
            raise DataError(f"input: got {said(text)}; expected test:NUMBER, train:NUMBER or a .npy file. Try test:0.")
        picture = named[0] if named else self._picture(checked_path(text.strip(), "input", DataError))
        viewed: NDArray[np.float32] = self._form.viewed(picture[None])[0]
        return viewed

    def _picture(self, path: Path) -> NDArray[np.uint8]:
        """One picture from a file: bytes 0..255, or fractions 0..1 when it holds floating-point numbers."""
        array = read_array(path)
        array = array[0] if array.ndim == _STACK and len(array) == 1 else array
        height, width = self.size
        if array.shape != (height, width):
            shape = " x ".join(map(str, array.shape))
            raise DataError(f"{path}: got an array of {shape}; expected {height} x {width}. Resize the image.")
        values = array.astype(np.float64) * (255 if array.dtype.kind in "fb" else 1)
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255):  # noqa: PLR2004 - a byte
            raise DataError(f"{path}: got values out of range; expected whole numbers 0..255 or fractions 0..1. Rescale it.")
        return np.rint(values).astype(np.uint8)
