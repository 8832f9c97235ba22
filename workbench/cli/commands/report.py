"""`workbench report`: runs and groups as one HTML file, and as Markdown with its figures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.commands.compare import evaluating
from workbench.cli.options import Json, RunsDir, complete_run, runs_root
from workbench.cli.output import message, print_json
from workbench.cli.working import Working

__all__ = ["PANEL", "command"]

PANEL = "Use"


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN|GROUP...", help="Runs, and groups by name.", autocompletion=complete_run),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder that it is written into; made where it is missing.")
    ] = Path("report"),
    title: Annotated[str, typer.Option("--title", help="What it is about; what the runs are called by default.")] = "",
    query: Annotated[
        str, typer.Option("--filter", metavar="QUERY", help="Also the runs that this finds, as in 'workbench runs'.")
    ] = "",
    group: Annotated[bool, typer.Option("--group", help="Fold runs that differ in nothing but the seed.")] = False,
    evaluate: Annotated[bool, typer.Option("--evaluate/--no-evaluate", help="Measure test samples of runs that lack it.")] = True,
    png: Annotated[bool, typer.Option("--png", help="Write the curves as PNG as well; needs the extra 'report'.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the curves as PDF as well; needs the extra 'report'.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a report that is there.")] = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Write a report: question, claim and verdict, results with intervals and baselines, curves, settings, how to repeat it.

    report.html needs no other file; report.md shows the figures in figures/. The question is what 'workbench note' wrote on the
    runs; what is inside a model stands in it where it was pinned ('workbench probe RUN KIND --pin').
    """
    from workbench.comparison.compared import compare
    from workbench.comparison.entries import chosen_entries
    from workbench.errors import UsageError
    from workbench.paths import checked_path, resolved
    from workbench.reports.content import report_of
    from workbench.reports.writing import write_report

    if png and pdf:
        raise UsageError("report: got --png and --pdf; expected one of them. Leave one out.")
    out = checked_path(out, "--out")
    if out == Path():
        raise UsageError("--out: got the current folder; expected a folder of the report's own, such as --out report.")
    entries = chosen_entries(runs_root(runs_dir), runs or [], query, grouped=group)
    comparison = compare(entries, evaluating() if evaluate else None)
    with Working("drawing the report"):
        report = report_of(comparison, title)
        paths = write_report(report, out, overwrite=force, raster="png" if png else "pdf" if pdf else None)
    if as_json:
        print_json({"path": str(resolved(paths[0])), "files": [str(resolved(path)) for path in paths]})
        return
    message(f"{len(paths)} files: open the first one in a browser.")
    sys.stdout.write(f"{resolved(paths[0])}\n")
