"""`workbench export`: a checkpoint or the metrics of a run, as a file for use elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, RunReference, RunsDir, complete_format, runs_root
from workbench.cli.output import message, print_json
from workbench.cli.working import Working
from workbench.extensions import extension_names
from workbench.paths import resolved

if TYPE_CHECKING:
    from workbench.export import Exported

__all__ = ["PANEL", "command"]

PANEL = "Use"


def command(
    run: RunReference,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"Export format: {', '.join(extension_names('workbench.export.file_formats'))}. Required.",
            autocompletion=complete_format,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="PATH", help="Where to write it; the run's exports folder by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Export a run; what was written is loaded again and compared with its source before success is reported."""
    from workbench.errors import UsageError
    from workbench.export import export_run
    from workbench.paths import checked_path
    from workbench.runs.listing import find_reference, split_reference

    out = None if out is None else checked_path(out, "--out")
    root = runs_root(runs_dir)
    if format_name is None:
        raise UsageError("\n".join(_missing_format(root, *split_reference(run))))
    folder, which = find_reference(root, run)
    with Working(f"{folder.id}: writing {format_name}, and comparing it with its source"):
        exported = export_run(folder, format_name, which, out=out, overwrite=force)
    if as_json:
        print_json(exported_values(exported))
        return
    for key, value in exported.verified.items():
        message(f"verified {key}: {value}")
    sys.stdout.write(f"{exported.path}\n")


def _missing_format(root: Path, name: str, which: str) -> list[str]:
    """That no format was given, and what else is wrong, so that both can be fixed at once."""
    from workbench.errors import WorkbenchError
    from workbench.export import formats
    from workbench.runs.listing import find_run
    from workbench.training.checkpoint_files import find_checkpoint

    problems = [f"workbench export: --format: missing; expected one of {', '.join(formats())}."]
    try:
        folder = find_run(root, name)
        if which:
            find_checkpoint(folder, which)
    except WorkbenchError as error:
        problems.append(str(error))
    return problems


def exported_values(exported: Exported) -> dict[str, Any]:
    """An export as `export --json` prints it."""
    return {
        "run": exported.run,
        "step": exported.step,
        "format": exported.format,
        "path": str(resolved(exported.path)),
        "verified": exported.verified,
    }
