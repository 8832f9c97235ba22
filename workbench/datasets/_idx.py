"""Reads IDX files, the format of MNIST and its kin: a magic number, big-endian sizes, then bytes. Plain or gzip.

00 00 08 n   size 1 ... size n (each 4 bytes, most significant first)   data: unsigned bytes, last axis fastest
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError

__all__ = ["IdxFolder", "find_idx_files", "read_header", "read_idx"]

_UNSIGNED_BYTE = 8
_MAX_AXES = 4
_NAME = re.compile(r"(?P<prefix>.*?)(?P<split>train|t10k|test)-(?P<what>images|labels)[-.]idx[13]-ubyte(\.gz)?", re.IGNORECASE)
_EXPECTED = "train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz] and the same with t10k or test"


@dataclass(frozen=True)
class IdxFolder:
    """The four files of a data set in MNIST's layout."""

    train_images: Path
    train_labels: Path
    test_images: Path
    test_labels: Path

    @property
    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file changes: path, time of change and size of each."""
        files = (self.train_images, self.train_labels, self.test_images, self.test_labels)
        return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


def find_idx_files(path: Path) -> IdxFolder:
    """The four files in a folder, or those whose names begin with the path's last part (`emnist/emnist-letters`).

    Raises:
        DataError: no such folder, a file is missing, or the folder holds several sets.
    """
    folder, start = (path, "") if path.is_dir() else (path.parent, path.name)
    if not folder.is_dir():
        raise DataError(f"{path}: no such folder; expected one with {_EXPECTED}. Check data.path.")
    sets: dict[str, dict[str, Path]] = {}
    for file in sorted(folder.iterdir()):
        match = _NAME.fullmatch(file.name)
        if match and file.name.startswith(start) and file.is_file():
            split = "train" if match["split"].lower() == "train" else "test"
            sets.setdefault(match["prefix"], {}).setdefault(f"{split}_{match['what'].lower()}", file)
    if len(sets) > 1:
        names = ", ".join(repr(str(folder / prefix.rstrip("-"))) for prefix in sorted(sets))
        raise DataError(f"{path}: got {len(sets)} data sets in one folder; expected one. Set data.path to one of {names}.")
    files = next(iter(sets.values()), {})
    missing = [part for part in ("train_images", "train_labels", "test_images", "test_labels") if part not in files]
    if missing:
        what = ", ".join(part.replace("_", " ") for part in missing)
        raise DataError(f"{path}: IDX files missing: {what}; expected {_EXPECTED}. Put them there.")
    return IdxFolder(**files)


def read_header(path: Path) -> tuple[int, ...]:
    """The sizes of an IDX file's axes.

    Raises:
        DataError: it cannot be read or is not an IDX file of unsigned bytes.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(4 + 4 * _MAX_AXES)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    return _sizes(path, data)


def read_idx(path: Path, num_axes: int, digests: Mapping[str, str] | None = None) -> NDArray[np.uint8]:
    """The array of an IDX file.

    Args:
        path: the file; a name ending in .gz is unpacked.
        num_axes: number of axes that it must have.
        digests: SHA-256 by file name, checked when the name is there.
    Raises:
        DataError: missing, damaged, cut short, of another form, or not the file that the digest names.
    """
    try:
        raw = path.read_bytes()
        wanted = (digests or {}).get(path.name)
        if wanted is not None and hashlib.sha256(raw).hexdigest() != wanted:
            raise DataError(f"{path.name}: the file is damaged: SHA-256 differs from the original's. Install the package again.")
        # zlib at once is three times faster than GzipFile's small steps
        data = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    sizes = _sizes(path, data)
    if len(sizes) != num_axes:
        raise DataError(f"{path}: got {len(sizes)} axes; expected {num_axes}. Check that images and labels are not swapped.")
    start, count = 4 + 4 * len(sizes), int(np.prod(sizes, dtype=object))
    if len(data) - start != count:
        raise DataError(f"{path}: got {len(data) - start} bytes of data; expected {count} as its header says. Fetch it again.")
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(sizes)


def _sizes(path: Path, data: bytes) -> tuple[int, ...]:
    """The axes' sizes from the first bytes."""
    num_axes = data[3] if len(data) >= 4 else 0  # noqa: PLR2004 - the magic number's length
    if data[:3] != bytes((0, 0, _UNSIGNED_BYTE)) or not 1 <= num_axes <= _MAX_AXES or len(data) < 4 + 4 * num_axes:
        raise DataError(
            f"{path}: not an IDX file of unsigned bytes, begins with {data[:4].hex(' ') or 'nothing'}. Fetch it again."
        )
    return tuple(int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(num_axes))


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "damaged or cut short"
    return DataError(f"{path}: cannot be read: {reason}. Check the file or fetch it again.")
