"""A group of runs drawn once: of each series the median, the range as a shade, and each run thin behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.drawing import packed, write_figures
from workbench.cli.output import console, is_ascii
from workbench.cli.racing import plots_of

if TYPE_CHECKING:
    from workbench.plotting import Series, View
    from workbench.runs.folder import RunFolder
    from workbench.runs.groups import RunGroup

__all__ = ["draw_group", "group_of", "write_group"]


@dataclass(frozen=True)
class _Plot:
    """One series of all runs: a line of each, how its axes are, and what it is called; no lines where no run has a value."""

    title: str
    lines: Sequence[Series]
    log_y: bool = False
    view: View | None = None


def group_of(where: str, root: Path, folders: Sequence[RunFolder]) -> RunGroup:
    """The group that runs belong to, with all its members in the folder of runs.

    Raises:
        UsageError: the runs are of several groups, or not in that folder.
    """
    from workbench.errors import UsageError
    from workbench.runs.groups import group_runs
    from workbench.runs.listing import list_runs

    wanted = {folder.id for folder in folders}
    groups = [group for group in group_runs(list_runs(root)) if wanted & {run.id for run in group.runs}]
    if len(groups) != 1:
        raise UsageError(
            f"{where}: got runs of {len(groups)} groups in {root}; expected of one. Name a single run of that folder."
        )
    return groups[0]


def draw_group(group: RunGroup, tags: Sequence[str] | None, by_default: Sequence[str], width: int, height: int) -> None:
    """Draw a group on stdout.

    Args:
        group: the runs.
        tags: series, or their last parts; None for those by default.
        by_default: series that are drawn whether or not a run has them.
        width, height: columns, and lines of each plot.
    Raises:
        UsageError: none of the runs has such a series.
    """
    from rich.text import Text

    from workbench.plotting.band import band_series
    from workbench.plotting.figure import draw_figure

    out = console(width=width)
    ascii_only = is_ascii(out.encoding)
    words = [group.state_words, *([f"{'seed' if len(group.seeds) == 1 else 'seeds'} {group.seed_words}"] if group.seeds else [])]
    out.print(packed([Text(group.name, "bold"), *map(Text, words)], width, gap=2))
    for plot in _plots(group, tags, by_default):
        series, band = band_series(plot.lines, median="cyan", trace="bright_black")
        out.print(packed([Text(plot.title, "bold"), Text(band.words if band.runs else "no values")], width))
        if band.runs:
            drawing = draw_figure(series, width, height, log_y=plot.log_y, view=plot.view, ascii_only=ascii_only)
            out.print(drawing.text(), no_wrap=True, overflow="crop")


def write_group(path: Path, group: RunGroup, tags: Sequence[str] | None, by_default: Sequence[str]) -> None:
    """Write the series of a group as figures below each other into one SVG file.

    Raises:
        UsageError: none of the runs has such a series, or there are no values yet.
        StoreError: the file cannot be written.
    """
    from workbench.plotting.band import band_series
    from workbench.plotting.svg import Figure

    figures = []
    for plot in _plots(group, tags, by_default):
        series, band = band_series(plot.lines, named=False)
        if band.runs:
            figures.append(Figure(plot.title, series, f"{group.name}: {band.words}", log_y=plot.log_y, view=plot.view))
        else:
            figures.append(Figure(plot.title, []))
    write_figures(path, figures, group.name, ", ".join(tags or by_default))


def _plots(group: RunGroup, tags: Sequence[str] | None, by_default: Sequence[str]) -> Iterator[_Plot]:
    """The lines with all their points: what is thinned out keeps other steps of each run."""
    from workbench.plotting import Series
    from workbench.plotting.charted import metric_of
    from workbench.run_figures import from_beginning, is_log
    from workbench.runs.folder import RunFolder
    from workbench.runs.reader import RunReader

    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(RunFolder(run.path))) for run in group.runs]
        for title, tag in plots_of({reader.folder.id: reader.latest_values() for reader in readers}, tags, by_default):
            lines = []
            for run, reader in zip(group.runs, readers, strict=True):
                steps, values = reader.scalars(tag)
                lines.append(Series(run.label, steps.astype(float), values))
            there = [line for line in lines if len(line.x)]
            if there:
                yield _Plot(title, lines, is_log(metric_of(tag), there), from_beginning(there))
            else:
                yield _Plot(title, lines)
