"""images: the user's own pictures, from a folder for each class or from a table of labels."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
    Baseline,
    Batch,
    Carried,
    Classes,
    ColumnText,
    Config,
    Dataset,
    DatasetCard,
    HeldOut,
    PathText,
    Sample,
    SourceFile,
    Split,
    Task,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.cards.typed_input import sample_place
from workbench.datasets._picture_files import (
    Colour,
    Fit,
    Frame,
    check_pillow,
    is_picture_name,
    read_picture,
    read_pictures,
)
from workbench.datasets._picture_folders import PART_NAMES, Columns, Found, Part, find_pictures
from workbench.datasets._picture_summary import look, proposed_settings, sentence_of
from workbench.datasets._pictures import PictureForm, View, shades_text, signal_of
from workbench.datasets._stored import EpochOrder, fixed_order
from workbench.datasets._streams import random_stream
from workbench.errors import ChangedDataError, DataError
from workbench.paths import checked_path
from workbench.saying import one_line, said

__all__ = ["Images", "ImagesDataset"]

SHIPPED = Path(__file__).parent / "files" / "shapes"
SHAPES = ("circle", "square", "triangle")
_MOST_BYTES = 1 << 30
_MAX_MESSAGES = 5
_LOOKED_AT = 24
_SMALLEST = 8
_FEW = 50
_UNEVEN = 10
_TABLES = (".csv", ".tsv", ".txt", ".tab")


class ImagesConfig(Config):
    """Settings of the pictures."""

    path: PathText = setting(
        "",
        "Folder with a sub-folder of pictures for each class, or with train, val and test above these; or a CSV or TSV file with "
        "paths and labels; empty for the included shapes.",
    )
    height: int = setting(28, "Height that every picture is brought to.", ge=1, le=1024, unit="pixels")
    width: int = setting(28, "Width that every picture is brought to.", ge=1, le=1024, unit="pixels")
    colour: Colour = setting("grey", "Grey values, or red, green and blue.")
    fit: Fit = setting(
        "stretch", "How a picture of another shape fits: stretched, its middle cut out (crop), or with white around it (pad)."
    )
    view: View = setting("image", "Input format: the whole image, a sequence of its rows, or a sequence of its pixels.")
    validation_fraction: float = setting(
        0.1, "Fraction of the pictures used for validation, where they have no such folder.", gt=0, le=0.4, advanced=True
    )
    test_fraction: float = setting(
        0.1, "Fraction of the pictures held out for the final test, where they have no such folder.", gt=0, le=0.4, advanced=True
    )
    path_column: ColumnText = setting(
        "", "Table: column of the paths, by name or number from 1; empty to find it.", advanced=True
    )
    label_column: ColumnText = setting(
        "", "Table: column of the labels, by name or number from 1; empty to find it.", advanced=True
    )
    split_column: ColumnText = setting(
        "", "Table: column of train, validation or test, by name or number from 1; empty to find it, if any.", advanced=True
    )


@dataclass(frozen=True)
class _Arrays:
    """All pictures, (n, height, width) or (n, height, width, 3) uint8, their labels, (n,), and where those of each part stand."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    parts: dict[Part, NDArray[np.intp]]
    notices: tuple[str, ...]


