"""Whether one entry is better than another, or no difference can be told, in words.

Two runs that answered the same test samples are compared sample by sample: McNemar's exact test where an answer is right or
wrong, else a bootstrap of the paired differences. Where a group is on either side, its runs' scores are compared: paired by seed
where both have the same seeds, else by Welch's t.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.cards.catalog import lower_is_better
from workbench.comparison.entries import Entry
from workbench.errors import CheckpointError, UsageError
from workbench.runs.evaluations import Evaluation, evaluations_of
from workbench.runs.folder import RunFolder
from workbench.runs.groups import SEED
from workbench.runs.summary import RunSummary
from workbench.saying import number
from workbench.training.checkpoint_files import find_checkpoint
from workbench.uncertainty import Interval, difference_of_means, paired_fractions, paired_means

__all__ = ["Verdict", "kept_evaluation", "verdicts", "without_evaluation"]


@dataclass(frozen=True)
class Verdict:
    """What can be said of two entries.

    Attributes:
        first, second: their numbers.
        metric: what they were compared in; "" where they cannot be.
        test: how: `McNemar`, `paired bootstrap`, `paired t`, `Welch's t`; "" where they cannot be.
        count: samples, or runs of the smaller group.
        difference: the first one's score minus the second one's.
        low, high: its interval of 95 %.
        probability: McNemar's, or None.
        better: the number of the better one, or None where no difference can be told.
        words: all of that in a sentence, or why they cannot be compared.
    """

    first: int
    second: int
    metric: str = ""
    test: str = ""
    count: int = 0
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    better: int | None = None
    words: str = ""


def kept_evaluation(folder: RunFolder) -> Evaluation | None:
    """The evaluation of a run's best checkpoint on its own test set, where one was made of this very checkpoint.

    Raises:
        StoreError: one that is kept is damaged.
    """
    try:
        checkpoint = find_checkpoint(folder, "")
    except (CheckpointError, UsageError):
        return None
    weights = _digest(checkpoint.path)
    told = [one for one in evaluations_of(folder) if one.weights == weights and one.split == "test" and not one.changes]
    return told[-1] if told else None


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # pruned meanwhile
        return ""


def without_evaluation(entries: Sequence[Entry]) -> list[RunSummary]:
    """Single runs that could be compared sample by sample once they are evaluated: those with a checkpoint and no evaluation."""
    missing = []
    for entry in entries:
        if entry.is_group or entry.runs[0].state == "damaged":
            continue
        if _has_checkpoint(entry.runs[0]) and kept_evaluation(RunFolder(entry.runs[0].path)) is None:
            missing.append(entry.runs[0])
    return missing


def _has_checkpoint(run: RunSummary) -> bool:
    try:
        find_checkpoint(RunFolder(run.path), "")
    except (CheckpointError, UsageError):
        return False
    return True


def verdicts(entries: Sequence[Entry], evaluations: Mapping[Path, Evaluation]) -> list[Verdict]:
    """The first entry against each other one.

    Args:
        entries: what is compared.
        evaluations: by the run's folder, of single runs.
    """
    if len(entries) < 2:  # noqa: PLR2004 - nothing to compare with
        return []
    return [_verdict(entries[0], other, evaluations) for other in entries[1:]]


def _verdict(first: Entry, second: Entry, evaluations: Mapping[Path, Evaluation]) -> Verdict:
    if first.is_group or second.is_group:
        return _of_groups(first, second)
    pair = [evaluations.get(entry.runs[0].path) for entry in (first, second)]
    for entry, one in zip((first, second), pair, strict=True):
        if one is None:
            if not _has_checkpoint(entry.runs[0]):
                return _none(first, second, f"{entry.number} has no checkpoint, so it has no predictions on the test samples.")
            hint = f"'workbench evaluate {entry.runs[0].id}' makes them."
            return _none(first, second, f"no predictions of {entry.number} on the test samples are kept. {hint}")
    ours, theirs = (one for one in pair if one is not None)
    if ours.digest != theirs.digest:
        return _none(first, second, "their test samples differ, so they cannot be compared sample by sample.")
    if ours.score not in theirs.scores:
        return _none(first, second, f"{second.number} has no {ours.score} of single samples.")
    return _of_samples(first, second, ours, theirs)


def _none(first: Entry, second: Entry, why: str) -> Verdict:
    return Verdict(first.number, second.number, words=f"{first.number} and {second.number}: {why}")


def _of_samples(first: Entry, second: Entry, ours: Evaluation, theirs: Evaluation) -> Verdict:
    """The same samples, pair by pair."""
    metric = ours.score
    a, b = ours.scores[metric], theirs.scores[metric]
    sums, others = np.array(a.sums), np.array(b.sums)
    counts = np.array(a.counts)
    if not (np.isfinite(sums).all() and np.isfinite(others).all()):
        return _none(first, second, f"{metric} is not finite on some samples.")
    if bool((counts == 1).all()) and np.isin(np.concatenate((sums, others)), (0.0, 1.0)).all():
        difference, interval, probability = paired_fractions(sums == 1, others == 1)
        return _told(first, second, metric, ours.samples, difference, interval, "McNemar", probability)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.nan_to_num(np.stack((sums, others)) / counts)
    difference, interval = paired_means(means[0], means[1], counts)
    return _told(first, second, metric, ours.samples, difference, interval, "paired bootstrap")


def _of_groups(first: Entry, second: Entry) -> Verdict:
    """Runs of two groups, by their headline metric."""
    tag = first.group.metric
    if not tag or not any(tag in run.values for run in second.runs):
        return _none(first, second, f"{tag or 'no metric'} is not measured in both.")
    scored = [[run for run in entry.group.trials if np.isfinite(run.values.get(tag, np.nan))] for entry in (first, second)]
    seeds = [[run.settings.get(SEED) for run in runs] for runs in scored]
    paired = seeds[0] == seeds[1] and len(set(seeds[0])) == len(seeds[0])  # by seed, as the members of a group stand
    values = [[run.values[tag] for run in runs] for runs in scored]
    told = difference_of_means(*values, paired=paired)
    if told is None:
        return _none(first, second, f"fewer than two seeds with {tag} on a side: no interval of the difference.")
    difference, interval = told
    counts = sorted({len(one) for one in values})
    runs = f"{len(values[0])} and {len(values[1])} runs" if len(counts) > 1 else f"{counts[0]} runs each"
    return _told(first, second, tag, counts[0], difference, interval, interval.method, of=runs)


def _told(  # noqa: PLR0913, PLR0917 - all that a verdict says
    first: Entry,
    second: Entry,
    metric: str,
    count: int,
    difference: float,
    interval: Interval,
    test: str,
    probability: float | None = None,
    of: str = "",
) -> Verdict:
    """The verdict in words; a difference of fractions in points."""
    low, high = interval.low, interval.high
    lower = lower_is_better(metric)
    better = None if low <= 0 <= high else first if (low > 0) != lower else second
    name = metric.rpartition("/")[2]
    points = not lower and test == "McNemar"

    def said(value: float) -> str:
        return f"{100 * value:.1f}" if points else number(value)

    unit = " points" if points else ""
    how = f"95 %, {test}{f', p = {number(probability)}' if probability is not None else ''}, {of or f'{count:,} samples'}"
    if better is None:
        ends = f"{said(low)} to {said(high)}{unit}"
        words = f"{first.number} and {second.number}: no difference can be told; {name} differs by {ends} ({how})."
    else:
        other = second if better is first else first
        least, most = sorted((abs(low), abs(high)))
        range_ = f"{said(least)} to {said(most)}{unit}"
        words = f"{better.number} is better than {other.number}: {name} {'lower' if lower else 'higher'} by {range_} ({how})."
    return Verdict(
        first.number,
        second.number,
        metric,
        test,
        count,
        difference,
        low,
        high,
        probability,
        better.number if better else None,
        words,
    )
