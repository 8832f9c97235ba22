"""`workbench probe`: what a run measured besides numbers over steps, drawn, as numbers, or written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.alike import marked_steps, print_alike
from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import console, drawing_size, message, print_json, table
from workbench.cli.pictures import Drawing

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.plotting.pictures import Picture
    from workbench.plotting.probes import Look, ProbeView
    from workbench.runs.folder import RunFolder
    from workbench.runs.reader import RunReader
    from workbench.runs.records import Probe

__all__ = ["PANEL", "command"]

PANEL = "Look"

_ANSWERS, _SAMPLES = "predictions", "samples"
"""The kinds that are tables of texts; every other one is an array."""


def complete_kind(incomplete: str) -> list[tuple[str, str]]:
    """Kinds of probe that start with what was typed."""
    from workbench.plotting.probes import probe_views

    names = {
        _ANSWERS: "Predictions",
        _SAMPLES: "Samples of the snapshots",
        **{name: view.title for name, view in probe_views().items()},
    }
    return [(name, title) for name, title in names.items() if name.startswith(incomplete)]


def command(
    run: RunName,
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]",
            help="What to show (states, ridge, predictions ...); without it the kinds that the run has.",
            autocompletion=complete_kind,
        ),
    ] = None,
    step: Annotated[
        int | None, typer.Option("--step", min=0, max=2**63 - 1, help="Step at which it was taken; the newest by default.")
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="Which of the samples, from 1.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Layer, parameter or data; the first by default.")] = None,
    head: Annotated[int | None, typer.Option("--head", min=1, help="Head of attention, from 1.")] = None,
    unit: Annotated[int | None, typer.Option("--unit", min=0, help="Unit of a state, from 0.")] = None,
    figure: Annotated[
        int | None, typer.Option("--figure", metavar="N", min=1, help="Only this one of the figures, from 1; all by default.")
    ] = None,
    alike: Annotated[
        str | None,
        typer.Option(
            "--alike",
            metavar="A:B",
            help="Find the passages of the validation set where the layer (with --unit: one unit) does most nearly what it does "
            "in steps A to B of the sample, from 1.",
        ),
    ] = None,
    top: Annotated[
        int | None, typer.Option("--top", metavar="K", min=1, max=1000, help="Passages that --alike tells; 10 by default.")
    ] = None,
    search: Annotated[
        int | None,
        typer.Option("--search", metavar="N", min=1, max=1_000_000, help="Samples that --alike searches; 1,000 by default."),
    ] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Pin what is shown, so that a report of the run has it; once more takes it off.")
    ] = False,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each figure.")] = 14,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the data of the figures as CSV.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the figures as SVG into this file.")] = None,
    runs_dir: RunsDir = None,
) -> None:
    """Show what a run measured of its model besides metrics: figures of it, or the numbers with --json or --csv.

    With --alike states and gates are compared with all passages of the validation set, as the newest checkpoint up to that
    step computes them.
    """
    from workbench.errors import UsageError
    from workbench.plotting.probes import Chosen, probe_views
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    drawing = Drawing(*drawing_size("workbench probe", width, height), as_csv=as_csv, svg=svg)
    steps = marked_steps(alike, kind, top=top, search=search)
    chosen = Chosen((sample or 1) - 1, name or "", (head or 1) - 1, unit)
    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        if kind is None:
            _list(reader, as_json=as_json)
            return
        probes = _find(reader, kind, step)
        view = probe_views().get(kind)
        snapshot = view.read(reader, probes[0].step) if view is not None else None
    if figure is not None and (view is None or as_json or steps is not None):
        raise UsageError("workbench probe: got --figure; expected it with a kind that is drawn, without --json and --alike.")
    if pin and view is None:
        raise UsageError(f"workbench probe: got --pin with {kind}; expected a kind that is drawn. Leave --pin out.")
    if view is None or snapshot is None:
        _show_rest(probes, kind, as_json=as_json, drawing=drawing)
        return
    look = view.look(snapshot, chosen)
    _check(look, view, name=name, sample=sample, head=head, unit=unit)
    if pin:
        _pin(folder, look)
    if steps is not None:
        print_alike(look, folder, steps, drawing, top=top, limit=search, as_json=as_json)
        return
    if as_json:
        chosen_rows = look.rows.values() if name is not None else snapshot.rows.values()
        places = {"sample": None if sample is None else sample - 1, "head": None if head is None else head - 1, "unit": unit}
        print_json([_values(row, view.part(row, **places)) for row in chosen_rows])
        return
    pictures = _chosen_figures(view, look, figure)
    if drawing.shows(pictures, f"{folder.id}, {_caption(look)}"):
        _show(look, view, pictures, drawing)


def _pin(folder: RunFolder, look: Look) -> None:
    """Pin what is seen, or take it off."""
    from workbench.runs.pins import Pin, pin_panel

    chosen = look.chosen
    pin = Pin(look.row.kind, look.row.step, chosen.sample, chosen.name, chosen.head, chosen.unit)
    message(
        f"{folder.id}: {'pinned' if pin_panel(folder, pin) else 'not pinned any more'}: {look.row.kind} at step {pin.step:,}."
    )


def _list(reader: RunReader, *, as_json: bool) -> None:
    """The kinds of probe that the run has, with their steps."""
    kinds = reader.probe_kinds()
    if as_json:
        print_json(
            [
                {"kind": kind, "steps": has.steps, "names": list(has.shapes), "shape": _shape(next(iter(has.shapes.values())))}
                for kind, has in kinds.items()
            ]
        )
        return
    out = console()
    run = reader.folder.id
    if not kinds:
        out.print(f"{run} has no probes yet. They are taken at evaluations.", markup=False)
        return
    titles = dict(complete_kind(""))
    lines = [(kind, titles.get(kind, ""), f"{len(has.steps):,}", f"{has.steps[-1]:,}") for kind, has in kinds.items()]
    out.print(table(("kind", "title", "taken", "last step"), lines, right=("taken", "last step")))
    out.print(f"'workbench probe {run} KIND' shows one.", style="dim", soft_wrap=True, markup=False)


def _shape(shape: tuple[int, ...] | None) -> list[int] | None:
    return None if shape is None else list(shape)


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
    run, known = reader.folder.id, reader.probe_kinds()
    if kind not in known:
        hint = nearest(kind, known) if known else "It has none yet; they are taken at evaluations."
        raise UsageError(f"{run}: got probe '{kind}'; expected a kind that the run has. {hint}")
    steps = ", ".join(f"{at:,}" for at in known[kind].steps[-8:])
    raise UsageError(f"{run}: got --step {step}; expected a step at which '{kind}' was taken. The last ones: {steps}.")


def _check(look: Look, view: type[ProbeView], *, name: str | None, **asked: int | None) -> None:
    """Refuse what was asked for by its name or number and is not there.

    Raises:
        UsageError: there is no such layer, sample, head or unit.
    """
    from workbench.errors import UsageError
    from workbench.saying import nearest

    shown = look.chosen.name
    if name is not None and shown not in (name, view.group(name)) and not shown.startswith(f"{name}/"):
        raise UsageError(
            f"workbench probe: got --name {name}; expected a {view.named} that '{view.name}' has. "
            f"{nearest(name, look.options.names)}"
        )
    counts = {"sample": look.options.samples, "head": look.options.heads, "unit": look.options.units}
    for axis, place in asked.items():
        first = 0 if axis == "unit" else 1
        if place is None or place < counts[axis] + first:
            continue
        if not counts[axis]:
            raise UsageError(f"workbench probe: got --{axis} {place}; '{view.name}' has no {axis}s. Leave it out.")
        raise UsageError(
            f"workbench probe: got --{axis} {place}; expected {first} to {counts[axis] - 1 + first}. '{view.name}' has no more."
        )


def _chosen_figures(view: type[ProbeView], look: Look, figure: int | None) -> Sequence[Picture]:
    """All figures of a look, or the one that was asked for.

    Raises:
        UsageError: there are fewer.
    """
    from workbench.errors import UsageError

    pictures = view.pictures(look)
    if figure is None:
        return pictures
    if figure > len(pictures):
        raise UsageError(f"workbench probe: got --figure {figure}; expected 1 to {len(pictures)}, the figures of '{view.name}'.")
    return pictures[figure - 1 : figure]


def _values(row: Probe, values: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "step": row.step,
        "shape": None if values is None else list(values.shape),
        "values": None if values is None else values.tolist(),
        "info": dict(row.info),
    }


def _caption(look: Look) -> str:
    """Step and what is chosen, in words."""
    chosen, options = look.chosen, look.options
    words = [f"step {look.snapshot.step:,}", chosen.name]
    words += [f"sample {chosen.sample + 1}"] if options.samples > 1 else []
    words += [f"head {chosen.head + 1}"] if options.heads > 1 else []
    words += [f"unit {chosen.unit}"] if chosen.unit is not None else []
    return ", ".join(words)


def _rest(look: Look) -> str:
    """What else could have been chosen."""
    options = look.options
    others = [name for name in options.names if name != look.chosen.name]
    words = [f"--name {', '.join(others[:6])}{' ...' if len(others) > 6 else ''}"] if others else []  # noqa: PLR2004 - a line
    counts = {"sample": options.samples, "head": options.heads}
    words += [f"--{axis} 1 to {count}" for axis, count in counts.items() if count > 1]
    words += [f"--unit 0 to {options.units - 1}"] if options.units > 1 else []
    return f"Others: {'; '.join(words)}." if words else ""


def _show(look: Look, view: type[ProbeView], pictures: Sequence[Picture], drawing: Drawing) -> None:
    """A snapshot as figures; long ones page after page."""
    from rich.text import Text

    out = console(width=drawing.width)
    out.print(Text.assemble((view.title, "bold"), f"  {_caption(look)}"), overflow="ellipsis")
    out.print(view.summary(look), markup=False)
    drawing.print(out, pictures)
    if rest := _rest(look):
        out.print(rest, style="dim", markup=False)


def _show_rest(probes: Sequence[Probe], kind: str, *, as_json: bool, drawing: Drawing) -> None:
    """What no view draws: answers as a table, other things as numbers alone.

    Raises:
        UsageError: a figure or a table of one was asked for.
    """
    from rich.text import Text

    from workbench.errors import UsageError

    if as_json:
        print_json([_values(row, row.array) for row in probes])
        return
    if drawing.as_csv or drawing.svg is not None:
        raise UsageError(f"workbench probe: got --csv or --svg of '{kind}'; expected a kind that is drawn. --json prints it.")
    out = console(width=drawing.width)
    for row in probes:
        title = kind.replace("_", " ").capitalize()
        out.print(Text.assemble((title, "bold"), f"  {row.name}, step {row.step:,}"), overflow="ellipsis")
        if kind == _ANSWERS:
            _answers(row, out)
        elif kind == _SAMPLES:
            _samples(row, out)
        else:
            shape = "no array" if row.array is None else f"an array of shape {row.array.shape}"
            out.print(f"{shape}, which this version cannot draw; --json prints it.", markup=False)


def _answers(row: Probe, out: Console) -> None:
    from workbench.plotting.predictions import PredictionSigns, Room, prediction_form, prediction_lines, score_words

    items = row.info.get("items", ())
    if score := score_words(items):
        out.print(score, markup=False)
    if items:
        out.print(
            prediction_lines(items, prediction_form(row.info), PredictionSigns(), out.width, Room()),
            no_wrap=True,
            overflow="ignore",
        )


def _samples(row: Probe, out: Console) -> None:
    """Which samples the snapshots are about."""
    given = [row.info.get(key) for key in ("indices", "texts", "targets")]
    columns = [values if isinstance(values, list) else [] for values in given]
    lines = [(str(place), *map(str, texts)) for place, texts in enumerate(zip(*columns, strict=False), 1)]
    out.print(table(("sample", "index", "input", "target"), lines, right=("sample", "index")))
