"""`workbench tag`: put tags on a run and take them off."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message

__all__ = ["CONTEXT", "PANEL", "command"]

PANEL = "Keep"
CONTEXT = {"ignore_unknown_options": True}
"""A word such as -draft is a tag to take off, not a row of options."""


def command(
    run: RunName,
    changes: Annotated[list[str], typer.Argument(metavar="+TAG|-TAG...", help="+x puts a tag on, -x takes it off.")],
    runs_dir: RunsDir = None,
) -> None:
    """Put tags on a run and take them off: workbench tag latest +good -draft."""
    from workbench.errors import UsageError
    from workbench.runs.listing import find_run, tag_run

    for word in changes:
        if word[:1] not in ("+", "-"):
            raise UsageError(f"workbench tag: got '{word}'; expected +TAG to put one on or -TAG to take it off.")
    folder = find_run(runs_root(runs_dir), run)
    tags = tag_run(
        folder,
        add=[word[1:] for word in changes if word.startswith("+")],
        remove=[word[1:] for word in changes if word.startswith("-")],
    )
    message(f"{folder.id}: {' '.join(tags) or 'no tags'}")
