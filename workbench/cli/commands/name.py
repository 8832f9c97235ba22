"""`workbench name`: give a run another name."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message

__all__ = ["PANEL", "command"]

PANEL = "Keep"


def command(
    run: RunName,
    new: Annotated[str, typer.Argument(metavar="NAME", help="The name; it replaces the one before. '' takes it away.")],
    runs_dir: RunsDir = None,
) -> None:
    """Give a run another name."""
    from workbench.runs.listing import find_run, name_run, namesakes, shared_name
    from workbench.saying import said

    root = runs_root(runs_dir)
    folder = find_run(root, run)
    before = name_run(folder, new)
    if new:
        message(f"{folder.id}: named {new.strip()}")
        if others := [other for other in namesakes(root, new.strip()) if other != folder.id]:
            message(shared_name(new.strip(), others))
    else:
        message(f"{folder.id}: name removed: it was {said(before)}" if before else f"{folder.id}: it had no name")
