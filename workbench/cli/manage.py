"""`workbench rm`, `tag`, `note` and `name`: keeping runs in order."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli.options import RunName, RunNames, RunsDir, runs_root
from workbench.cli.output import message

__all__ = ["register"]


def rm(
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


def tag(
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


def note(
    run: RunName,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="The note; it replaces the one before.")],
    runs_dir: RunsDir = None,
) -> None:
    """Write a note on a run."""
    from workbench.runs.listing import find_run, note_run

    folder = find_run(runs_root(runs_dir), run)
    note_run(folder, " ".join(text).strip())
    message(f"{folder.id}: noted")


def name(
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


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Keep")(rm)
    # a word such as -draft is a tag to take off, not a row of options
    app.command(rich_help_panel="Keep", context_settings={"ignore_unknown_options": True})(tag)
    app.command(rich_help_panel="Keep")(note)
    app.command(rich_help_panel="Keep")(name)
