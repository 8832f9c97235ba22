"""Reads IDX files, the format of MNIST and its kin: a magic number, big-endian sizes, then numbers.

00 00 type n   size 1 ... size n (each 4 bytes, most significant first)   data, last axis fastest

What a file is shows in its content: whether it is packed, what numbers it holds, whether they are pictures or labels. Its name
says of which set it is, and whether it trains or tests.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.cards import SourceFile
from workbench.datasets._text_file import unpacked
from workbench.errors import DataError
from workbench.paths import missing_hint

__all__ = ["IdxFolder", "find_idx_files", "read_header", "read_images", "read_labels"]

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_AXES = 4
_HEAD = 32
"""Bytes that are looked at: a header, or enough to see what it is instead."""
_STACK = 3
_BYTE = 255
_MAX_CLASSES = 10_000
_TRAIN = re.compile(r"(?<![a-z])train(ing)?(?![a-z])", re.IGNORECASE)
_TEST = re.compile(r"(?<![a-z])(t10k|test(ing)?)(?![a-z])", re.IGNORECASE)
_PLAIN_WORDS = re.compile(r"(train(ing)?|t10k|test(ing)?|images?|labels?|idx\d?|ubyte|byte|int|gz)", re.IGNORECASE)
_LOOKS_LIKE_ONE = re.compile(r"(images|labels).*idx|idx\d.ubyte", re.IGNORECASE)
_EXPECTED = "train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz] and the same with t10k or test"
_OTHERS = (
    (b"\x00\x05\x16\x07", "a macOS metadata file"),
    (b"<", "a web page or XML"),
    (b"PK", "a zip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\x93NUMPY", "a numpy array"),
    (b"version https://git-lfs", "a Git LFS pointer"),
)


@dataclass(frozen=True)
class IdxFolder:
    """The four files of a data set in MNIST's layout."""

    train_images: Path
    train_labels: Path
    test_images: Path
    test_labels: Path

    @property
    def files(self) -> tuple[Path, Path, Path, Path]:
        """All four."""
        return self.train_images, self.train_labels, self.test_images, self.test_labels

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """All four as they are now: path and digest."""
        return tuple(SourceFile.of(path) for path in self.files)


def find_idx_files(path: Path) -> IdxFolder:
    """The four files of a folder's one set; of several sets the one that a file's path or the beginning of names chooses.

    Raises:
        DataError: no such folder, a file is missing, or the folder holds several sets.
    """
    folder, start = (path, "") if path.is_dir() else (path.parent, path.name)
    if not folder.is_dir():
        raise _no_such(path)
    sets: dict[str, dict[str, Path]] = {}
    for file in sorted(folder.iterdir()):
        if not file.name.startswith(".") and file.is_file() and (part := _part(file)):
            files = sets.setdefault(_set_name(file.name), {})
            files[part] = _better(files.get(part), file, part)
    if start:
        wanted = _set_name(start)
        sets = {wanted: sets[wanted]} if wanted in sets else {name: sets[name] for name in sets if name.startswith(wanted)}
    if len(sets) > 1:
        names = ", ".join(repr(str(folder / name if name else min(sets[name].values()))) for name in sorted(sets))
        raise DataError(f"{path}: got {len(sets)} datasets in one folder; expected one. Set data.path to one of {names}.")
    chosen = next(iter(sets.values()), {})
    if start and not chosen:
        raise _no_such(path)
    missing = [part for part in ("train_images", "train_labels", "test_images", "test_labels") if part not in chosen]
    if missing:
        what = ", ".join(part.replace("_", " ") for part in missing)
        raise DataError(f"{path}: IDX files missing: {what}; expected {_EXPECTED}. Add them to the folder.")
    return IdxFolder(**chosen)


def _no_such(path: Path) -> DataError:
    """A path that is neither a folder, nor a set's file, nor the beginning of names."""
    what = "not a file of a dataset" if path.exists() else "no such folder"
    hint = missing_hint(path) or "Check data.path."
    return DataError(f"{path}: {what}; expected a folder with {_EXPECTED}, or one of these files. {hint}")


def _part(path: Path) -> str:
    """Which of the four files this is, "" where it is none of a set."""
    train, test = _TRAIN.search(path.name), _TEST.search(path.name)
    if bool(train) == bool(test):
        return ""
    split = "train" if train else "test"
    try:
        num_axes = len(read_header(path))
    except DataError:
        if not _LOOKS_LIKE_ONE.search(path.name):
            return ""
        return f"{split}_{'labels' if 'label' in path.name.lower() else 'images'}"  # reading it will say what is wrong
    return f"{split}_{'images' if num_axes >= _STACK else 'labels'}"


