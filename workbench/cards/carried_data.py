"""What a model carries of the data it was trained on, so that it answers without them.

That is the task with its vocabularies and classes as they were, and of every file or folder of files its absolute path and
SHA-256. `stored_task` writes them as JSON. No torch here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from workbench.cards.task import Task
from workbench.errors import ChangedDataError, DataError
from workbench.paths import path_problem, resolved

__all__ = ["Carried", "SourceFile", "changes_of", "files_below"]

_CHUNK = 1 << 20
_MOST_ENTRIES = 1_000_000
_MADE_BY_SYSTEMS = ("thumbs.db", "desktop.ini", "__macosx")
"""What operating systems and archives put beside a person's files, besides what is hidden by its name."""


@dataclass(frozen=True)
class SourceFile:
    """A file that data were read from, or a folder of which all files were.

    Attributes:
        path: where it was, absolute.
        sha256: digest of its content then; of a folder that of names and contents of all files in it and below.
    """

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> SourceFile:
        """The file as it is now; its digest is worked out again only when time of change or size differ.

        Raises:
            DataError: it cannot be read, or its name cannot be written down.
        """
        if problem := path_problem(path):
            raise DataError(f"{path.name!a}: {problem}")
        try:
            found = path.stat()
            if stat.S_ISDIR(found.st_mode):
                return cls(str(resolved(path)), _sha256_of_folder(path, _stamps(path)))
            if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
                raise DataError(
                    f"{path}: is a pipe, socket or device; expected a file that can be read again. Save it as a file."
                )
            return cls(str(resolved(path)), _sha256(path, _stamp(found)))
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}. Check data.path.") from error


def files_below(folder: Path) -> list[str]:
    """All files in a folder and below, as sorted paths relative to it with `/`; hidden ones and those of systems are left out.

    Links are followed, each folder is entered once, and what is neither file nor folder (a pipe, a broken link) is no file.

    Raises:
        OSError: a folder cannot be read.
        DataError: there are more than a million.
    """
    found: list[str] = []
    entered: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        place = os.stat(os.path.join(folder, inside))  # noqa: PTH116, PTH118 - strings are quick, and there may be many
        if (place.st_dev, place.st_ino) in entered:
            continue
        entered.add((place.st_dev, place.st_ino))
        folders: list[str] = []
        for name, is_folder in _seen_entries(os.path.join(folder, inside)):  # noqa: PTH118
            (folders if is_folder else found).append(f"{inside}{name}")
        waiting.extend(f"{name}/" for name in sorted(folders, reverse=True))
        if len(found) + len(entered) > _MOST_ENTRIES:
            raise DataError(f"{folder}: got more than {_MOST_ENTRIES:,} files; expected a folder of data. Name a smaller one.")
    return sorted(found)


def _seen_entries(folder: str) -> Iterator[tuple[str, bool]]:
    """Name of each file and folder in a folder, and whether it is a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _MADE_BY_SYSTEMS:
                continue
            try:
                if entry.is_dir():
                    yield entry.name, True
                elif entry.is_file():
                    yield entry.name, False
            except OSError:  # a link that leads round in a circle
                continue


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _stamps(folder: Path) -> str:
    """A short text that is another one when a file of the folder is."""
    stamps = hashlib.sha256()
    for name in files_below(folder):
        stamps.update(repr((name, _stamp((folder / name).stat()))).encode("utf-8", "surrogateescape"))
    return stamps.hexdigest()


@lru_cache(maxsize=4096)
def _sha256_of_folder(folder: Path, stamp: object) -> str:  # noqa: ARG001 - stamp is part of the key
    digest = hashlib.sha256()
    for name in files_below(folder):
        try:
            content = _digest(folder / name)
        except PermissionError:
            content = "cannot be read"
        digest.update(f"{name}\0{content}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


@lru_cache(maxsize=16_384)
def _sha256(path: Path, stamp: object) -> str:  # noqa: ARG001 - stamp is part of the key
    return _digest(path)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Carried:
    """What travels with a model.

    Attributes:
        task: what was asked, with every symbol and class in its place.
        sources: the files that the data were read from; none for data that are made here.
    """

    task: Task
    sources: tuple[SourceFile, ...] = ()

    def check(self, instead: str = "type an input instead") -> None:
        """Compare the files with what they were.

        Args:
            instead: what does without them.
        Raises:
            DataError: one is missing or has changed, in one line.
        """
        for source in self.sources:
            path = Path(source.path)
            if not path.exists():
                raise DataError(
                    f"{path}: the data that the model was trained on are not here; expected them for training and for samples "
                    f"of the test set. Put the file back, or {instead}."
                )
            if SourceFile.of(path).sha256 != source.sha256:
                raise ChangedDataError(
                    f"{path}: changed since the model was trained on it, got SHA-256 {SourceFile.of(path).sha256[:12]}; "
                    f"expected {source.sha256[:12]}. Put the old file back, or take the new one with --accept-changed-data "
                    "(in Python accept_changed_data=True).",
                    str(path),
                )

    def files_now(self, *, accept_changed: bool) -> tuple[SourceFile, ...]:
        """The files as they are now, of which samples may be taken.

        Args:
            accept_changed: whether they may be others than they were.
        Raises:
            DataError: one is missing, or has changed and that is not accepted.
        """
        if not accept_changed:
            self.check()
        return self.as_now().sources

    def as_now(self) -> Carried:
        """The same meaning of every symbol, with the files as they are now.

        Raises:
            DataError: one is missing.
        """
        return replace(self, sources=tuple(SourceFile.of(Path(source.path)) for source in self.sources))


def changes_of(sources: Sequence[SourceFile]) -> list[str]:
    """Of each file that is no longer what it was, its path and what became of it."""
    changes = []
    for source in sources:
        try:
            if SourceFile.of(Path(source.path)).sha256 != source.sha256:
                changes.append(f"{source.path}: changed since the model was trained on it")
        except DataError:
            changes.append(f"{source.path}: not here any more")
    return changes
