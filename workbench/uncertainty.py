"""How sure a number is: intervals of 95 %, tests on the same samples, and whether probabilities mean what they say.

Over seeds the interval of a mean is Student's. Over samples a fraction of right answers has Wilson's interval, anything else a
percentile bootstrap. Two models that answered the same samples are compared pair by pair: McNemar's exact test where an answer
is right or wrong, a bootstrap of the paired differences elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LEVEL",
    "Calibration",
    "Interval",
    "Spread",
    "binomial_interval",
    "bootstrap",
    "bootstrap_ratios",
    "calibration",
    "difference_of_means",
    "is_fraction",
    "mcnemar",
    "paired_fractions",
    "paired_means",
    "spread",
    "student_quantile",
    "wilson",
]

LEVEL = 0.95
"""Share of such intervals that hold the true value."""
RESAMPLES = 10_000
"""Sets drawn by a bootstrap of means."""
BINS = 10
"""Ranges of confidence, of equal width, over which calibration is measured."""
_BISECTIONS = 100
_CELLS = 2_000_000
"""Numbers that a bootstrap holds at a time."""


@dataclass(frozen=True)
class Interval:
    """A range that holds the true value with a probability of `LEVEL`, and how it was worked out.

    Attributes:
        low, high: its ends.
        method: `Wilson`, `bootstrap`, `Student's t` ...
    """

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Spread:
    """What one metric came to in several runs.

    Attributes:
        count: runs that gave a finite value.
        missing: runs that gave none, or NaN or infinity.
        mean, median, low, high: of the finite values; NaN without any. `low` and `high` are the smallest and the largest.
        deviation: standard deviation of the sample (divisor n - 1); NaN below two values.
        interval: of the mean, by Student's t; None below two values.
    """

    count: int
    missing: int
    mean: float
    median: float
    low: float
    high: float
    deviation: float
    interval: Interval | None


def spread(values: Sequence[float | None]) -> Spread:
    """The spread of a metric over runs; None stands for a run without it."""
    there = np.array([value for value in values if value is not None and math.isfinite(value)], dtype=np.float64)
    missing = len(values) - len(there)
    if not len(there):
        return Spread(0, missing, math.nan, math.nan, math.nan, math.nan, math.nan, None)
    mean, low, high = float(there.mean()), float(there.min()), float(there.max())
    deviation, interval = math.nan, None
    if len(there) > 1:
        deviation = float(there.std(ddof=1))
        half = student_quantile((1 + LEVEL) / 2, len(there) - 1) * deviation / math.sqrt(len(there))
        interval = Interval(mean - half, mean + half, "Student's t")
    return Spread(len(there), missing, mean, float(np.median(there)), low, high, deviation, interval)


def student_quantile(share: float, freedom: float) -> float:
    """The value below which Student's distribution has a share of its probability.

    Args:
        share: above 0 and below 1.
        freedom: degrees of freedom, at least 1; need not be whole.
    """
    if share < 0.5:  # noqa: PLR2004 - symmetric about 0
        return -student_quantile(1 - share, freedom)
    low, high = 0.0, 1.0
    while _student_below(high, freedom) < share:
        low, high = high, 2 * high
    return _bisected(lambda value: _student_below(value, freedom) < share, low, high)


def _student_below(value: float, freedom: float) -> float:
    """Probability of less than `value` >= 0: 1 - I_x(freedom/2, 1/2)/2 at x = freedom/(freedom + value^2)."""
    return 1 - _beta_share(freedom / (freedom + value * value), freedom / 2, 0.5) / 2


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side of the mean
        return 1 - _beta_share(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    value, numerator, denominator = 1.0, 1.0, 0.0
    for place in range(1000):
        m = place // 2
        if place == 0:
            term = 1.0
        elif place % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        denominator = 1 / (1 + term * denominator or tiny)
        numerator = 1 + term / numerator or tiny
        value *= numerator * denominator
        if place and abs(1 - numerator * denominator) < 1e-15:  # noqa: PLR2004 - the last digit
            break
    return front * (value - 1)


def _bisected(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that holds at `low` and not at `high` changes."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def is_fraction(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> bool:
    """Whether a score, (n,) sums and counts of samples, is the fraction of them that is right: each is right or wrong, once."""
    return bool((counts == 1).all() and np.isin(sums, (0.0, 1.0)).all())


def wilson(right: float, count: float) -> Interval:
    """The interval of a fraction `right / count` of independent answers (Wilson 1927).

    It stays between 0 and 1, and has a width also where all answers are right.
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    # at the ends the exact values are 0 and 1, which rounding misses
    return Interval(0.0 if right == 0 else middle - half, 1.0 if right == count else middle + half, "Wilson")


def binomial_interval(right: int, count: int) -> Interval:
    """The exact interval of a probability of which `right` of `count` trials succeeded (Clopper and Pearson 1934)."""
    tail = (1 - LEVEL) / 2
    low = 0.0 if right == 0 else _bisected(lambda p: _beta_share(p, right, count - right + 1) < tail, 0, 1)
    high = 1.0 if right == count else _bisected(lambda p: 1 - _beta_share(p, right + 1, count - right) > tail, 0, 1)
    return Interval(low, high, "Clopper-Pearson")


