"""Intervals and tests against scipy, against tables in textbooks, and against how often they hold what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench import uncertainty


@pytest.mark.parametrize("freedom", [1, 2, 3.7, 9, 60, 100_000])
@pytest.mark.parametrize("share", [0.025, 0.3, 0.5, 0.9, 0.975, 0.9995])
def test_quantiles_of_students_distribution_are_those_of_scipy(share: float, freedom: float) -> None:
    assert uncertainty.student_quantile(share, freedom) == pytest.approx(stats.t.ppf(share, freedom), rel=1e-9, abs=1e-12)


def test_spread_of_five_runs_is_worked_out_by_hand() -> None:
    told = uncertainty.spread([0.9, 0.92, 0.94, 0.96, 0.98, None, math.nan])

    assert (told.count, told.missing, told.median, told.low, told.high) == (5, 2, 0.94, 0.9, 0.98)
    assert told.mean == pytest.approx(0.94)
    assert told.deviation == pytest.approx(math.sqrt(0.001))
    assert told.interval is not None
    # 2.776 is the table's value for four degrees of freedom
    assert told.interval.high == pytest.approx(0.94 + 2.776445 * math.sqrt(0.001) / math.sqrt(5))
    assert told.interval.low == pytest.approx(2 * 0.94 - told.interval.high)


def test_spread_of_one_run_has_no_interval_and_of_none_no_mean() -> None:
    assert uncertainty.spread([0.5]).interval is None
    assert math.isnan(uncertainty.spread([0.5]).deviation)
    nothing = uncertainty.spread([math.inf, None])
    assert (nothing.count, nothing.missing, nothing.interval) == (0, 2, None)
    assert math.isnan(nothing.mean)


@pytest.mark.parametrize(("right", "count"), [(0, 10), (1, 10), (81, 263), (10, 10), (9_990, 10_000)])
def test_intervals_of_a_fraction_are_those_of_scipy(right: int, count: int) -> None:
    test = stats.binomtest(right, count)

    wilson, exact = uncertainty.wilson(right, count), uncertainty.binomial_interval(right, count)

    assert (wilson.low, wilson.high) == pytest.approx(test.proportion_ci(method="wilson"), abs=1e-9)
    assert (exact.low, exact.high) == pytest.approx(test.proportion_ci(method="exact"), abs=1e-9)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_binomial_test_of_the_samples_on_which_two_disagree(first: int, second: int) -> None:
    expected = stats.binomtest(first, first + second).pvalue if first + second else 1.0

    assert uncertainty.mcnemar(first, second) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_interval_of_paired_fractions_leaves_out_zero_exactly_where_the_test_finds_a_difference(
    only_first: int, only_second: int, both: int
) -> None:
    first = np.repeat([True, False, True], [only_first, only_second, both])
    second = np.repeat([False, True, True], [only_first, only_second, both])

    difference, interval, probability = uncertainty.paired_fractions(first, second)

    assert difference == pytest.approx(first.mean() - second.mean())
    assert interval.low - 1e-12 <= difference <= interval.high + 1e-12
    if abs(probability - 0.05) > 1e-9:
        assert (interval.low > 0 or interval.high < 0) == (probability < 0.05)


def test_paired_means_find_a_difference_that_unpaired_ones_hide() -> None:
    random = np.random.default_rng(1)
    hardness = random.normal(0, 10, 400)
    first, second = hardness + 0.5 + random.normal(0, 1, 400), hardness + random.normal(0, 1, 400)

    difference, interval = uncertainty.paired_means(first, second)

    half = 1.96 * (first - second).std(ddof=1) / 20
    assert difference == pytest.approx((first - second).mean())
    assert (interval.low, interval.high) == pytest.approx((difference - half, difference + half), abs=0.02)


def test_paired_means_weigh_samples_by_their_steps() -> None:
    difference, interval = uncertainty.paired_means(np.array([1.0, 0.0]), np.array([0.0, 0.0]), np.array([3.0, 1.0]))

    assert difference == pytest.approx(0.75)
    assert (interval.low, interval.high) == (0.0, 1.0)  # either sample may be drawn twice


def test_bootstrap_is_the_same_each_time_and_holds_the_true_value_as_often_as_it_says() -> None:
    def of(sample: np.ndarray) -> uncertainty.Interval:
        return uncertainty.bootstrap_ratios(sample[:, None], np.ones((len(sample), 1)), 1000)[0]

    random = np.random.default_rng(2)
    samples = random.exponential(1.0, (200, 100))
    intervals = [of(sample) for sample in samples]

    assert of(samples[0]) == intervals[0]
    held = np.mean([one.low <= 1.0 <= one.high for one in intervals])
    assert 0.88 <= held <= 0.98  # an exponential's mean of 100: a little below 95 %


def test_difference_of_groups_is_welchs_or_paired() -> None:
    first, second = [0.91, 0.93, 0.97, 0.95], [0.90, 0.91, 0.96, 0.93]

    unpaired = uncertainty.difference_of_means(first, second, paired=False)
    paired = uncertainty.difference_of_means(first, second, paired=True)

    for told, expected in (
        (unpaired, stats.ttest_ind(first, second, equal_var=False)),
        (paired, stats.ttest_rel(first, second)),
    ):
        assert told is not None
        assert (told[1].low, told[1].high) == pytest.approx(expected.confidence_interval(0.95))
    assert uncertainty.difference_of_means([1.0], [2.0, 3.0], paired=False) is None


def test_difference_of_groups_that_do_not_vary_is_certain() -> None:
    told = uncertainty.difference_of_means([1.0, 1.0], [0.5, 0.5], paired=False)

    assert told == (0.5, uncertainty.Interval(0.5, 0.5, "Welch's t"))


def test_calibration_of_ten_answers_is_worked_out_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.65, 0.65, 1.0, 0.7, 0.05, 0.0])
    right = np.array([True, True, True, False, True, False, True, True, False, False])

    told = uncertainty.calibration(confidence, right)

    assert told.counts.tolist() == [2, 0, 0, 0, 0, 0, 3, 0, 0, 5]
    assert told.accuracy[9] == pytest.approx(0.8)
    assert told.confidence[9] == pytest.approx((4 * 0.95 + 1) / 5)
    assert math.isnan(told.accuracy[3])
    # 0.1 x 0.025 x 2 + 3 x |2/3 - 2/3| + 5 x |0.8 - 0.96|
    assert told.error == pytest.approx((2 * 0.025 + abs(2 - 2.0) + abs(4 - 4.8)) / 10)


def test_bootstrap_of_any_statistic_agrees_with_that_of_means() -> None:
    sample = np.random.default_rng(3).normal(2.0, 1.0, 400)

    (told,) = uncertainty.bootstrap(lambda rows: [float(sample[rows].mean())], len(sample), 2000)

    half = 1.96 * sample.std(ddof=1) / 20
    assert (told.low, told.high) == pytest.approx((sample.mean() - half, sample.mean() + half), abs=0.01)


def test_bootstrap_leaves_out_sets_without_a_value() -> None:
    sums, counts = np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [0.0], [0.0]])

    assert uncertainty.bootstrap_ratios(sums, counts)[0] == uncertainty.Interval(1.0, 1.0, "bootstrap")
    assert math.isnan(uncertainty.bootstrap_ratios(sums, 0 * counts)[0].low)
