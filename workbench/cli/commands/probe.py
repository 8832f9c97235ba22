"""`workbench probe`: what a run measured besides numbers over steps, drawn or as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import console, drawing_size, is_ascii, print_json, table

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.runs.reader import RunReader
    from workbench.runs.records import Probe

__all__ = ["PANEL", "command"]

PANEL = "Look"

_ANSWERS = "predictions"
"""The kind that is a table of texts; every other one is an array."""


def complete_kind(incomplete: str) -> list[tuple[str, str]]:
    """Kinds of probe that start with what was typed."""
    from workbench.plotting.probes import probe_views

    names = {_ANSWERS: "Predictions", **{name: view.title for name, view in probe_views().items()}}
    return [(name, title) for name, title in names.items() if name.startswith(incomplete)]


def command(
    run: RunName,
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]",
            help="What to show (ridge, lengths, predictions ...); without it the kinds that the run has.",
            autocompletion=complete_kind,
        ),
    ] = None,
    step: Annotated[
        int | None, typer.Option("--step", min=0, max=2**63 - 1, help="Step at which it was taken; the newest by default.")
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each figure.")] = 14,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Show what a run measured of its model besides metrics: a figure of it, or the numbers with --json."""
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    columns, rows = drawing_size("workbench probe", width, height)
    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        if kind is None:
            _list(reader, as_json=as_json)
            return
        chosen = _find(reader, kind, step)
        if as_json:
            print_json([_values(item) for item in chosen])
            return
        experiment = reader.meta().get("experiment", {})
    for item in chosen:
        _show(item, experiment, columns, rows)


def _list(reader: RunReader, *, as_json: bool) -> None:
    """The kinds of probe that the run has, with their steps."""
    newest = reader.newest_probes()
    kinds: list[dict[str, Any]] = [
        {"kind": kind, "steps": reader.probe_steps(kind), "shape": None if item.array is None else list(item.array.shape)}
        for kind, item in newest.items()
    ]
    if as_json:
        print_json(kinds)
        return
    out = console()
    run = reader.folder.id
    if not kinds:
        out.print(f"{run} has no probes yet. They are taken at evaluations.", markup=False)
        return
    titles = dict(complete_kind(""))
    lines = [(row["kind"], titles.get(row["kind"], ""), f"{len(row['steps']):,}", f"{row['steps'][-1]:,}") for row in kinds]
    out.print(table(("kind", "title", "taken", "last step"), lines, right=("taken", "last step")))
    out.print(f"'workbench probe {run} KIND' shows one.", style="dim", soft_wrap=True, markup=False)


def _find(reader: RunReader, kind: str, step: int | None) -> list[Probe]:
    """The probes of a kind at a step.

    Raises:
        UsageError: the run has none of that kind, or none at that step.
    """
    from workbench.errors import UsageError
    from workbench.saying import nearest

    probes = reader.probes(kind, step=step)
    if probes:
        return probes
    run, known = reader.folder.id, reader.newest_probes()
    if kind not in known:
        hint = nearest(kind, known) if known else "It has none yet; they are taken at evaluations."
        raise UsageError(f"{run}: got probe '{kind}'; expected a kind that the run has. {hint}")
    steps = ", ".join(f"{at:,}" for at in reader.probe_steps(kind)[-8:])
    raise UsageError(f"{run}: got --step {step}; expected a step at which '{kind}' was taken. The last ones: {steps}.")


def _values(item: Probe) -> dict[str, Any]:
    array = item.array
    return {
        "kind": item.kind,
        "name": item.name,
        "step": item.step,
        "shape": None if array is None else list(array.shape),
        "values": None if array is None else array.tolist(),
        "info": dict(item.info),
    }


def _show(item: Probe, experiment: Mapping[str, Any], width: int, height: int) -> None:
    """One probe as figures, as a table of answers, or as bare numbers where nothing knows how to draw it."""
    from rich.text import Text

    from workbench.plotting.probes import probe_views

    out = console(width=width)
    view = probe_views().get(item.kind)
    title = view.title if view is not None else item.kind.replace("_", " ").capitalize()
    out.print(Text.assemble((title, "bold"), f"  {item.name}, step {item.step:,}"), overflow="ellipsis")
    if item.kind == _ANSWERS:
        _answers(item, out)
    elif view is None or item.array is None or not view.fits(item.array):
        shape = "no array" if item.array is None else f"an array of shape {item.array.shape}"
        out.print(f"{shape}, which this version cannot draw; --json prints it.", markup=False)
    else:
        from workbench.plotting.probes import draw_plot
        from workbench.plotting.roles import coloured

        out.print(view.summary(item.array, experiment), markup=False)
        ascii_only = is_ascii(out.encoding)
        for plot in view.plots(item.array, experiment):
            for canvas in draw_plot(plot, width, height, ascii_only=ascii_only):
                out.print(coloured(canvas), no_wrap=True, overflow="crop")


def _answers(item: Probe, out: Console) -> None:
    from workbench.plotting.predictions import PredictionSigns, Room, prediction_form, prediction_lines, score_words

    items = item.info.get("items", ())
    if score := score_words(items):
        out.print(score, markup=False)
    if items:
        out.print(
            prediction_lines(items, prediction_form(item.info), PredictionSigns(), out.width, Room()),
            no_wrap=True,
            overflow="ignore",
        )
