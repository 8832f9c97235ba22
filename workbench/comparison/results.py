"""What came out, beside each other: a line for each metric, with the best one marked, and everything that makes it unfair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.cards.catalog import known_metrics
from workbench.comparison.entries import Entry
from workbench.plotting.charted import direction
from workbench.runs.differences import other_data, short_value, unequal
from workbench.runs.folder import RunFolder
from workbench.runs.groups import SEED
from workbench.runs.reader import RunReader
from workbench.runs.summary import RunSummary
from workbench.saying import number

__all__ = ["Cell", "Result", "differing_settings", "notes", "results"]

_SPLITS = ("test", "test_best", "validation", "train")
_ALWAYS = ("train/loss",)


@dataclass(frozen=True)
class Cell:
    """A metric of one entry.

    Attributes:
        value: the value; the mean of a group's; None where there is none.
        low, high: the interval of a group's mean, or None.
        count, missing: runs with a finite value, and those without one.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 1
    missing: int = 0

    @property
    def words(self) -> str:
        """`0.94`, of a group `0.94 ±0.02`, half of its interval; a dash where there is nothing."""
        if self.value is None:
            return "-"
        interval = "" if self.low is None or self.high is None else f" ±{(self.high - self.low) / 2:.2g}"
        return f"{number(self.value)}{interval}"


@dataclass(frozen=True)
class Result:
    """One metric of all entries.

    Attributes:
        tag: the series.
        cells: one for each entry.
        best: places of the entries with the best value; none where nobody can say what is better, or there is one entry.
        baseline: what a trivial predictor scores, in words, or "".
        baseline_value: its score, or None.
    """

    tag: str
    cells: tuple[Cell, ...]
    best: tuple[int, ...] = ()
    baseline: str = ""
    baseline_value: float | None = None


def results(entries: Sequence[Entry]) -> list[Result]:
    """Each metric that at least one entry has: test, then validation, then the training loss."""
    tags = {tag for entry in entries for run in entry.runs for tag in run.values if _is_result(tag)}
    known = list(known_metrics())

    def place(tag: str) -> tuple[int, int, str]:
        split, _, name = tag.partition("/")
        return _SPLITS.index(split), known.index(name) if name in known else len(known), tag

    return [_result(tag, entries) for tag in sorted(tags, key=place)]


def _is_result(tag: str) -> bool:
    return tag in _ALWAYS or tag.partition("/")[0] in ("test", "test_best", "validation")


def _result(tag: str, entries: Sequence[Entry]) -> Result:
    cells = tuple(_cell(entry, tag) for entry in entries)
    name = tag.rpartition("/")[2]
    values = [cell.value for cell in cells if cell.value is not None and math.isfinite(cell.value)]
    alike = not any(other_data(entries[0].settings, entry.settings) for entry in entries[1:])  # else scores do not compare
    better = direction(name)
    best: tuple[int, ...] = ()
    if alike and better and len(values) > 1:
        top = min(values) if better.startswith("lower") else max(values)
        best = tuple(place for place, cell in enumerate(cells) if cell.value == top)
    told = {run.baselines[name] for entry in entries for run in entry.runs if name in run.baselines}
    baseline = told.pop() if len(told) == 1 else None
    if baseline is None or tag.startswith("train/"):
        return Result(tag, cells, best)
    return Result(tag, cells, best, baseline, _number_of(baseline))


def _number_of(words: str) -> float | None:
    """The score at the end of a baseline's words."""
    try:
        return float(words.rpartition(":")[2])
    except ValueError:
        return None


def _cell(entry: Entry, tag: str) -> Cell:
    if not entry.is_group:
        value = entry.runs[0].values.get(tag)
        return Cell(value, missing=int(value is None))
    told = entry.spread(tag)
    if not told.count:
        return Cell(None, count=0, missing=told.missing)
    interval = told.interval
    return Cell(
        told.mean,
        None if interval is None else interval.low,
        None if interval is None else interval.high,
        told.count,
        told.missing,
    )


def differing_settings(entries: Sequence[Entry]) -> list[tuple[str, tuple[str, ...]]]:
    """Only the settings on which the entries do not agree: name, and each entry's value; a dash where it has none."""
    settings = [entry.settings for entry in entries]
    if any(entry.is_group for entry in entries):
        settings = [{name: value for name, value in one.items() if name != SEED} for one in settings]
    names = [name for name in ("model.name", "data.name") if len({str(one.get(name)) for one in settings}) > 1]
    names += [name for name in unequal(settings) if name not in names]
    missing = {name for one in settings for name in one if any(name not in other for other in settings)}
    names += sorted(name for name in missing if name not in names and not name.startswith("inspect.") and name != SEED)
    return [(name, tuple(short_value(one[name]) if name in one else "-" for one in settings)) for name in names]


def notes(entries: Sequence[Entry]) -> list[str]:
    """What makes the comparison unfair or incomplete, a line each."""
    lines = []
    first = entries[0].settings
    foreign = [(entry, data) for entry in entries[1:] if (data := other_data(first, entry.settings))]
    if foreign:
        told = "; ".join(f"{entry.number} {data}" for entry, data in foreign)
        lines.append(f"On other data than 1, so scores do not compare: {told}.")
    if len({entry.steps for entry in entries}) > 1 or any(low != high for low, high in (entry.steps for entry in entries)):
        told = ", ".join(f"{entry.number}: {_steps(*entry.steps)}" for entry in entries)
        lines.append(f"Trained for different numbers of steps: {told}.")
    for entry in entries:
        states = {state: count for state, count in entry.group.states.items() if state != "finished"}
        if states:
            told = ", ".join(f"{count} {state}" if entry.is_group else state for state, count in states.items())
            lines.append(f"{entry.number} has not finished: {told}.")
        twins = len(entry.runs) - len(entry.group.trials)
        if twins:
            lines.append(f"{entry.number}: {twins} of its runs repeat a seed of another one and are counted once.")
        reasons = [reason for run in entry.runs if (reason := _failure(run))]
        lines += [f"{entry.number}: {reason}" for reason in dict.fromkeys(reasons)]
    for result in results(entries):
        absent = [entry.number for entry, cell in zip(entries, result.cells, strict=True) if cell.value is None]
        if absent:
            lines.append(f"{result.tag}: no value in {_listed(absent)}.")
        part = [
            f"{cell.missing} of {cell.count + cell.missing} runs of {entry.number}"
            for entry, cell in zip(entries, result.cells, strict=True)
            if entry.is_group and cell.missing and cell.value is not None
        ]
        if part:
            lines.append(f"{result.tag}: no finite value in {', '.join(part)}; they are left out of its mean.")
        broken = [
            entry.number
            for entry, cell in zip(entries, result.cells, strict=True)
            if cell.value is not None and not math.isfinite(cell.value)
        ]
        if broken:
            lines.append(f"{result.tag}: NaN or infinite in {_listed(broken)}.")
    return lines


def _failure(run: RunSummary) -> str:
    """Why a run failed, or ""."""
    if run.state != "failed":
        return ""
    with RunReader(RunFolder(run.path)) as reader:
        reasons = [event.message for event in reader.events() if event.kind in ("nonfinite", "failed")]
    return reasons[-1].removeprefix(f"{run.id}: ") if reasons else ""


def _steps(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
