"""What an export format is. No torch here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from workbench.runs.folder import RunFolder

__all__ = ["ExportFormat", "ExportSource", "Exported"]


@dataclass(frozen=True)
class ExportSource:
    """What is exported.

    Attributes:
        folder: the run.
        step: step of the checkpoint, or the run's last step where none was chosen.
        checkpoint: the checkpoint's file, or None where the format needs none and none was chosen.
    """

    folder: RunFolder
    step: int
    checkpoint: Path | None


@dataclass(frozen=True)
class Exported:
    """An export that was written, loaded again and found equal to its source.

    Attributes:
        run: the run's id.
        step: what was exported, as `ExportSource.step`.
        format: the format's name.
        path: the file or folder.
        verified: what was compared -> what was found, in words.
    """

    run: str
    step: int
    format: str
    path: Path
    verified: dict[str, str]


class ExportFormat(ABC):
    """A format a user can choose. `export_run` names the file, writes it beside its place, checks it and moves it there."""

    name: ClassVar[str]
    """Set from the file's name."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """What it holds and what it is good for."""
    suffix: ClassVar[str]
    """With its dot; "" for a folder."""
    needs_checkpoint: ClassVar[bool] = True
    is_folder: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def write(cls, source: ExportSource, path: Path) -> None:
        """Write the export to `path`, which does not exist yet.

        Raises:
            OSError: it cannot be written.
            WorkbenchError: the source cannot be read.
        """

    @classmethod
    @abstractmethod
    def verify(cls, source: ExportSource, path: Path) -> dict[str, str]:
        """Load what was written and compare it with its source.

        Returns:
            What was compared -> what was found.

        Raises:
            ExportError: it differs.
        """
