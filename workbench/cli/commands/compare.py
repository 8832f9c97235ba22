"""`workbench compare`: runs and groups beside each other, with what differs, what came out, and what can be told from chance."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbench.cli.options import Json, RunsDir, complete_run, runs_root
from workbench.cli.output import console, drawing_size, message, print_json, table
from workbench.cli.pictures import Drawing
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.comparison.compared import Comparison
    from workbench.comparison.entries import Entry
    from workbench.runs.summary import RunSummary

__all__ = ["PANEL", "command", "evaluating"]

PANEL = "Look"


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN|GROUP...", help="Runs, and groups by name.", autocompletion=complete_run),
    ] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", metavar="TAG", help="Curves of this series, whole or its last part. Repeatable; the usual ones by default."
        ),
    ] = None,
    by: Annotated[
        Literal["step", "epoch", "seconds", "samples"], typer.Option("--by", help="How the x axis of the curves is counted.")
    ] = "step",
    query: Annotated[
        str, typer.Option("--filter", metavar="QUERY", help="Also the runs that this finds, as in 'workbench runs'.")
    ] = "",
    group: Annotated[bool, typer.Option("--group", help="Fold runs that differ in nothing but the seed.")] = False,
    evaluate: Annotated[
        bool,
        typer.Option("--evaluate/--no-evaluate", help="Measure test samples of runs that lack it, for tests sample by sample."),
    ] = True,
    as_markdown: Annotated[bool, typer.Option("--md", help="Print the tables as Markdown.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the results as CSV.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="PATH", help="Write the curves as SVG into this file.")] = None,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each plot.")] = 14,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Compare runs: curves in one plot, the settings that differ, results with the best marked, and paired tests.

    The first run is tested against each other one: McNemar's test or a bootstrap on the same test samples, Student's t over the
    seeds of groups. No correction is made for several tests.
    """
    from workbench.comparison.compared import compare
    from workbench.comparison.entries import chosen_entries
    from workbench.errors import UsageError

    if sum((as_markdown, as_csv, as_json)) > 1:
        raise UsageError("compare: got more than one of --md, --csv and --json; expected one. Leave the others out.")
    drawing = Drawing(*drawing_size("workbench compare", width, height), svg=svg)
    entries = chosen_entries(runs_root(runs_dir), runs or [], query, grouped=group)
    comparison = compare(entries, evaluating() if evaluate and len(entries) > 1 else None)
    if svg is not None:
        _write_curves(svg, entries, tags, by)
    if as_json:
        print_json(comparison.to_dict())
    elif as_markdown:
        sys.stdout.write(comparison.markdown())
    elif as_csv:
        sys.stdout.write(comparison.csv())
    else:
        _print(comparison, entries, tags, by, drawing)


def evaluating() -> Callable[[RunSummary], object]:
    """Evaluates a run on its test set and tells of it; a run that cannot be evaluated is told of and passed over."""

    def call(run: RunSummary) -> None:
        from workbench.errors import WorkbenchError
        from workbench.runs.folder import RunFolder
        from workbench.training.assessing import evaluate_run

        message(f"Evaluating {run.id} ...")
        try:
            with Working(f"{run.id}: evaluating") as told:
                evaluate_run(RunFolder(run.path), told=told)
        except WorkbenchError as error:
            message(f"{run.id}: not evaluated: {str(error).splitlines()[0]}")

    return call


def _tags(entries: list[Entry], wanted: list[str] | None) -> list[str]:
    """The series whose curves are drawn."""
    from workbench.cli.series import chosen_tags
    from workbench.comparison.curves import default_tags

    if not wanted:
        return default_tags(entries)
    there = sorted({tag for entry in entries for run in entry.runs for tag in run.values})
    return chosen_tags(", ".join(run.id for entry in entries for run in entry.runs), there, wanted)


def _write_curves(path: Path, entries: list[Entry], wanted: list[str] | None, by: str) -> None:
    from workbench.cli.drawing import write_figures
    from workbench.comparison.curves import overlaid

    tags = _tags(entries, wanted)
    write_figures(path, overlaid(entries, tags, by), ", ".join(entry.name for entry in entries), ", ".join(tags) or "any metric")


def _print(comparison: Comparison, entries: list[Entry], wanted: list[str] | None, by: str, drawing: Drawing) -> None:
    """Curves, then the tables, then what can be said."""
    from rich.text import Text

    from workbench.comparison.curves import overlaid
    from workbench.plotting.pictures import Plot
    from workbench.saying import clean

    out = console()
    if drawing.svg is None:
        figures = overlaid(entries, _tags(entries, wanted), by)
        drawing.print(out, [Plot.of(one) for one in figures])
    head = comparison.head()
    out.print(table(("setting", *head), comparison.setting_rows(), whole=("setting",)))
    out.print(table(("result (* best)", *head, "baseline"), comparison.result_rows(), whole=("result (* best)",)))
    for line in [*(verdict.words for verdict in comparison.verdicts), *comparison.notes]:
        out.print(Text(clean(line)), soft_wrap=True)
