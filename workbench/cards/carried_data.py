"""What a model carries of the data it was trained on, so that it answers without them.

That is the task with its vocabularies and classes as they were, and of every file its absolute path and SHA-256. `stored_task`
writes them as JSON. No torch here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from workbench.cards.task import Task
from workbench.errors import ChangedDataError, DataError
from workbench.paths import resolved

__all__ = ["Carried", "SourceFile", "changes_of"]

_CHUNK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A file that data were read from.

    Attributes:
        path: where it was, absolute.
        sha256: digest of its content then.
    """

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> SourceFile:
        """The file as it is now; its digest is worked out again only when time of change or size differ.

        Raises:
            DataError: it cannot be read.
        """
        try:
            stat = path.stat()
            return cls(str(resolved(path)), _sha256(path, (stat.st_mtime_ns, stat.st_size, stat.st_ino)))
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}. Check data.path.") from error


@lru_cache(maxsize=16)
def _sha256(path: Path, stamp: object) -> str:  # noqa: ARG001 - stamp is part of the key
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
