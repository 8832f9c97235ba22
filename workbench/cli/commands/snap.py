"""`workbench snap`: the curves of a run, or of several in the same plots, drawn once or written as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.drawing import packed, write_figures
from workbench.cli.options import RunNames, RunsDir, runs_root
from workbench.cli.output import console, drawing_size, is_ascii
from workbench.cli.series import TAG_HELP, chosen_tags
from workbench.saying import number

if TYPE_CHECKING:
    from workbench.plotting import Series
    from workbench.plotting.charted import ChartedMetric
    from workbench.runs.reader import RunReader

__all__ = ["PANEL", "command"]

PANEL = "Look"

_LOOKS = {"train": ("cyan", ""), "validation": ("yellow", "o"), "test": ("green", "x"), "test_best": ("green", "+")}
"""Colour and marker of a line by the split that it was measured on."""
_OTHER_LOOK = ("cyan", "")


def command(
    runs: RunNames,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help=f"{TAG_HELP} Repeatable; loss and gradient norm by default."),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="PATH", help="Write a vector figure into this file instead of drawing.")
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each plot.")] = 14,
    group: Annotated[
        bool, typer.Option("--group", help="Draw all runs that differ from this one in nothing but the seed, as a band.")
    ] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Draw a run's curves once: one plot for each metric, its splits in it; to stdout, or with --svg as a figure.

    Of several runs, up to 6: one plot for each series, with all runs in it by number. With --group the median of the runs, their
    range shaded and each run thin behind; where fewer than half of them have a value there is no band.
    """
    from workbench.cli.bands import draw_group, group_of, write_group
    from workbench.cli.racing import check_number, draw_several, write_several
    from workbench.plotting.charted import charted_metrics
    from workbench.run_figures import USUAL_TAGS
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    columns, height = drawing_size("workbench snap", width, height)
    root = runs_root(runs_dir)
    if group:
        members = group_of("workbench snap", root, [find_run(root, run) for run in runs])
        if svg is not None:
            write_group(svg, members, tags, USUAL_TAGS)
        else:
            draw_group(members, tags, USUAL_TAGS, columns, height)
        return
    check_number("workbench snap", runs)
    folder, *others = dict.fromkeys(find_run(root, run) for run in runs)
    if others and svg is not None:
        write_several(svg, [folder, *others], tags, USUAL_TAGS)
        return
    if others:
        draw_several([folder, *others], tags, USUAL_TAGS, columns, height)
        return
    with RunReader(folder) as reader:
        metrics = charted_metrics(chosen_tags(folder.id, reader.tags(), tags) if tags else USUAL_TAGS)
        if svg is not None:
            _write(svg, reader, metrics)
        else:
            _draw(reader, metrics, columns, height)


def _draw(reader: RunReader, metrics: Sequence[ChartedMetric], width: int, height: int) -> None:
    from rich.text import Text

    from workbench.plotting.charted import title_of
    from workbench.plotting.static import static_figure
    from workbench.run_figures import from_beginning, is_log

    out = console(width=width)
    ascii_only = is_ascii(out.encoding)
    status = reader.status()
    out.print(
        packed([Text(reader.folder.id, "bold"), Text(f"{status.state}  step {status.step:,}/{status.total:,}")], width, gap=2)
    )
    values = reader.latest_values()
    for metric in metrics:
        series = [_series(reader, tag, width) for tag in metric.tags if tag in values]
        signs = [(_LOOKS.get(line.name.partition("/")[0], _OTHER_LOOK)[1] or "-", line) for line in series]
        captions = [Text(title_of(metric.name), style="bold")]
        captions += [Text(f"{sign} {line.name} {number(values[line.name])}", style=line.colour) for sign, line in signs]
        out.print(packed(captions if series else [*captions, Text("no values yet" if status.alive else "no values")], width))
        if series:
            log_y = is_log(metric.name, series)
            figure = static_figure(series, width, height, log_y=log_y, view=from_beginning(series), ascii_only=ascii_only)
            out.print(figure, no_wrap=True, overflow="crop")


def _series(reader: RunReader, tag: str, width: int) -> Series:
    """A series as a line of a chart, as it was measured: a dense one by its extremes, without marks."""
    from workbench.plotting import Series

    steps, values = reader.buckets(tag, 2 * width)
    colour, marker = _LOOKS.get(tag.partition("/")[0], _OTHER_LOOK)
    return Series(tag, steps.astype(float), values, colour=colour, marker=marker if len(steps) <= width else "")


def _write(path: Path, reader: RunReader, metrics: Sequence[ChartedMetric]) -> None:
    """The metrics as figures, with what a trivial predictor reaches and the claim asks.

    Raises:
        UsageError: there are no values yet.
        StoreError: the file cannot be written.
    """
    from workbench.run_figures import run_figure

    names = ", ".join(metric.name for metric in metrics)
    write_figures(path, [run_figure(reader, metric) for metric in metrics], reader.folder.id, names)
