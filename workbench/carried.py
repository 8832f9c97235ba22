"""What a model carries of the data it was trained on, so that it answers without them.

That is the task with its vocabularies and classes as they were, and of every file its absolute path and SHA-256: plain values,
fit for JSON. No torch here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import ChangedDataError, DataError
from workbench.paths import resolved
from workbench.saying import said
from workbench.task import (
    Baseline,
    Classes,
    FreeRun,
    Image,
    Nothing,
    Signal,
    Task,
    TaskKind,
    Tokens,
    Vectors,
)

__all__ = ["Carried", "SourceFile", "changes_of", "task_from_dict", "task_to_dict"]

_SIGNALS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in (Vectors, Tokens, Image, Classes, Nothing)}
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

    def to_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` gives the same back."""
        return {"task": task_to_dict(self.task), "sources": [asdict(source) for source in self.sources]}

    @classmethod
    def from_dict(cls, values: Any) -> Carried:
        """What `to_dict` wrote.

        Raises:
            ValueError: it is something else.
        """
        values = _table(values, "carried data")
        sources = values.get("sources")
        if not isinstance(sources, list):
            raise ValueError("sources: expected a list of files")  # noqa: TRY004 - one kind of error for whoever reads JSON
        found = []
        for source in sources:
            table = _table(source, "source")
            found.append(SourceFile(_text(table, "path"), _text(table, "sha256")))
        return cls(task_from_dict(values.get("task")), tuple(found))


def changes_of(sources: Sequence[SourceFile]) -> list[str]:
    """Of each file that is no longer what it was, its path and what became of it."""
    found = []
    for source in sources:
        try:
            if SourceFile.of(Path(source.path)).sha256 != source.sha256:
                found.append(f"{source.path}: changed since the model was trained on it")
        except DataError:
            found.append(f"{source.path}: not here any more")
    return found


def task_to_dict(task: Task) -> dict[str, Any]:
    """A task as plain values."""
    return {
        "kind": str(task.kind),
        "inputs": _signal_to_dict(task.inputs),
        "outputs": _signal_to_dict(task.outputs),
        "baselines": [asdict(baseline) for baseline in task.baselines],
        "washout": task.washout,
        "free_run": None if task.free_run is None else asdict(task.free_run),
    }


def task_from_dict(values: Any) -> Task:
    """What `task_to_dict` wrote.

    Raises:
        ValueError: it is something else.
    """
    values = _table(values, "task")
    try:
        free_run = values["free_run"]
        return Task(
            TaskKind(values["kind"]),
            _signal_from_dict(values["inputs"]),
            _signal_from_dict(values["outputs"]),
            tuple(Baseline(str(line["metric"]), float(line["value"]), str(line["sentence"])) for line in values["baselines"]),
            _whole(values["washout"]),
            None if free_run is None else FreeRun(_whole(free_run["warmup"]), _whole(free_run["horizon"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"task: {error}") from error


def _signal_to_dict(signal: Signal) -> dict[str, Any]:
    return {"signal": type(signal).__name__.lower(), **asdict(signal)}


def _signal_from_dict(values: Any) -> Signal:
    values = dict(_table(values, "signal"))
    kind = _SIGNALS.get(values.pop("signal", ""))
    if kind is None:
        raise ValueError("signal: unknown kind")
    for key, value in values.items():
        if key in ("symbols", "names"):
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise ValueError(f"{key}: expected a list of texts")
            values[key] = tuple(value)
        elif key in ("special", "open"):
            if not isinstance(value, bool):
                raise ValueError(f"{key}: expected true or false")
        elif key in ("joiner", "structure"):
            if not isinstance(value, str):
                raise ValueError(f"{key}: expected text")
        elif value is not None:
            values[key] = _whole(value)
    signal: Signal = kind(**values)
    return signal


def _table(values: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise ValueError(f"{what}: expected a table")  # noqa: TRY004 - one kind of error for whoever reads JSON
    return values


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected text")  # noqa: TRY004 - one kind of error for whoever reads JSON
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"got {said(value)}; expected a whole number")
    return value
