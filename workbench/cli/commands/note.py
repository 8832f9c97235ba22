"""`workbench note`: write a note on a run."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message

__all__ = ["PANEL", "command"]

PANEL = "Keep"


def command(
    run: RunName,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="The note; it replaces the one before.")],
    runs_dir: RunsDir = None,
) -> None:
    """Write a note on a run."""
    from workbench.runs.listing import find_run, note_run

    folder = find_run(runs_root(runs_dir), run)
    note_run(folder, " ".join(text).strip())
    message(f"{folder.id}: noted")