def _set_name(name: str) -> str:
    """The words of a file's name that say neither what it holds nor how: `emnist-letters`."""
    words = re.split(r"[-_. ]+", name)
    return "-".join(word for word in words if word and not _PLAIN_WORDS.fullmatch(word))


def _better(one: Path | None, other: Path, part: str) -> Path:
    """Of two files for one place the one that is not packed; refused where the name of one belies its content."""
    if one is None:
        return other
    what = part.rpartition("_")[2].removesuffix("s")
    for path in (one, other):
        if what not in path.name.lower() and re.search("image|label", path.name, re.IGNORECASE):
            expected = "3" if what == "label" else "1 or 2"
            raise DataError(
                f"{path}: got {len(read_header(path))} axes; expected {expected}, as its name says. "
                "Check that images and labels are not swapped."
            )
    return one if one.suffix != ".gz" else other


def read_header(path: Path) -> tuple[int, ...]:
    """The sizes of an IDX file's axes.

    Raises:
        DataError: it cannot be read or is not an IDX file.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "compressed, and damaged or truncated"
        raise DataError(f"{path}: cannot be read: {reason}. Check the file or download it again.") from error
    return _sizes(path, data)


def read_images(path: Path, digests: Mapping[str, str] | None = None) -> NDArray[np.uint8]:
    """Pictures, (n, height, width).

    Args:
        path: the file.
        digests: SHA-256 by file name, checked when the name is there.
    Raises:
        DataError: missing, damaged, cut short, of another form, or not the file that the digest names.
    """
    array = _read(path, digests)
    if array.ndim != _STACK:
        raise DataError(f"{path}: got {array.ndim} axes; expected 3. Check that it contains greyscale images, not labels.")
    if array.dtype.kind == "f" or (array.size and (array.min() < 0 or array.max() > _BYTE)):
        raise DataError(
            f"{path}: got values of type {array.dtype.name} that are not bytes; expected integers 0..255. Rescale them."
        )
    return array.astype(np.uint8, copy=False)


def read_labels(path: Path, digests: Mapping[str, str] | None = None) -> NDArray[np.int64]:
    """Classes, (n,); of a table, such as QMNIST's, its first column.

    Args:
        path: the file.
        digests: as in `read_images`.
    Raises:
        DataError: as there.
    """
    array = _read(path, digests)
    if array.ndim == 2 and array.shape[1] > 0:  # noqa: PLR2004 - a table
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{path}: got {array.ndim} axes; expected 1 or 2. Check that it contains labels, not images.")
    labels = array.astype(np.int64)
    if array.dtype.kind == "f" or (array.size and not 0 <= labels.min() <= labels.max() < _MAX_CLASSES):
        raise DataError(
            f"{path}: got labels that are not class numbers; expected integers from 0 to {_MAX_CLASSES - 1}. Renumber them."
        )
    return labels


def _read(path: Path, digests: Mapping[str, str] | None) -> NDArray[np.generic]:
    wanted = (digests or {}).get(path.name)
    if wanted is not None and SourceFile.of(path).sha256 != wanted:
        raise DataError(
            f"{path.name}: the file is damaged: its SHA-256 differs from that of the original. Reinstall the package."
        )
    data = unpacked(path)
    sizes = _sizes(path, data)
    kind = np.dtype(_TYPES[data[2]])
    start, count = 4 + 4 * len(sizes), int(np.prod(sizes, dtype=object)) * kind.itemsize
    if (got := len(data) - start) != count:
        remedy = "It is truncated: download it again" if got < count else "It has extra bytes, or its header is wrong"
        raise DataError(f"{path}: got {got} bytes of data; expected {count} as its header says. {remedy}.")
    return np.frombuffer(data, dtype=kind, offset=start).reshape(sizes)


def _sizes(path: Path, data: bytes) -> tuple[int, ...]:
    """The axes' sizes from the first bytes."""
    if not data:
        raise DataError(f"{path}: is empty; expected an IDX file. Replace it with the right one.")
    num_axes = data[3] if len(data) >= 4 else 0  # noqa: PLR2004 - the magic number's length
    if data[:2] != b"\0\0" or data[2:3] not in [bytes([kind]) for kind in _TYPES] or not 1 <= num_axes <= _MAX_AXES:
        what = next((what for start, what in _OTHERS if data.lstrip().startswith(start)), f"starts with {data[:4].hex(' ')}")
        raise DataError(
            f"{path}: not an IDX file, {what}; expected 00 00, a type and 1 to 4 axes. Replace it with the right file."
        )
    if len(data) < 4 + 4 * num_axes:
        raise DataError(f"{path}: truncated within its header; expected {num_axes} sizes. Download it again.")
    return tuple(int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(num_axes))
