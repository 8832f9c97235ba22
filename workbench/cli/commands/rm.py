"""`workbench rm`: delete runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli.options import RunNames, RunsDir, runs_root
from workbench.cli.output import message

__all__ = ["PANEL", "command"]

PANEL = "Keep"


def command(
    runs: RunNames,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Delete runs for good, checkpoints included. Without a terminal it needs --yes."""
    from workbench.errors import UsageError
    from workbench.runs.listing import find_run, remove_run

    root = runs_root(runs_dir)
    folders = list({folder.path.absolute(): folder for folder in (find_run(root, name) for name in runs)}.values())
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("workbench rm: nobody to ask without a terminal; expected --yes. Nothing was deleted.")
        names = ", ".join(folder.id for folder in folders)
        if not typer.confirm(f"Delete {names} for good?", err=True):
            message("Nothing was deleted.")
            return
    for folder in folders:
        remove_run(folder, root)
        message(f"{folder.id}: deleted")
