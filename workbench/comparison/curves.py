"""The curves of several entries in one figure: a colour and a number on each line; of a group its median, range and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.comparison.entries import Entry
from workbench.errors import UsageError, WorkbenchError
from workbench.plotting import Series
from workbench.plotting.band import USUAL_SHARE, band_of
from workbench.plotting.charted import SPLITS, charted_metrics, metric_of, title_of
from workbench.plotting.clock import X_NAMES, Clock
from workbench.plotting.race import MOST_RUNS, race_role, race_sign
from workbench.plotting.svg import Figure
from workbench.run_figures import FIGURE_COLUMNS, from_beginning, is_log
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.summary import RunSummary

__all__ = ["default_tags", "drawable_tags", "overlaid"]


def default_tags(entries: Sequence[Entry]) -> list[str]:
    """What is drawn where nobody says what: training loss, then loss and headline metric of the validation set."""
    there = {tag for entry in entries for run in entry.runs for tag in run.values}
    headlines = [f"validation/{entry.group.metric.rpartition('/')[2]}" for entry in entries if entry.group.metric]
    return [tag for tag in dict.fromkeys(("train/loss", "validation/loss", *headlines, "train/grad_norm")) if tag in there]


def drawable_tags(entries: Sequence[Entry]) -> list[str]:
    """All series that at least one entry has: the usual ones first."""
    there = {tag for entry in entries for run in entry.runs for tag in run.values}
    return list(dict.fromkeys((*default_tags(entries), *(tag for metric in charted_metrics(there) for tag in metric.tags))))


def overlaid(entries: Sequence[Entry], tags: Sequence[str], axis: str = "step") -> list[Figure]:
    """One figure for each series, with the first `MOST_RUNS` entries in it.

    Args:
        entries: what is drawn.
        tags: the series.
        axis: how x is counted, a key of `X_NAMES`.
    Raises:
        UsageError: a run cannot count x so.
        StoreError: a run cannot be read.
    """
    drawn = entries[:MOST_RUNS]
    clocks = {run.path: clock_of(run, epochs=axis == "epoch") for entry in drawn for run in entry.runs}
    for entry in drawn:
        for run in entry.runs:
            if axis not in clocks[run.path].choices():
                why = "its data are generated without end" if axis == "epoch" else "it has not done enough steps"
                raise UsageError(f"--by {axis}: got {run.id}, and {why}; expected runs that have it. Count x in steps.")
    figures = []
    for metric in charted_metrics(tags):
        labels = {f"{split.name}/{metric.name}": split.label for split in SPLITS}
        for tag in metric.tags:
            series = [line for entry in drawn for line in _lines(entry, tag, axis, clocks)]
            title = " ".join(filter(None, (title_of(metric.name), labels.get(tag, ""))))
            solid = [line for line in series if not line.faint]
            if solid:
                view = from_beginning(series) if axis == "step" else None
                log_y = is_log(metric_of(tag), solid)
                figures.append(Figure(title, series, _subtitle(entries), x_name=X_NAMES[axis], log_y=log_y, view=view))
    return figures


def _subtitle(entries: Sequence[Entry]) -> str:
    more = len(entries) - MOST_RUNS
    return f"the first {MOST_RUNS} of {len(entries)}" if more > 0 else ""


def clock_of(run: RunSummary, *, epochs: bool = False) -> Clock:
    """What steps of a run are in seconds, samples and, where that is asked for, epochs."""
    folder = RunFolder(run.path)
    with RunReader(folder) as reader:
        steps, seconds, samples = reader.timing(every=max(1, run.step // FIGURE_COLUMNS))
    per_epoch = None
    if epochs:
        try:
            experiment = folder.experiment()
            dataset = experiment.open_data(folder.carried())
        except WorkbenchError:
            dataset = None
        if dataset is not None and dataset.num_train:
            per_epoch = dataset.num_train / (experiment.training.batch_size * experiment.training.accumulate)
    return Clock(steps, seconds, per_epoch, samples.astype(np.float64))


def _lines(entry: Entry, tag: str, axis: str, clocks: Mapping[Path, Clock]) -> list[Series]:
    """One line, or of a group the thin lines of its runs, and its median with its range."""
    colour, sign = race_role(entry.number), race_sign(entry.number)
    raw = []
    for run in entry.runs:
        with RunReader(RunFolder(run.path)) as reader:
            if tag not in run.values:
                continue
            steps, values = reader.scalars(tag) if entry.is_group else reader.buckets(tag, 2 * FIGURE_COLUMNS)
        raw.append((steps, values, clocks[run.path].of(axis)))
    lines = [
        Series(f"{sign} {entry.name}", count(steps), values, colour=colour, label=sign, faint=entry.is_group)
        for steps, values, count in raw
    ]
    if not entry.is_group or not lines:
        return lines
    band = band_of([(steps.astype(np.float64), values) for steps, values, _ in raw], USUAL_SHARE)
    if not len(band.steps):
        return lines
    x = raw[0][2](band.steps.astype(np.int64))
    name = f"{sign} {entry.name}: {band.words}"
    middle = Series(name, x, band.median, colour=colour, label=sign, low=band.low, high=band.high)
    return [*(replace(line, label="") for line in lines), middle]