def mcnemar(only_first: int, only_second: int) -> float:
    """Probability of counts at least as unequal as these if both models were right equally often (McNemar 1947, exact).

    Args:
        only_first, only_second: samples that one of them alone has right; the others say nothing about a difference.
    """
    count, few = only_first + only_second, min(only_first, only_second)
    if only_first == only_second:
        return 1.0
    return min(1.0, 2 * _beta_share(0.5, count - few, few + 1))


def paired_fractions(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[float, Interval, float]:
    """How much more often the first model is right, (n,) each, on the same samples.

    The interval is the exact one of the share of the samples on which they disagree, so it leaves out 0 exactly where McNemar's
    test finds a difference at 5 %.

    Returns:
        The difference of the fractions, its interval, and the probability by McNemar's test.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    count, unequal = len(first), only_first + only_second
    difference = (only_first - only_second) / count
    if not unequal:
        return difference, Interval(0.0, 0.0, "exact, of the samples on which they disagree"), 1.0
    share = binomial_interval(only_first, unequal)
    low, high = ((2 * end - 1) * unequal / count for end in (share.low, share.high))
    return difference, Interval(low, high, "exact, of the samples on which they disagree"), mcnemar(only_first, only_second)


def paired_means(
    first: NDArray[np.float64], second: NDArray[np.float64], weights: NDArray[np.float64] | None = None, seed: int = 0
) -> tuple[float, Interval]:
    """The difference of two means over the same samples, and its interval by a bootstrap of the pairs.

    Args:
        first, second: a score of each sample, (n,).
        weights: how much each sample counts (the number of its steps), (n,); all the same by default.
        seed: of the sets drawn.
    """
    weights = np.ones(len(first)) if weights is None else weights
    gained = (first - second) * weights
    (interval,) = bootstrap_ratios(gained[:, None], weights[:, None], seed=seed)
    return float(gained.sum() / weights.sum()), interval


def bootstrap_ratios(
    sums: NDArray[np.float64], counts: NDArray[np.float64], resamples: int = RESAMPLES, seed: int = 0
) -> list[Interval]:
    """The intervals of several means, each the sum of a column of `sums` over that of `counts`, over the same sets of samples.

    Args:
        sums, counts: (n, k).
        resamples: sets drawn.
        seed: the same seed gives the same intervals.
    """
    random = np.random.default_rng(seed)
    count = len(sums)
    at_a_time = max(1, _CELLS // count)
    means = []
    for done in range(0, resamples, at_a_time):
        drawn = random.integers(0, count, (min(at_a_time, resamples - done), count))
        places = drawn + count * np.arange(len(drawn))[:, None]
        often = np.bincount(places.ravel(), minlength=count * len(drawn)).reshape(len(drawn), count).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append((often @ sums) / (often @ counts))
    return [_percentiles(column) for column in np.concatenate(means).T]


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], Sequence[float]], count: int, resamples: int, seed: int = 0
) -> list[Interval]:
    """The percentile intervals of statistics of a set of samples, over sets drawn with replacement (Efron 1979).

    Args:
        statistic: places of samples, (count,), to the values of that set.
        count: samples.
        resamples: sets drawn.
        seed: the same seed gives the same intervals.
    """
    random = np.random.default_rng(seed)
    values = np.array([statistic(random.integers(0, count, count)) for _ in range(resamples)], dtype=np.float64)
    return [_percentiles(column) for column in values.T]


def _percentiles(values: NDArray[np.float64]) -> Interval:
    """The middle share of the values that are numbers."""
    there = values[np.isfinite(values)]
    if not len(there):
        return Interval(math.nan, math.nan, "bootstrap")
    low, high = np.quantile(there, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), "bootstrap")


def difference_of_means(first: Sequence[float], second: Sequence[float], *, paired: bool) -> tuple[float, Interval] | None:
    """The difference of the means of two groups of runs, with its interval by Student's t; None below two runs of each.

    Args:
        first, second: a finite value of each run.
        paired: whether the two stand for the same seeds, in the same order; else Welch's degrees of freedom are taken (1947).
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - one value has no spread
        return None
    difference = float(a.mean() - b.mean())
    if paired:
        error, freedom, method = float((a - b).std(ddof=1)) / math.sqrt(len(a)), len(a) - 1.0, "paired t"
    else:
        parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
        error, method = math.sqrt(sum(parts)), "Welch's t"
        below = parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1)
        freedom = float(sum(parts) ** 2 / below) if below else float(len(a) + len(b) - 2)
    half = student_quantile((1 + LEVEL) / 2, freedom) * error
    return difference, Interval(difference - half, difference + half, method)


@dataclass(frozen=True)
class Calibration:
    """How often a model is right where it is how sure (reliability diagram; Guo et al. 2017, equation 3).

    Attributes:
        counts: answers in each range of confidence, (bins,).
        confidence: their mean probability of the predicted class, (bins,); NaN in an empty one.
        accuracy: the fraction of them that is right, (bins,); NaN in an empty one.
        error: the expected calibration error: the mean of |accuracy - confidence| over all answers.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    error: float


def calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> Calibration:
    """The calibration of answers, from the probability of the predicted class and whether it is right, (n,) each."""
    places = np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1)  # ranges (low, high], as in the paper
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):
        sure = np.bincount(places, confidence, bins) / counts
        accuracy = np.bincount(places, right.astype(np.float64), bins) / counts
    gaps = np.abs(accuracy - sure) * counts
    return Calibration(counts, sure, accuracy, float(np.nansum(gaps) / len(right)))
