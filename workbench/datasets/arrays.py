"""arrays: inputs and targets as they are in memory, in one .npz file: what `workbench.train` writes of a person's arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
    IGNORE_INDEX,
    Baseline,
    Batch,
    Carried,
    Classes,
    Config,
    Dataset,
    HeldOut,
    PathText,
    SourceFile,
    Split,
    Task,
    Tokens,
    Vectors,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.cards.signals import Signal
from workbench.datasets._file_card import FileCard
from workbench.datasets._series import series_text
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import said

__all__ = ["Arrays", "ArraysConfig", "array_file"]

_FIELDS = ("inputs", "targets", "lengths", "classes", "parts")
_MATRIX, _CUBE = 2, 3
_FEWEST = 3
_MOST_SYMBOLS = 100_000
_MOST_CLASSES = 10_000
_EXPECTED = "an .npz file with arrays inputs and targets"


class ArraysConfig(Config):
    """Settings of the arrays."""

    path: PathText = setting("", "File with arrays inputs and targets (.npz), as numpy.savez writes it.")
    validation_fraction: float = setting(
        0.15, "Fraction of the samples used for validation, where the file does not say.", gt=0, le=0.4, advanced=True
    )
    test_fraction: float = setting(
        0.15, "Fraction of the samples held out for the test, where the file does not say.", gt=0, le=0.4, advanced=True
    )


@dataclass(frozen=True, eq=False)
class _Stored:
    """What a file holds, in the form of batches.

    Attributes:
        inputs, targets, lengths: of all samples, as `Batch` has them.
        task: kind, inputs and outputs, without baselines.
        parts: places of the samples of each part.
    """

    inputs: NDArray[np.generic]
    targets: NDArray[np.generic]
    lengths: NDArray[np.int64] | None
    task: Task
    parts: Mapping[str, NDArray[np.intp]]


class Arrays(FileCard[ArraysConfig, "ArraysDataset"]):
    """Samples in memory.

    - `inputs`: (n, length, size) or (n, length) numbers, or (n, length) whole numbers from 0, which are tokens.
    - `targets`: (n,) whole numbers from 0: a class for each sample; (n, length) whole numbers: one for each step, -100 where
      there is none; (n,) or (n, size) numbers; (n, length, size) numbers: a vector for each step.
    - `lengths`: (n,), the real steps of each sample, where they differ; optional.
    - `classes`: names of the classes; optional.
    - `parts`: (n,), 0 for training, 1 for validation, 2 for the test; optional.
    """

    Config = ArraysConfig
    title = "Arrays"
    group = "Series"
    kind = "classify"
    suffixes = (".npz",)
    summary = (
        "Inputs and targets from your own program, in one .npz file; workbench.train(model, (inputs, targets)) writes it. Whole "
        "numbers as targets are classes, others are numbers; one for each sample, or one for each step."
    )
    reference = "The file's format is that of numpy.savez."
    held_out = HeldOut("disjoint", "each sample is in one part; equal samples may be in two.", samples=None, effective=None)

    @classmethod
    def sources(cls, config: ArraysConfig) -> tuple[SourceFile, ...]:
        """The one file."""
        return (_source(config),)

    @classmethod
    def task_of(cls, config: ArraysConfig, sources: tuple[SourceFile, ...]) -> Task:
        """What the shapes and kinds of the arrays ask."""
        return _task(config, sources[0])

    @classmethod
    def dataset(cls, config: ArraysConfig, carried: Carried, *, accept_changed: bool = False) -> ArraysDataset:
        """The arrays, in the sizes and classes that are carried."""
        return ArraysDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """An .npz file with inputs and targets."""
        if not path.is_file() or not zipfile.is_zipfile(path):
            return None
        config = cls.Config(path=str(path))
        stored = _stored(config, _source(config))
        kind = stored.task.kind
        sentence = (
            f"arrays of {len(stored.inputs):,} samples, {stored.task.inputs.describe()}: {kind}, {stored.task.outputs.describe()}"
        )
        return Recognised(0.95, sentence, "series/vowels_gru", {"path": str(path)})

    @classmethod
    def describe(cls, config: ArraysConfig) -> str:
        """Which file, and how it is cut."""
        if not config.path:
            return "Arrays of your own; set data.path to their .npz file."
        return f"Samples from {Path(config.path).name}; what is asked shows in the shape of its targets."


def array_file(arrays: Mapping[str, NDArray[np.generic]], where: str) -> bytes:
    """What an .npz file of these arrays holds; the same arrays give the same bytes.

    Args:
        arrays: `inputs`, `targets` and what else there is.
        where: what they were given to, for messages.
    Raises:
        DataError: they are none that can be trained on.
    """
    for name in arrays:
        if name not in _FIELDS:
            raise DataError(f"{where}: got array {said(name)}; expected {', '.join(_FIELDS)}. Rename it.")
    _read(arrays, ArraysConfig(), where)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue())  # dated 1980, so that equal arrays are equal files
    return file.getvalue()


def _source(config: ArraysConfig) -> SourceFile:
    if not config.path:
        raise DataError(f"data.path: got nothing; expected {_EXPECTED}. Set it to one.")
    return SourceFile.of(checked_path(config.path, "data.path", DataError))


@lru_cache(maxsize=2)
def _stored(config: ArraysConfig, source: SourceFile) -> _Stored:
    path = source.path
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError(f"{path}: got one array; expected {_EXPECTED}. Write it with numpy.savez.")
            arrays = {name: archive[name] for name in archive.files if name in _FIELDS}
            names = ", ".join(map(said, archive.files[:8])) or "none"
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        what = "arrays of objects, which only running code of the file would read" if "pickle" in str(error) else f"{error}"
        raise DataError(f"{path}: cannot be read: {what}; expected {_EXPECTED}. Write it with numpy.savez.") from error
    if not {"inputs", "targets"} <= arrays.keys():
        raise DataError(f"{path}: got arrays {names}; expected inputs and targets. Rename them.")
    return _read(arrays, config, path)


def _read(arrays: Mapping[str, NDArray[np.generic]], config: ArraysConfig, where: str) -> _Stored:
    """The arrays in the form of batches.

    Raises:
        DataError: their shapes, kinds or values do not fit.
    """
    given, wanted = np.asarray(arrays["inputs"]), np.asarray(arrays["targets"])
    for name, array in (("inputs", given), ("targets", wanted)):
        if array.dtype.kind not in "fiub" or not 1 <= array.ndim <= _CUBE:
            raise DataError(f"{where}: {name}: got shape {array.shape}, {array.dtype}; expected numbers of up to three axes.")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DataError(f"{where}: {name}: got values that are not finite; expected numbers. Fill them in.")
    if len(given) != len(wanted) or len(given) < _FEWEST or given.ndim < _MATRIX or given.shape[1] < 1:
        raise DataError(
            f"{where}: got inputs {given.shape} and targets {wanted.shape}; expected as many of both, {_FEWEST} at least, and "
            "steps on the second axis of inputs."
        )
    lengths = _lengths(arrays.get("lengths"), given, where)
    inputs, signal = _inputs(given, lengths is not None, where)
    targets, kind, outputs = _targets(wanted, arrays.get("classes"), inputs.shape[1], where)
    if lengths is not None and kind == "label":
        targets = np.where(np.arange(targets.shape[1]) < lengths[:, None], targets, IGNORE_INDEX)
    return _Stored(inputs, targets, lengths, Task(kind, signal, outputs), _parts(arrays.get("parts"), len(inputs), config, where))


def _lengths(given: NDArray[np.generic] | None, inputs: NDArray[np.generic], where: str) -> NDArray[np.int64] | None:
    if given is None:
        return None
    lengths = np.asarray(given)
    longest = inputs.shape[1]
    if lengths.shape != (len(inputs),) or lengths.dtype.kind not in "iu" or lengths.min() < 1 or lengths.max() > longest:
        raise DataError(f"{where}: lengths: got {lengths.shape}; expected ({len(inputs)},) whole numbers from 1 to {longest}.")
    return lengths.astype(np.int64)


def _inputs(given: NDArray[np.generic], padded: bool, where: str) -> tuple[NDArray[np.generic], Signal]:  # noqa: FBT001 - of one caller
    steps = given.shape[1]
    if given.ndim == _MATRIX and given.dtype.kind in "iu":
        top = int(given.max(initial=0))
        if given.min(initial=0) < 0 or top >= _MOST_SYMBOLS:
            raise DataError(
                f"{where}: inputs: got tokens to {top:,}; expected 0 to {_MOST_SYMBOLS - 1:,}, or floats for numbers."
            )
        tokens = Tokens(tuple(map(str, range(top + 1))), steps, special=False)
        return given.astype(np.int64), tokens
    numbers = given.astype(np.float32)
    numbers = numbers[:, :, None] if numbers.ndim == _MATRIX else numbers
    return numbers, Vectors(numbers.shape[2], max_length=steps) if padded else Vectors(numbers.shape[2], steps)


def _targets(
    given: NDArray[np.generic], names: NDArray[np.generic] | None, steps: int, where: str
) -> tuple[NDArray[np.generic], str, Signal]:
    """Targets as batches have them, the kind of task, and what comes out."""
    if given.dtype.kind in "iub" and given.ndim <= _MATRIX:
        classes = given.astype(np.int64)
        top = int(classes.max())
        known = tuple(str(name) for name in names.tolist()) if names is not None else tuple(map(str, range(max(top + 1, 2))))
        lowest = int(classes[classes != IGNORE_INDEX].min(initial=0))
        if lowest < 0 or top >= min(len(known), _MOST_CLASSES):
            got = f"{where}: targets: got classes {lowest} to {top}"
            raise DataError(f"{got}; expected 0 to {len(known) - 1}. Number them from 0, or give floats.")
        if classes.ndim == _MATRIX and classes.shape[1] != steps:
            raise DataError(f"{where}: targets: got {classes.shape[1]} for each sample; expected one, or {steps}, one a step.")
        return classes, "classify" if classes.ndim == 1 else "label", Classes(known)
    numbers = given.astype(np.float32)
    if numbers.ndim == _CUBE:
        if numbers.shape[1] != steps:
            raise DataError(f"{where}: targets: got {numbers.shape[1]} steps; expected {steps}, as inputs have.")
        return numbers, "forecast", Vectors(numbers.shape[2])
    numbers = numbers[:, None] if numbers.ndim == 1 else numbers
    return numbers, "regress", Vectors(numbers.shape[1])


def _parts(given: NDArray[np.generic] | None, count: int, config: ArraysConfig, where: str) -> dict[str, NDArray[np.intp]]:
    names = ("train", "validation", "test")
    if given is not None:
        parts = {name: np.flatnonzero(np.asarray(given) == number) for number, name in enumerate(names)}
        if np.shape(given) != (count,) or sum(map(len, parts.values())) != count or not all(map(len, parts.values())):
            got = f"{where}: parts: got {np.shape(given)}"
            raise DataError(f"{got}; expected ({count},) of 0 (train), 1 (validation) and 2 (test), each of them.")
        return parts
    order = fixed_order(__name__, "held out", count)
    num_validation, num_test = (max(1, round(count * share)) for share in (config.validation_fraction, config.test_fraction))
    return {
        "train": np.sort(order[num_validation + num_test :]),
        "validation": np.sort(order[:num_validation]),
        "test": np.sort(order[num_validation : num_validation + num_test]),
    }


@lru_cache(maxsize=4)
def _task(config: ArraysConfig, source: SourceFile) -> Task:
    stored = _stored(config, source)
    task = stored.task
    train, test = (stored.targets[stored.parts[part]] for part in ("train", "test"))
    if task.kind in ("classify", "label"):
        train, test = (part[part != IGNORE_INDEX].astype(np.int64) for part in (train, test))
        share = float(np.mean(test == np.bincount(train).argmax())) if len(train) and len(test) else 0.0
        baseline = Baseline("accuracy", share, "always predicting the most frequent class")
    else:
        axes = tuple(range(train.ndim - 1))
        error = float(((test - train.astype(np.float64).mean(axis=axes)) ** 2).mean())
        baseline = Baseline("mse", error, "predicting the mean of the training samples")
    return Task(task.kind, task.inputs, task.outputs, (baseline,))


class ArraysDataset(Dataset):
    """Samples of arrays.

    Args:
        config: the file.
        carried: sizes and classes, and the file.
        accept_changed: whether samples may come from a file that has changed since.
    """

    def __init__(self, config: ArraysConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, sources=carried.sources)
        self.config = config
        self._accept_changed = accept_changed

    @cached_property
    def _stored(self) -> _Stored:
        """The arrays as they are now.

        Raises:
            DataError: they have changed and that is not accepted, or they do not fit the model any more.
        """
        (file,) = self.carried().files_now(accept_changed=self._accept_changed)
        stored = _stored(self.config, file)
        if (stored.task.inputs, stored.task.outputs) != (self.task.inputs, self.task.outputs):
            raise DataError(
                f"{self.sources[0].path}: got {stored.task.inputs.describe()} and {stored.task.outputs.describe()}; expected "
                f"{self.task.inputs.describe()} and {self.task.outputs.describe()}, as the model has them. Train a new one."
            )
        return stored

    @property
    def num_train(self) -> int:
        """Number of training samples."""
        return len(self._stored.parts["train"])

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, self.num_train)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The samples of a step in the epoch's order."""
        return self._batch(self._stored.parts["train"][self._epochs.indices(seed, step, size)])

    def held_out(self, split: Split) -> Batch:
        """The samples of the split."""
        return self._batch(self._stored.parts[split])

    def _batch(self, places: NDArray[np.intp]) -> Batch:
        stored = self._stored
        lengths = None if stored.lengths is None else stored.lengths[places]
        return Batch(stored.inputs[places], stored.targets[places], lengths)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """Tokens, or the first and the last steps."""
        return series_text(inputs) if isinstance(self.task.inputs, Vectors) else super().input_text(inputs)
