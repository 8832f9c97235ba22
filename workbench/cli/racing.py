"""Several runs in the same plots, drawn once: each by its number, one plot for each series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.drawing import packed, write_figures
from workbench.cli.output import console, is_ascii
from workbench.cli.series import chosen_tags
from workbench.saying import number

if TYPE_CHECKING:
    from workbench.plotting import Series
    from workbench.runs.folder import RunFolder
    from workbench.runs.reader import RunReader

__all__ = ["check_number", "draw_several", "plots_of", "write_several"]

_COLOURS = ("cyan", "yellow", "green", "magenta", "red", "blue")


@dataclass(frozen=True)
class _Raced:
    number: int
    name: str
    reader: RunReader
    values: dict[str, float]
    """The newest value of every series."""
    settings: dict[str, object]


def check_number(where: str, runs: Sequence[str]) -> None:
    """Raise UsageError where more runs are named than can be told apart."""
    from workbench.errors import UsageError
    from workbench.plotting.race import MOST_RUNS

    if len(runs) > MOST_RUNS:
        raise UsageError(f"{where}: got {len(runs)} runs; expected at most {MOST_RUNS}, which can be told apart in one plot.")


def draw_several(
    folders: Sequence[RunFolder], tags: Sequence[str] | None, by_default: Sequence[str], width: int, height: int
) -> None:
    """Draw the runs' series on stdout.

    Args:
        folders: the runs.
        tags: series, or their last parts; None for those by default.
        by_default: series that are drawn whether or not a run has them.
        width, height: columns, and lines of each plot.
    Raises:
        UsageError: none of the runs has such a series.
    """
    from rich.text import Text

    from workbench.plotting.charted import metric_of
    from workbench.plotting.race import race_sign
    from workbench.plotting.static import static_figure
    from workbench.run_figures import from_beginning, is_log

    out = console(width=width)
    ascii_only = is_ascii(out.encoding)
    with _opened(folders) as runs:
        for run in runs:
            status = run.reader.status()
            words = [Text(f"{race_sign(run.number)} {run.name}", f"bold {_colour(run)}")]
            words += [Text(f"{status.state}  step {status.step:,}/{status.total:,}"), Text(run.reader.folder.id, "bright_black")]
            out.print(packed(words, width, gap=2))
        for line in _foreign(runs):
            out.print(line, markup=False, soft_wrap=True)
        for title, tag in _plots(runs, tags, by_default):
            series = [_series(run, tag, width) for run in runs if tag in run.values]
            captions = [Text(title, "bold")]
            captions += [
                Text(f"{race_sign(run.number)} {number(run.values[tag])}", _colour(run)) for run in runs if tag in run.values
            ]
            out.print(packed(captions if series else [*captions, Text("no values")], width))
            if series:
                log_y = is_log(metric_of(tag), series)
                figure = static_figure(series, width, height, log_y=log_y, view=from_beginning(series), ascii_only=ascii_only)
                out.print(figure, no_wrap=True, overflow="crop")


def write_several(path: Path, folders: Sequence[RunFolder], tags: Sequence[str] | None, by_default: Sequence[str]) -> None:
    """Write the runs' series as figures below each other into one SVG file.

    Raises:
        UsageError: there are no values yet.
        StoreError: the file cannot be written.
    """
    from workbench.plotting.charted import metric_of
    from workbench.plotting.race import race_role
    from workbench.plotting.svg import Figure
    from workbench.run_figures import FIGURE_COLUMNS, from_beginning, is_log

    figures = []
    with _opened(folders) as runs:
        for title, tag in _plots(runs, tags, by_default):
            drawn = [run for run in runs if tag in run.values]
            series = [replace(_series(run, tag, FIGURE_COLUMNS), colour=race_role(run.number)) for run in drawn]
            if series:
                log_y, view = is_log(metric_of(tag), series), from_beginning(series)
                figures.append(Figure(title, series, "; ".join(_foreign([runs[0], *drawn])), log_y=log_y, view=view))
            else:
                figures.append(Figure(title, []))
        write_figures(path, figures, ", ".join(folder.id for folder in folders), ", ".join(tags or by_default))


@contextmanager
def _opened(folders: Sequence[RunFolder]) -> Iterator[list[_Raced]]:
    from workbench.plotting.race import distinct_names
    from workbench.runs.differences import settings_in_force
    from workbench.runs.reader import RunReader

    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(folder)) for folder in folders]
        metas = [reader.meta() for reader in readers]
        known = [
            (reader.folder.id, meta.get("name") or meta.get("title") or "") for reader, meta in zip(readers, metas, strict=True)
        ]
        yield [
            _Raced(place, name, reader, reader.latest_values(), settings_in_force(meta.get("experiment"), {}))
            for place, (name, reader, meta) in enumerate(zip(distinct_names(known), readers, metas, strict=True), 1)
        ]


def _plots(runs: Sequence[_Raced], wanted: Sequence[str] | None, by_default: Sequence[str]) -> list[tuple[str, str]]:
    return plots_of({run.reader.folder.id: run.values for run in runs}, wanted, by_default)


def plots_of(
    values: Mapping[str, Mapping[str, float]], wanted: Sequence[str] | None, by_default: Sequence[str]
) -> list[tuple[str, str]]:
    """Title and series of each plot.

    Args:
        values: by the runs' ids, the newest value of every series.
        wanted: series, or their last parts; None for those by default.
        by_default: series that are drawn whether or not a run has them.
    Raises:
        UsageError: none of the runs has such a series.
    """
    from workbench.plotting.charted import charted_metrics, title_of

    if wanted:
        wanted = chosen_tags(", ".join(values), sorted({tag for own in values.values() for tag in own}), wanted)
    plots = []
    for metric in charted_metrics(wanted or by_default):
        labels = {f"{split.name}/{metric.name}": split.label for split in metric.splits}
        plots += [(" ".join(filter(None, (title_of(metric.name), labels.get(tag, "")))), tag) for tag in metric.tags]
    return plots


def _foreign(runs: Sequence[_Raced]) -> list[str]:
    """A line on the runs that train on other data than the first one, where there are any."""
    from workbench.plotting.race import race_sign
    from workbench.runs.differences import other_data

    told = [f"{race_sign(run.number)} {data}" for run in runs if (data := other_data(runs[0].settings, run.settings))]
    return [f"On other data, so scores do not compare: {'; '.join(told)}"] if told else []


def _series(run: _Raced, tag: str, width: int) -> Series:
    from workbench.plotting import Series
    from workbench.plotting.race import race_sign

    steps, values = run.reader.buckets(tag, 2 * width)
    return Series(run.name, steps.astype(float), values, colour=_colour(run), label=race_sign(run.number))


def _colour(run: _Raced) -> str:
    return _COLOURS[run.number - 1]
