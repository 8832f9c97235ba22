"""Whether one entry is better than another, or no difference can be told, in words.

Two runs that answered the same test samples are compared sample by sample: McNemar's exact test where an answer is right or
wrong, else a bootstrap of the paired differences. Where a group is on either side, its runs' scores are compared: paired by seed
where both have the same seeds, else by Welch's t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.cards.catalog import lower_is_better
from workbench.comparison.entries import Entry
from workbench.errors import CheckpointError, UsageError
from workbench.runs.evaluations import Evaluation, evaluation_stem, evaluations_of
from workbench.runs.folder import RunFolder
from workbench.runs.groups import SEED
from workbench.saying import number
from workbench.training.checkpoint_files import checkpoint_digest, find_checkpoint
from workbench.uncertainty import Interval, difference_of_means, is_fraction, paired_fractions, paired_means

__all__ = ["Verdict", "kept_evaluation", "verdicts"]


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


def kept_evaluation(folder: RunFolder) -> tuple[int | None, Evaluation | None]:
    """The evaluation of a run's best checkpoint on its own test set, where one was made of this very checkpoint.

    Returns:
        The checkpoint's step, None where there is no checkpoint, and the evaluation, None where there is none.
    Raises:
        StoreError: one that is kept is damaged.
    """
    try:
        checkpoint = find_checkpoint(folder, "")
    except (CheckpointError, UsageError):
        return None, None
    told = [one for one in evaluations_of(folder, evaluation_stem(checkpoint.step, "test")) if not one.changes]
    weights = checkpoint_digest(checkpoint.path) if told else ""
    return checkpoint.step, next((one for one in reversed(told) if one.weights == weights), None)


def verdicts(entries: Sequence[Entry], evaluations: Mapping[int, Evaluation], unmeasured: Mapping[int, int]) -> list[Verdict]:
    """The first entry against each other one.

    Args:
        entries: what is compared.
        evaluations: of single runs, by the entry's number.
        unmeasured: the steps of their checkpoints, for single runs that have one and no evaluation, by the entry's number.
    """
    if len(entries) < 2:  # noqa: PLR2004 - nothing to compare with
        return []
    return [_verdict(entries[0], other, evaluations, unmeasured) for other in entries[1:]]


def _verdict(first: Entry, second: Entry, evaluations: Mapping[int, Evaluation], unmeasured: Mapping[int, int]) -> Verdict:
    if first.is_group or second.is_group:
        return _of_groups(first, second)
    pair = [evaluations.get(entry.number) for entry in (first, second)]
    for entry, one in zip((first, second), pair, strict=True):
        if one is None:
            if entry.number not in unmeasured:
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
    if is_fraction(sums, counts) and is_fraction(others, counts):
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
