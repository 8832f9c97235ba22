"""Every error a user can cause, as one tree.

    WorkbenchError
    ├── UsageError              wrong words: names, values, files that a person can fix (exit code 2)
    │   ├── ExperimentError     an experiment that does not hold together; carries every problem at once
    │   ├── CardError           an unknown, duplicate or broken card
    │   ├── DataError           a data file that is missing, damaged or does not fit
    │   │   └── ChangedDataError  a data file that is another than the model was trained on; it can be accepted
    │   ├── RunNotFoundError    no run, or more than one, by that name
    │   └── StoreError          a run folder that cannot be read or written
    │       ├── BusyError       another process holds it; it can be written later
    │       ├── DiskFullError   there is no room; it can be written when there is again
    │       └── OwnershipError  another process works on the run now
    └── RunFailedError          a run that was started and did not end well (exit code 1)
        ├── WorkerError         the worker process died or did not answer
        ├── NonFiniteError      loss or gradient became NaN or infinite
        ├── CheckpointError     no checkpoint that can be loaded
        └── ExportError         an export that could not be written, or did not equal its source

A message reads `<where>: <what>, got <value>; expected <constraint>. <how to fix>` in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.saying import clean

__all__ = [
    "BusyError",
    "CardError",
    "ChangedDataError",
    "CheckpointError",
    "DataError",
    "DiskFullError",
    "ExperimentError",
    "ExportError",
    "NonFiniteError",
    "OwnershipError",
    "Problem",
    "RunFailedError",
    "RunNotFoundError",
    "StoreError",
    "UsageError",
    "WorkbenchError",
    "WorkerError",
]


class WorkbenchError(Exception):
    """Base of all errors that are shown to a person as one clear line, without a traceback.

    What a message repeats of names, paths and data holds no control sign: Python itself writes it to a terminal where the API is
    used.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, *parts: Any) -> None:
        super().__init__(*(clean(part) if isinstance(part, str) else part for part in parts))


class UsageError(WorkbenchError):
    """The words, values or files given are wrong, and the person who gave them can fix them."""

    exit_code: ClassVar[int] = 2


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an experiment.

    Attributes:
        where: file or source it stands in (`presets/rnn/adding.toml:4`, `--set`), or "".
        table: table of the experiment (`model`, `data`, `optimizer`, `training`, `claim`), or "".
        key: key within the table, or "" when the table as a whole is meant.
        message: what is wrong, what was expected and how to fix it.
    """

    where: str
    table: str
    key: str
    message: str

    def __str__(self) -> str:
        head = f"{self.where}: " if self.where else ""
        table = f"[{self.table}] " if self.table else ""
        key = f"{self.key}: " if self.key else ""
        return f"{head}{table}{key}{self.message}"


class ExperimentError(UsageError):
    """An experiment that cannot be run. All problems are reported at once, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CardError(UsageError):
    """A card is unknown, named twice, or does not keep the contract of cards."""


class DataError(UsageError):
    """A data file is missing, damaged or does not fit the dataset."""


class ChangedDataError(DataError):
    """A data file is another than the one that the model was trained on; a person may accept it.

    Attributes:
        path: the file.
    """

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


class RunNotFoundError(UsageError):
    """No run, or more than one, answers to the name given."""


class StoreError(UsageError):
    """A run folder cannot be read or written: permission, full disk, unknown schema, damage."""


class BusyError(StoreError):
    """Another process holds a run's database; what was to be written can be written later."""


class DiskFullError(StoreError):
    """The disk is full; what was to be written can be written when there is room again."""


class OwnershipError(StoreError):
    """Another process works on the run now; this one may write nothing."""


class RunFailedError(WorkbenchError):
    """A run was started and did not end well."""


class WorkerError(RunFailedError):
    """The worker process died or did not answer."""


class NonFiniteError(RunFailedError):
    """Loss or gradient became NaN or infinite and the policy was to stop."""


class CheckpointError(RunFailedError):
    """No checkpoint that can be loaded."""


class ExportError(RunFailedError):
    """An export could not be written, or what was written did not equal its source."""
