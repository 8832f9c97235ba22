"""series: labelled time series from archives as the UCR and UEA collections publish them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
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
    Vectors,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.cards.typed_input import sample_place
from workbench.datasets._classes import sorted_classes
from workbench.datasets._file_card import FileCard
from workbench.datasets._series import series_text
from workbench.datasets._series_files import SeriesFiles, SeriesPart, find_series_files, read_series
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import said

__all__ = ["Series"]

SHIPPED = Path(__file__).parent / "files" / "series"
_INCLUDED = {
    "gun_point": "GunPoint_TRAIN.ts.gz",
    "italy_power_demand": "ItalyPowerDemand_TRAIN.ts.gz",
    "japanese_vowels": "JapaneseVowels_TRAIN.ts.gz",
}
_MOST_COMPARED = 2e8
"""Numbers that may be compared for the score of the nearest series: a tenth of a second, each time that settings change."""
_BLOCK = 256
"""Test series that are compared at once, for the room that their distances take."""
_FEW = 4
"""Classes that are named."""
_SUFFIXES = (".ts", ".arff", ".npz")
"""Of files that are archives of series and nothing else."""

Missing = Literal["refuse", "interpolate", "zero"]
Scaling = Literal["none", "series"]


class SeriesConfig(Config):
    """Settings of the series."""

    included: Literal["gun_point", "italy_power_demand", "japanese_vowels"] = setting(
        "japanese_vowels",
        "Which of the included data sets, where no path is set: hands that draw a gun or point, days of power demand in winter "
        "or summer, or nine speakers saying a vowel.",
    )
    path: PathText = setting(
        "",
        "File of labelled series (.ts, .arff, tab-separated or .npz), or a folder with NAME_TRAIN and NAME_TEST; empty for the "
        "included ones.",
    )
    scaling: Scaling = setting(
        "none", "series: bring each series to mean 0 and standard deviation 1 in each dimension, which leaves its shape alone."
    )
    missing: Missing = setting(
        "refuse",
        "What becomes of missing values: refuse the file, interpolate between the values before and after, or take 0.",
    )
    validation_fraction: float = setting(
        0.2, "Fraction of the training series of each class used for validation.", gt=0, le=0.5, advanced=True
    )
    test_fraction: float = setting(
        0.2,
        "Fraction of the series of each class held out for the test, where the file has no test part of its own.",
        gt=0,
        le=0.5,
        advanced=True,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Series padded with zeros, (n, longest, dimensions); their lengths and classes, (n,)."""

    values: NDArray[np.float32]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]

    def batch(self, rows: NDArray[np.intp] | slice, *, padded: bool) -> Batch:
        """Some of the series; with their lengths where these differ, and no longer than the longest of them."""
        lengths = self.lengths[rows]
        longest = int(lengths.max(initial=1)) if padded else self.values.shape[1]
        return Batch(self.values[rows][:, :longest], self.labels[rows], lengths if padded else None)


@dataclass(frozen=True, eq=False)
class _Archive:
    """Everything of a data set: classes by index, and the three parts, none of which shares a series with another."""

    classes: tuple[str, ...]
    train: _Part
    validation: _Part
    test: _Part
    notices: tuple[str, ...]

    @property
    def parts(self) -> tuple[_Part, _Part, _Part]:
        """All three."""
        return self.train, self.validation, self.test


