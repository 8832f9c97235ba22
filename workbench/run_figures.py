"""The curves of a run as figures: what `workbench snap --svg` writes and a notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from workbench.errors import WorkbenchError
from workbench.plotting import Level, Series
from workbench.plotting.charted import (
    SPLITS,
    ChartedMetric,
    baseline_level,
    bound_level,
    charted_metrics,
    spans_decades,
    title_of,
)
from workbench.plotting.svg import Figure, figure_svg
from workbench.runs.reader import RunReader
from workbench.saying import clean, number
from workbench.verification.claims import bounds_of

__all__ = ["FIGURE_COLUMNS", "USUAL_TAGS", "from_beginning", "is_log", "run_figure", "run_html"]

FIGURE_COLUMNS = 1400
"""Ranges of steps of a line in a figure: two for each pixel of its width."""
USUAL_TAGS = ("train/loss", "validation/loss", "train/grad_norm")
"""What is drawn where nobody says what."""


def is_log(metric: str, series: Sequence[Series]) -> bool:
    """Whether a metric that is best seen on a logarithmic axis has values that all have a place on one."""
    return spans_decades(metric) and all((line.y > 0).any() and not (line.y <= 0).any() for line in series)


def from_beginning(series: Sequence[Series]) -> tuple[float | None, None, None, None]:
    """A run begins at step 0, though its first value stands at 1."""
    return 0.0 if min(float(line.x[0]) for line in series) <= 1 else None, None, None, None


def run_figure(reader: RunReader, metric: ChartedMetric) -> Figure:
    """A metric of a run, its splits in one plot, with what a trivial predictor reaches and the run's claim asks."""
    values = reader.latest_values()
    names = {f"{split.name}/{metric.name}": split for split in SPLITS}
    series = []
    for tag in metric.tags:
        if tag in values:
            steps, numbers = reader.buckets(tag, 2 * FIGURE_COLUMNS)
            split = names.get(tag)
            marker = split.marker if split is not None else ""
            line = Series(tag, steps.astype(float), numbers, marker=marker if len(steps) <= FIGURE_COLUMNS else "")
            series.append(replace(line, name=split.label, colour=split.role) if split is not None else line)
    subtitle = str(reader.meta().get("name") or reader.folder.id)
    if not series:
        return Figure(title_of(metric.name), [], subtitle)
    return Figure(
        title_of(metric.name),
        series,
        subtitle,
        log_y=is_log(metric.name, series),
        view=from_beginning(series),
        levels=_levels(reader, metric.name),
    )


def _levels(reader: RunReader, name: str) -> list[Level]:
    """The dashed lines; none where the experiment cannot be read."""
    try:
        experiment = reader.folder.experiment()
    except WorkbenchError:
        return []
    bounds = bounds_of(experiment.claim) if experiment.claim is not None else ()
    levels = [bound_level(name, bound.metric, bound.operator, bound.threshold) for bound in bounds]
    return [Level(*level, "level") for level in (baseline_level(name, experiment.task), *levels) if level is not None]


def run_html(reader: RunReader) -> str:
    """A run as a notebook shows it: what it is and where it stands, its usual curves, the newest value of each series."""
    status, values = reader.status(), reader.latest_values()
    name = str(reader.meta().get("name") or reader.meta().get("title") or reader.folder.id)
    figures = [run_figure(reader, metric) for metric in charted_metrics(USUAL_TAGS)]
    drawings = "".join(figure_svg(figure) for figure in figures if figure.series)
    rows = "".join(f"<tr><td>{escape(clean(tag))}</td><td>{escape(number(value))}</td></tr>" for tag, value in values.items())
    head = f"{name}: {status.state}, step {status.step:,} of {status.total:,}"
    title = f"<p><b>{escape(clean(head))}</b> <code>{escape(clean(reader.folder.id))}</code></p>"
    return f"<div>{title}{drawings}<table>{rows}</table></div>"
