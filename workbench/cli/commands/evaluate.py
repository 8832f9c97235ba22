"""`workbench evaluate`: a checkpoint measured in full, with intervals, on the test set or on other data of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.options import AcceptChangedData, Json, RunReference, RunsDir, runs_root
from workbench.cli.output import console, drawing_size, message, print_json, table
from workbench.cli.pictures import Drawing
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.runs.evaluations import Evaluation

__all__ = ["PANEL", "command"]

PANEL = "Use"


def command(
    run: RunReference,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="KEY=VALUE[,VALUE...]",
            help="Measure the same weights on other data: data.length=200; with several values one after the other. Repeatable.",
        ),
    ] = None,
    split: Annotated[
        Literal["validation", "test"], typer.Option("--split", help="Held-out set on which it is measured.")
    ] = "test",
    samples: Annotated[
        int | None, typer.Option("--samples", metavar="N", min=2, max=1_000_000, help="Use N samples at most; all by default.")
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each figure.")] = 14,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="PATH", help="Write the figures as SVG into this file.")] = None,
    accept_changed_data: AcceptChangedData = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Measure a checkpoint: metrics with 95 % intervals and baselines, confusion, calibration, where it fails, worst samples.

    Fractions of samples have Wilson's interval, anything else a bootstrap over samples. What was measured is kept with the run,
    where `compare` and `report` find it.
    """
    from workbench.plotting.evaluated import evaluation_pictures, sweep_pictures
    from workbench.runs.listing import find_reference
    from workbench.training.assessing import combinations, evaluate_run

    drawing = Drawing(*drawing_size("workbench evaluate", width, height), svg=svg)
    asked = combinations(data or [])
    folder, which = find_reference(runs_root(runs_dir), run)
    with Working(f"{folder.id}: evaluating") as told:
        evaluations = evaluate_run(folder, which, split, asked, limit=samples, accept_changed_data=accept_changed_data, told=told)
    if as_json:
        values = [one.to_dict(scores=False) for one in evaluations]
        print_json(values[0] if len(values) == 1 and not _is_sweep(data or []) else values)
        return
    subtitle = f"{folder.id} at step {evaluations[0].step:,}"
    keys = list(evaluations[0].changes)
    swept = [key for key in keys if len({str(one.changes[key]) for one in evaluations}) > 1]
    pictures = (
        evaluation_pictures(evaluations[0])
        if len(evaluations) == 1
        else sweep_pictures(swept[0], [one.changes[swept[0]] for one in evaluations], evaluations)
        if len(swept) == 1
        else []
    )
    printed = drawing.shows(pictures, subtitle) if pictures else True
    message(f"{subtitle}, {evaluations[0].samples:,} samples of the {split} set, {evaluations[0].seconds:.1f} s")
    out = console(width=drawing.width if width is not None else None)
    out.print(_table(evaluations, keys))
    if printed:
        drawing.print(out, pictures)


def _is_sweep(texts: Sequence[str]) -> bool:
    return any("," in text for text in texts)


def _table(evaluations: Sequence[Evaluation], keys: Sequence[str]) -> Any:
    """A line for each metric; of several evaluations first the settings."""
    from workbench.plotting.evaluated import MEASURE_COLUMNS, measure_row

    rows = [
        (*(evaluation.changes[key] for key in keys), *measure_row(one))
        for evaluation in evaluations
        for one in evaluation.measures
    ]
    shown = [key.removeprefix("data.") for key in keys]
    return table((*shown, *MEASURE_COLUMNS), rows, right=(*shown, "value"), whole=("metric", "95 %"))