class Images(DatasetCard[ImagesConfig]):
    """Pictures in classes, from files of any format and size.

    A folder has a sub-folder for each class; where there are folders `train` and `val` or `test` with class folders in them,
    these are the parts. A part that is not there is cut off the training pictures, of each class about the same share. Or a
    table names paths and labels. Pictures are turned as their EXIF data say, what is transparent shows white, values of 16 bits
    become bytes; then each is brought to one size. Files that cannot be read are left out and counted.

    A model carries classes and size, so it answers for a picture's file without the pictures it was trained on.
    """

    Config = ImagesConfig
    title = "Image files"
    group = "Images"
    paths = ("path",)
    summary = (
        "Your own pictures (PNG, JPEG and the like), in a folder for each class or listed in a table; or 360 drawings of "
        "circles, squares and triangles. Set data.path to the folder. Needs Pillow."
    )
    reference = "The layout of folders is that of torchvision's ImageFolder. Included shapes: drawn for this program."
    held_out = HeldOut(
        "disjoint",
        "each file is in one part, and where the parts are cut here, so are files with equal bytes.",
        samples=36,
        effective=36,
    )

    @classmethod
    def task(cls, config: ImagesConfig) -> Task:
        """A picture or sequence in, one of the classes out; names of files are read, no picture is opened."""
        if not config.path:
            return _task(config, SHAPES, 1 / len(SHAPES))
        check_pillow()
        found = _found(config)
        labels = _labels(found)
        parts = _cut(config, found, labels)
        guess = int(np.bincount(labels[parts["train"]]).argmax())
        return _task(config, found.classes, float(np.mean(labels[parts["test"]] == guess)))

    @classmethod
    def open(cls, config: ImagesConfig) -> ImagesDataset:
        """The pictures in memory, as bytes; read once per process."""
        dataset = ImagesDataset(config, cls.carried(config))
        _ = dataset.arrays  # what is wrong with them is told here
        return dataset

    @classmethod
    def carried(cls, config: ImagesConfig) -> Carried:
        """Classes and sizes, and the user's files and folders."""
        check_pillow()
        return Carried(cls.task(config), _sources(_found(config)) if config.path else ())

    @classmethod
    def open_carried(cls, config: ImagesConfig, carried: Carried, *, accept_changed: bool = False) -> ImagesDataset:
        """Classes and sizes that are carried; the pictures are read when batches are asked for."""
        return ImagesDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def sample(cls, config: ImagesConfig, n: int, seed: int) -> list[Sample]:
        """Some pictures for the preview; only these are opened."""
        task = cls.task(config)
        dataset = ImagesDataset(config, Carried(task))
        found = _found(config)
        labels = _labels(found)
        places = [place for part in found.pictures.values() for place, _ in part]
        train = random_stream(__name__, "preview", seed=seed).permutation(_cut(config, found, labels)["train"])
        chosen: list[tuple[NDArray[np.uint8], int]] = []
        for index in train[: n + _LOOKED_AT].tolist():
            (read,) = read_pictures([places[index]], dataset.frame)
            if not isinstance(read, DataError):
                chosen.append((read[0], int(labels[index])))
            if len(chosen) == n:
                break
        if not chosen:  # opening all of them tells what is wrong
            return super().sample(config, n, seed)
        chosen = [chosen[place % len(chosen)] for place in range(n)]
        return dataset.samples(dataset.batch(np.stack([one for one, _ in chosen]), np.array([label for _, label in chosen])))

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """A folder of class folders that hold mostly pictures, or a table whose paths lead to pictures."""
        if path.is_file() and path.suffix.lower() not in _TABLES:
            return None
        found = find_pictures(str(path))
        places = [place for part in found.pictures.values() for place, _ in part]
        looked = [places[number * len(places) // _LOOKED_AT] for number in range(_LOOKED_AT)]
        looked = list(dict.fromkeys(looked))
        there = [place for place in looked if Path(place).exists()]
        if len(places) <= found.num_others or 2 * len(there) < len(looked):
            return None
        sizes, odd = look(there)
        form = proposed_settings(sizes)
        counts = Counter(label for part in found.pictures.values() for _, label in part)
        data = {"path": str(path), **form}
        sentence = sentence_of(found, sizes)
        few, most = min(counts.values()), max(counts.values())
        if most > _UNEVEN * few:
            odd.append(f"the largest class has {most:,} pictures and the smallest {few:,}: compare accuracy with the baseline")
        if len(places) < _FEW * len(found.classes):
            odd.append(f"{len(places):,} pictures in {len(found.classes):,} classes are few: a network may learn them by heart")
        return Recognised(0.9, sentence, "feedforward/shapes_cnn", data, (*found.notices, *odd))

    @classmethod
    def describe(cls, config: ImagesConfig) -> str:
        """What is asked in this view."""
        what = f"Pictures from {Path(config.path).name}" if config.path else "Drawings of circles, squares and triangles"
        size = f"{config.height} x {config.width} {'grey' if config.colour == 'grey' else 'RGB'} pixels"
        how = {
            "image": "as whole images",
            "rows": "as sequences of their rows, one row per step",
            "pixels": "pixel by pixel, row after row",
        }[config.view]
        return f"{what} {how}, {size}, values scaled to 0..1; the target is the class."


def _task(config: ImagesConfig, classes: tuple[str, ...], guess: float) -> Task:
    """The task; `guess` is the accuracy of always predicting the most frequent class."""
    frame = _frame(config)
    baseline = Baseline("accuracy", guess, "always predicting the most frequent class")
    inputs = signal_of(config.view, frame.channels, frame.height, frame.width)
    return Task("classify", inputs, Classes(classes), (baseline,))


def _frame(config: ImagesConfig) -> Frame:
    return Frame(config.height, config.width, config.colour, config.fit)


def _found(config: ImagesConfig) -> Found:
    """The pictures that there are.

    Raises:
        DataError: there are none, or more than are held in memory.
    """
    found = find_pictures(config.path or str(SHIPPED), Columns(config.path_column, config.label_column, config.split_column))
    number = sum(len(part) for part in found.pictures.values())
    size = number * math.prod(_frame(config).shape)
    if size > _MOST_BYTES:
        side = math.isqrt(_MOST_BYTES // (number * _frame(config).channels))
        remedy = f"Set data.height and data.width to {side} or less" if side >= _SMALLEST else "Take fewer pictures"
        raise DataError(
            f"{found.root}: got {number:,} pictures of {' x '.join(map(str, _frame(config).shape))}, {size / 2**30:.1f} GB; "
            f"expected at most {_MOST_BYTES >> 30} GB. {remedy}."
        )
    return found


def _labels(found: Found) -> NDArray[np.int64]:
    """The class of each picture, part after part."""
    return np.array([label for part in found.pictures.values() for _, label in part], dtype=np.int64)


def _sources(found: Found) -> tuple[SourceFile, ...]:
    return tuple(SourceFile.of(source) for source in found.sources)


def _cut(
    config: ImagesConfig, found: Found, labels: NDArray[np.int64], first: NDArray[np.intp] | None = None
) -> dict[Part, NDArray[np.intp]]:
    """Which pictures, in the order of `_labels`, are of which part; parts that are not there are cut off the training pictures.

    The training pictures of each class are put in a fixed random order; what is cut off is the same share of each order as far
    as numbers allow. The last picture of each class always trains.

    Args:
        config: the fractions.
        found: the parts that there are.
        labels: of all pictures.
        first: of each picture the first one with the same bytes that the parts are cut of, itself where it is no copy; a copy
            stands where that one does. None where nobody has looked.
    Raises:
        DataError: there are too few.
    """
    parts: dict[Part, NDArray[np.intp]] = {}
    start = 0
    for part, pictures in found.pictures.items():
        parts[part] = np.arange(start, start + len(pictures))
        start += len(pictures)
    pool = parts["train"]
    alone = pool if first is None else pool[first[pool] == pool]
    order, number = alone[_stratified(found.classes, labels[alone])], len(alone)
    wanted: tuple[tuple[Part, float], ...] = (("test", config.test_fraction), ("validation", config.validation_fraction))
    for part, fraction in wanted:
        if part not in parts:
            count = max(1, round(number * fraction))
            parts[part], order = order[:count], order[count:]
    if len(order) < len(found.classes):
        raise DataError(
            f"{found.root}: got {number:,} different pictures for {len(found.classes):,} classes, of which "
            f"{len(order):,} would train; expected at least one of each class. Add pictures, or lower data.test_fraction and "
            "data.validation_fraction."
        )
    parts["train"] = order
    if first is not None:
        parts = {part: np.concatenate((own, _copies_of(own, first, pool))) for part, own in parts.items()}
    return {part: np.sort(own) for part, own in parts.items()}


def _copies_of(own: NDArray[np.intp], first: NDArray[np.intp], pool: NDArray[np.intp]) -> NDArray[np.intp]:
    copies: NDArray[np.intp] = pool[(first[pool] != pool) & np.isin(first[pool], own)]
    return copies


def _stratified(classes: Sequence[str], labels: NDArray[np.int64]) -> NDArray[np.intp]:
    """An order of all pictures in which every beginning has about the same share of each class."""
    by_class = np.argsort(labels, kind="stable")
    counts = np.bincount(labels, minlength=len(classes))
    shares = np.empty(len(labels))
    for name, members in zip(classes, np.split(by_class, np.cumsum(counts)[:-1]), strict=True):
        order = fixed_order(__name__, f"held out/{name}", len(members))
        shares[members[order]] = np.arange(1, len(members) + 1) / max(1, len(members))
    return np.lexsort((labels, shares))


def _reading_settings(config: ImagesConfig) -> ImagesConfig:
    """The settings on which the bytes depend, the others at their defaults: one key for what is kept in memory."""
    return config.model_copy(update={"view": "image"})


@lru_cache(maxsize=1)
def _load(config: ImagesConfig, sources: object) -> tuple[_Arrays, tuple[str, ...]]:  # noqa: ARG001 - sources are part of the key
    """All pictures, and the names of their classes.

    Raises:
        DataError: too few can be read.
    """
    found, frame = _found(config), _frame(config)
    labels = _labels(found)
    places = [place for part in found.pictures.values() for place, _ in part]
    pictures = np.zeros((len(places), *frame.shape), dtype=np.uint8)
    good, bad = np.ones(len(places), dtype=np.bool_), list[str]()
    same: dict[bytes, list[int]] = defaultdict(list)
    for index, read in enumerate(read_pictures(places, frame)):
        if isinstance(read, DataError):
            bad.append(str(read))
            good[index] = False
        else:
            pictures[index], digest = read
            same[digest].append(index)
    name, number = found.root.name, len(places)
    if len(bad) == number:
        raise DataError(f"{found.root}: got {number:,} files of which none can be read; expected pictures. The first: {bad[0]}")
    notices = [one_line(message) for message in bad[:_MAX_MESSAGES]]
    if bad:
        notices.append(f"{name}: bad pictures skipped: {len(bad):,} in total; pictures used: {number - len(bad):,}")
    copies = [np.array(indices) for indices in same.values() if len(indices) > 1]
    parts = _cut(config, found, labels, _first_of(found, copies, number))
    notices += _told_of_copies(found, copies, parts, labels)
    chosen = {part: indices[good[indices]] for part, indices in parts.items()}
    _check_parts(found, chosen, labels)
    for array in (pictures, labels):
        array.flags.writeable = False  # they are kept for the next caller
    return _Arrays(pictures, labels, chosen, (*found.notices, *notices)), found.classes


def _pool(found: Found) -> tuple[int, int]:
    """Where the pictures begin and end, in the order of `_labels`, that the parts are cut of."""
    names = list(found.pictures)
    start = sum(len(found.pictures[part]) for part in names[: names.index("train")])
    return start, start + len(found.pictures["train"])


def _first_of(found: Found, copies: Sequence[NDArray[np.intp]], number: int) -> NDArray[np.intp]:
    """See `_cut`."""
    first = np.arange(number)
    start, stop = _pool(found)
    for group in copies:
        inside = group[(group >= start) & (group < stop)]
        first[inside] = inside.min(initial=number)
    return first


def _told_of_copies(
    found: Found, copies: Sequence[NDArray[np.intp]], parts: dict[Part, NDArray[np.intp]], labels: NDArray[np.int64]
) -> list[str]:
    """How many files have the bytes of another one, and where that matters."""
    start, stop = _pool(found)
    part_of = np.empty(len(labels), dtype=np.int64)
    for part, indices in parts.items():
        part_of[indices] = PART_NAMES.index(part)
    inside = (int(((group >= start) & (group < stop)).sum()) for group in copies)
    told = {
        "copies of another picture, kept in the same part": sum(max(0, number - 1) for number in inside),
        "held-out pictures with the same bytes as one of another part: scores flatter": sum(
            int((part_of[group] != part_of[group].min()).sum()) for group in copies
        ),
        "pictures that stand in two classes with the same bytes": sum(len(np.unique(labels[group])) > 1 for group in copies),
    }
    return [f"{found.root.name}: {what}: {count:,}" for what, count in told.items() if count]


def _check_parts(found: Found, parts: dict[Part, NDArray[np.intp]], labels: NDArray[np.int64]) -> None:
    """Refuse parts without pictures, and classes that nothing trains.

    Raises:
        DataError: with the part or class.
    """
    empty = next((part for part in PART_NAMES if not len(parts[part])), None)
    if empty is not None:
        raise DataError(f"{found.root}: got no picture for the {empty} part that can be read; expected some. Add pictures.")
    counts = np.bincount(labels[parts["train"]], minlength=len(found.classes))
    without = np.flatnonzero(counts == 0)
    if len(without):
        which = said(found.classes[int(without[0])])
        raise DataError(
            f"{found.root}: got no training picture of class {which} that can be read and is no copy; expected "
            "one of each class. Replace its pictures, or take the class out."
        )


class ImagesDataset(Dataset):
    """Pictures of a folder or table, in the classes and size that a model carries.

    Args:
        config: how they are found, read and cut into parts.
        carried: task, and the files and folders.
        accept_changed: whether batches may come from files that have changed since.
    """

    def __init__(self, config: ImagesConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, sources=carried.sources)
        self.config = config
        self.frame = _frame(config)
        self._form = PictureForm(config.view, self.frame.channels)
        self._accept_changed = accept_changed

    # The pictures ------------------------------------------------------------------------------------------------------

    @cached_property
    def arrays(self) -> _Arrays:
        """All pictures, with the model's classes.

        Raises:
            DataError: they are not here, have changed, or have other classes.
        """
        sources: tuple[SourceFile, ...] = ()
        if self.config.path:
            if not self._accept_changed:
                self.carried().check()
            sources = _sources(_found(self.config))
            added = sorted({source.path for source in sources} - {source.path for source in self.sources})
            if added and not self._accept_changed:
                raise ChangedDataError(
                    f"{added[0]}: added since the model was trained; expected the files and folders of then. Take it out, or "
                    "take the new one with --accept-changed-data (in Python accept_changed_data=True).",
                    added[0],
                )
        arrays, classes = _load(_reading_settings(self.config), sources)
        return arrays if classes == self._classes else self._renamed(arrays, classes)

    @property
    def _classes(self) -> tuple[str, ...]:
        if not isinstance(self.task.outputs, Classes):
            raise DataError("data: the model stores no classes; expected those of its pictures. Train it again.")
        return self.task.outputs.names

    def _renamed(self, arrays: _Arrays, classes: Sequence[str]) -> _Arrays:
        """The pictures with the model's numbers of classes."""
        strange = [name for name in classes if name not in self._classes]
        if strange:
            raise DataError(
                f"{self.config.path}: got class {said(strange[0])}; expected only the model's {len(self._classes)} classes. "
                "Train a new model."
            )
        numbers = np.array([self._classes.index(name) for name in classes])
        return _Arrays(arrays.pictures, numbers[arrays.labels], arrays.parts, arrays.notices)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out or is odd."""
        return self.arrays.notices

    # Batches -----------------------------------------------------------------------------------------------------------

    @property
    def num_train(self) -> int:
        """Number of training pictures."""
        return len(self.arrays.parts["train"])

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, self.num_train)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The pictures of a step in the epoch's order."""
        return self._rows(self.arrays.parts["train"][self._epochs.indices(seed, step, size)])

    def held_out(self, split: Split) -> Batch:
        """The pictures of the user's own part, or those that were cut off."""
        return self._rows(self.arrays.parts[split])

    def _rows(self, indices: NDArray[np.intp]) -> Batch:
        return self.batch(self.arrays.pictures[indices], self.arrays.labels[indices])

    def batch(self, pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> Batch:
        """Pictures in the form of `Frame.shape`, (n, ...), as a batch in the view of the settings."""
        return Batch(self._form.viewed(pictures), labels.astype(np.int64))

    # Texts and pictures ------------------------------------------------------------------------------------------------

    def picture(self, inputs: NDArray[np.generic]) -> NDArray[np.uint8]:
        """The picture behind any view, its colours as their mean."""
        return self._form.grey(inputs, self.frame.height, self.frame.width)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """Nothing for a picture, which is drawn; a sequence as one shade per row, or per so many pixels."""
        return "" if self.config.view == "image" else shades_text(inputs, self.frame.width * self.frame.channels)

    def input_example(self) -> str:
        """The first test picture."""
        return "test:0"

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A picture's path; or a stored one by its place in its part (`test:12`, `train:5`, from 0).

        Raises:
            DataError: it is neither, or cannot be read.
        """
        viewed: NDArray[np.float32] = self._form.viewed(self._typed(text.strip())[None])[0]
        return viewed

    def _typed(self, text: str) -> NDArray[np.uint8]:
        if text.startswith(("test:", "train:", "validation:")):
            for part in PART_NAMES:
                indices = self.arrays.parts[part] if text.startswith(f"{part}:") else np.zeros(0, dtype=np.intp)
                place = sample_place(text, part, len(indices))
                if place is not None:
                    found: NDArray[np.uint8] = self.arrays.pictures[indices[place]]
                    return found
        path = checked_path(text, "input", DataError)
        if not is_picture_name(path.name) and not path.exists():
            raise DataError(f"input: got {said(text)}; expected a picture's path, test:NUMBER or train:NUMBER. Try test:0.")
        return read_picture(path, self.frame)