class Series(FileCard[SeriesConfig, "SeriesDataset"]):
    """Time series classification on the user's own archives, and on three small ones that are included.

    A model carries dimensions and class names, so it answers without the files, and files that have changed give no class
    another meaning.
    """

    Config = SeriesConfig
    suffixes = (".ts", ".arff", ".ts.gz")
    title = "Series archives"
    group = "Series"
    summary = (
        "Labelled time series of one or several dimensions, of equal or unequal lengths, in the formats of the UCR and UEA "
        "archives: .ts, .arff, tab-separated rows, and .npz. Three small ones are included."
    )
    reference = (
        "Dau et al. 2018, The UCR Time Series Archive, arXiv:1810.07758; Bagnall et al. 2018, The UEA multivariate time series "
        "classification archive, arXiv:1811.00075. Included: Ratanamahatana & Keogh 2005 (GunPoint); Keogh et al. 2006 "
        "(ItalyPowerDemand); Kudo, Toyama & Shimbo 1999 (JapaneseVowels)."
    )
    held_out = HeldOut(
        "disjoint",
        "the test set is that of the files; the validation set is split off from their training series, class by class.",
        samples=370,
        effective=370,
    )

    @classmethod
    def sources(cls, config: SeriesConfig) -> tuple[SourceFile, ...]:
        """The files, training part first."""
        files = _files(config)
        return tuple(SourceFile.of(path) for path in (files.train, files.test) if path is not None)

    @classmethod
    def task_of(cls, config: SeriesConfig, sources: tuple[SourceFile, ...]) -> Task:
        """Steps of one or several numbers in, one of the classes out."""
        return _task(config, sources)

    @classmethod
    def dataset(cls, config: SeriesConfig, carried: Carried, *, accept_changed: bool = False) -> SeriesDataset:
        """The series, with the dimensions and classes that are carried."""
        return SeriesDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """A file of labelled series, or a folder with a training and a test part."""
        files = find_series_files(path)
        named = path.is_dir() or files.test is not None or path.suffix.lower() in _SUFFIXES
        config = cls.Config(path=str(path), missing="interpolate")
        sources = cls.sources(config)
        archive, task = _archive(config, sources), _task(config, sources)
        lengths = np.concatenate([part.lengths for part in archive.parts])
        steps = f"{lengths.min()} to {lengths.max()}" if lengths.min() < lengths.max() else f"{lengths.max()}"
        size = task.inputs.size if isinstance(task.inputs, Vectors) else 1
        names = ", ".join(archive.classes[:_FEW]) + (", ..." if len(archive.classes) > _FEW else "")
        num_train = len(archive.train.labels) + len(archive.validation.labels)
        test = (
            f"{len(archive.test.labels):,} in the test part"
            if files.test
            else f"{len(archive.test.labels):,} held out for the test"
        )
        sentence = (
            f"series of {steps} steps of {size} number{'s' * (size > 1)} in {len(archive.classes)} classes ({names}): "
            f"{num_train:,} for training, {test}"
        )
        sure = 0.9 if named else 0.3
        data = {"path": str(path)} | ({"missing": "interpolate"} if archive.notices else {})
        return Recognised(sure, sentence, "series/vowels_gru", data, archive.notices)

    @classmethod
    def describe(cls, config: SeriesConfig) -> str:
        """What is asked of which series."""
        if config.path:
            return f"Series from {Path(config.path).name}; the target is the class of each."
        match config.included:
            case "gun_point":
                return "The hand of an actor over 150 steps; the target is whether it draws a gun or points."
            case "italy_power_demand":
                return "Electrical power demand in Italy over the 24 hours of a day; the target is the half of the year."
            case "japanese_vowels":
                return "A vowel as 7 to 29 steps of 12 cepstrum coefficients; the target is which of nine men says it."


def _files(config: SeriesConfig) -> SeriesFiles:
    if config.path:
        return find_series_files(checked_path(config.path, "data.path", DataError))
    return find_series_files(SHIPPED / _INCLUDED[config.included])


@lru_cache(maxsize=4)
def _archive(config: SeriesConfig, sources: tuple[SourceFile, ...]) -> _Archive:
    """All series in three parts.

    Raises:
        DataError: a file cannot be read, the parts do not fit each other, or there is too little.
    """
    read = [read_series(Path(source.path)) for source in sources]
    train = read[0].get("train") or next(iter(read[0].values()))
    test = read[1].get("test") or next(iter(read[1].values())) if len(read) > 1 else read[0].get("test")
    where = sources[0].path
    classes = train.classes or tuple(sorted_classes({*train.labels, *(test.labels if test is not None else ())}))
    _check_parts(where, classes, train, test)
    rest = fixed_order(__name__, "held out", len(train.labels))
    if test is None:
        rest, held = _cut(rest, train.labels, config.test_fraction)
        test = _rows(train, held)
    kept, held = _cut(rest, train.labels, config.validation_fraction)
    told: Counter[str] = Counter()
    kept_part, held_part, test_part = (
        _padded(part, classes, config, told) for part in (_rows(train, kept), _rows(train, held), test)
    )
    if not (len(kept_part.labels) and len(held_part.labels) and len(test_part.labels)):
        count = len(train.labels)
        raise DataError(
            f"{where}: got {count} series; expected two of a class at least, for training and validation. Add series."
        )
    notices = tuple(f"{Path(where).name}: {count} {what}" for what, count in told.items())
    return _Archive(classes, kept_part, held_part, test_part, notices)


def _check_parts(where: str, classes: Sequence[str], train: SeriesPart, test: SeriesPart | None) -> None:
    if len({*train.labels}) < 2:  # noqa: PLR2004 - something to tell apart
        raise DataError(f"{where}: got series of {len({*train.labels})} class; expected at least two. Check the labels.")
    if test is None:
        return
    unknown = next((place for place, label in enumerate(test.labels) if label not in classes), None)
    if unknown is not None:
        raise DataError(f"{test.where[unknown]}: got class {said(test.labels[unknown])}; expected one of the training part's.")
    sizes = train.series[0].shape[1], test.series[0].shape[1]
    if sizes[0] != sizes[1]:
        raise DataError(f"{where}: got {sizes[0]} dimensions, {sizes[1]} in the test part; expected the same number in both.")


def _cut(rows: NDArray[np.intp], labels: Sequence[str], fraction: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows in two parts, of each class the fraction in the second one; of a single series of a class none."""
    of_class: dict[str, list[int]] = {}
    for row in rows.tolist():
        of_class.setdefault(labels[row], []).append(row)
    second = [row for members in of_class.values() for row in members[: _share(len(members), fraction)]]
    taken = set(second)
    return np.array([row for row in rows.tolist() if row not in taken], dtype=np.intp), np.array(second, dtype=np.intp)


def _share(count: int, fraction: float) -> int:
    return min(max(1, round(count * fraction)), count - 1)


def _rows(part: SeriesPart, rows: NDArray[np.intp]) -> SeriesPart:
    taken = rows.tolist()
    return SeriesPart(
        tuple(part.series[row] for row in taken),
        tuple(part.labels[row] for row in taken),
        part.classes,
        tuple(part.where[row] for row in taken),
    )


def _padded(part: SeriesPart, classes: Sequence[str], config: SeriesConfig, told: Counter[str]) -> _Part:
    """Series as one array, missing values and scale done with."""
    lengths = np.array([len(series) for series in part.series], dtype=np.int64)
    size = part.series[0].shape[1] if part.series else 1
    values = np.zeros((len(lengths), int(lengths.max(initial=1)), size), dtype=np.float32)
    for place, series in enumerate(part.series):
        values[place, : len(series)] = _done(series, config, part.where[place], told)
    return _Part(values, lengths, np.array([classes.index(label) for label in part.labels], dtype=np.int64))


def _done(series: NDArray[np.float32], config: SeriesConfig, where: str, told: Counter[str]) -> NDArray[np.float32]:
    """One series, (steps, dimensions), as the settings want it.

    Raises:
        DataError: values are missing, and the settings refuse that.
    """
    known = np.isfinite(series)
    if not known.all():
        count = int((~known).sum())
        if config.missing == "refuse":
            raise DataError(f"{where}: got {count} missing values; expected numbers. Set data.missing to interpolate or zero.")
        told["series have missing values, which are " + ("interpolated" if config.missing == "interpolate" else "0")] += 1
        series = _filled(series, known, interpolate=config.missing == "interpolate")
    if config.scaling == "series":
        wide = series.astype(np.float64)
        spread = wide.std(axis=0)
        series = ((wide - wide.mean(axis=0)) / np.where(spread > 0, spread, 1)).astype(np.float32)
    return series


def _filled(series: NDArray[np.float32], known: NDArray[np.bool_], *, interpolate: bool) -> NDArray[np.float32]:
    """A series without gaps; before the first and after the last known value that one goes on."""
    filled = np.where(known, series, np.float32(0))
    steps = np.arange(len(series))
    for column in range(series.shape[1] if interpolate else 0):
        at = np.flatnonzero(known[:, column])
        if len(at):
            filled[:, column] = np.interp(steps, at, series[at, column])
    return filled


@lru_cache(maxsize=4)
def _task(config: SeriesConfig, sources: tuple[SourceFile, ...]) -> Task:
    archive = _archive(config, sources)
    longest = max(part.values.shape[1] for part in archive.parts)
    size = archive.train.values.shape[2]
    inputs = Vectors(size, max_length=longest) if _is_padded(archive) else Vectors(size, longest)
    guess = int(np.bincount(archive.train.labels, minlength=len(archive.classes)).argmax())
    chance = Baseline("accuracy", float(np.mean(archive.test.labels == guess)), "always predicting the most frequent class")
    nearest = _nearest(archive)
    baselines = (chance,) if nearest is None else (nearest, chance)
    return Task("classify", inputs, Classes(archive.classes), baselines)


def _is_padded(archive: _Archive) -> bool:
    """Whether lengths differ."""
    lengths = np.concatenate([part.lengths for part in archive.parts])
    return bool(lengths.min() < lengths.max())


def _nearest(archive: _Archive) -> Baseline | None:
    """The test score of the class of the nearest training series; None where lengths differ, or there is too much to compare.

    Nearest by the Euclidean distance among all series that are not of the test, as in the archives' tables.
    """
    if _is_padded(archive):
        return None
    train = np.concatenate([part.values.reshape(len(part.labels), -1) for part in (archive.train, archive.validation)])
    labels = np.concatenate([archive.train.labels, archive.validation.labels])
    test = archive.test.values.reshape(len(archive.test.labels), -1)
    if float(len(train)) * test.size > _MOST_COMPARED:
        return None
    train = train.astype(np.float64)
    squares, right = (train**2).sum(axis=1), 0
    for start in range(0, len(test), _BLOCK):
        nearest = (squares - 2 * test[start : start + _BLOCK].astype(np.float64) @ train.T).argmin(axis=1)
        right += int((labels[nearest] == archive.test.labels[start : start + _BLOCK]).sum())
    return Baseline("accuracy", right / len(test), "the class of the nearest series")


def _check(archive: _Archive, task: Task, where: str) -> None:
    """Files that have changed hold what the model knows.

    Raises:
        DataError: other dimensions or classes.
    """
    size = task.inputs.size if isinstance(task.inputs, Vectors) else 0
    names = task.outputs.names if isinstance(task.outputs, Classes) else ()
    if archive.train.values.shape[2] != size or archive.classes != names:
        got = f"{archive.train.values.shape[2]} dimensions in {len(archive.classes)} classes"
        wanted = f"{size} in {len(names)} classes of the same names, as the model has them"
        raise DataError(f"{where}: got series of {got}; expected {wanted}. Train a new model.")


class SeriesDataset(Dataset):
    """Series of an archive, with the classes that a model carries.

    Args:
        config: how the series are given.
        carried: dimensions and classes, and the files.
        accept_changed: whether series may come from files that have changed since.
    """

    def __init__(self, config: SeriesConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, sources=carried.sources)
        self.config = config
        self._accept_changed = accept_changed

    @cached_property
    def _archive(self) -> _Archive:
        """The series as they are now.

        Raises:
            DataError: the files are missing, have changed, or do not hold what the model knows.
        """
        files = self.carried().files_now(accept_changed=self._accept_changed) or Series.sources(self.config)
        archive = _archive(self.config, files)
        _check(archive, self.task, files[0].path)
        return archive

    @property
    def notices(self) -> tuple[str, ...]:
        """Missing values, and what became of them."""
        return self._archive.notices

    @property
    def _padded(self) -> bool:
        inputs = self.task.inputs
        return isinstance(inputs, Vectors) and inputs.length is None

    @property
    def num_train(self) -> int:
        """Number of training series."""
        return len(self._archive.train.labels)

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, self.num_train)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The series of a step in the epoch's order."""
        return self._archive.train.batch(self._epochs.indices(seed, step, size), padded=self._padded)

    def held_out(self, split: Split) -> Batch:
        """A part of the training file, or the test file."""
        part = self._archive.test if split == "test" else self._archive.validation
        return part.batch(slice(None), padded=self._padded)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first and the last steps."""
        return series_text(inputs)

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A series of the files by its place (`test:12`, from 0), or steps as they are typed; both as the settings want them.

        Raises:
            DataError: it is neither, or there is no such series.
        """
        if text.strip().startswith("test:"):
            test = self._archive.test
            place = sample_place(text, "test", len(test.labels))
            if place is not None:
                stored: NDArray[np.float32] = test.values[place, : int(test.lengths[place])]
                return stored
        return _done(self.task.inputs.parse(text).astype(np.float32), self.config, "input", Counter())

    def take_input(self, array: NDArray[Any]) -> NDArray[np.generic]:
        """A series, as the settings want it."""
        return _done(super().take_input(array).astype(np.float32), self.config, "input", Counter())
