"""A band of several runs' series."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plotting.band import Band, Line, band_of

NAN = float("nan")


def line(values: dict[int, float]) -> Line:
    """A run's series of step -> value."""
    return np.array(list(values), dtype=float), np.array(list(values.values()), dtype=float)


def rows(band: Band) -> list[tuple[float, ...]]:
    """Step, low, median, high and count at each step."""
    columns = (band.steps, band.low, band.median, band.high, band.counts)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_of_three_runs_the_middle_value_is_the_median() -> None:
    """At each step least, middle and greatest, whichever run has them."""
    band = band_of([line({1: 5.0, 2: 1.0}), line({1: 2.0, 2: 9.0}), line({1: 3.0, 2: 4.0})])
    assert rows(band) == [(1, 2, 3, 5, 3), (2, 1, 4, 9, 3)]
    assert band.words == "median and range of 3 runs"


def test_of_two_runs_the_median_is_between_them() -> None:
    """Also of values whose sum no number holds."""
    assert rows(band_of([line({1: 1.0}), line({1: 4.0})])) == [(1, 1, 2.5, 4, 2)]
    assert band_of([line({1: 1.6e308}), line({1: 1.2e308})]).median.tolist() == [pytest.approx(1.4e308)]


def test_only_steps_that_all_runs_have_unless_told_otherwise() -> None:
    """Nothing is filled in: a run that evaluates every second step has no value at the others."""
    runs = [line({1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}), line({2: 3.0, 4: 3.0}), line({2: 2.0, 4: 2.0, 5: 2.0})]
    band = band_of(runs)
    assert rows(band) == [(2, 1, 2, 3, 3), (4, 1, 2, 3, 3)]
    assert band.words == "median and range of 3 runs; without 3 steps that not all of them have"


@pytest.mark.parametrize(("share", "last", "needed"), [(1.0, 1, 4), (0.75, 2, 3), (0.5, 3, 2), (0.1, 4, 1)])
def test_a_stated_share_of_the_runs_is_enough(share: float, last: int, needed: int) -> None:
    """Runs of one to four steps: the band goes as far as that many of them, and says how many there are at each step."""
    runs = [line(dict.fromkeys(range(1, length + 1), float(length))) for length in (1, 2, 3, 4)]
    band = band_of(runs, share)
    assert (band.steps[-1], band.needed, band.left_out) == (last, needed, 4 - last)
    assert band.counts.tolist() == [4, 3, 2, 1][:last]
    if share == 0.5:
        assert band.words == "median and range of 4 runs; without 1 step that fewer than 2 of them have"


def test_a_value_that_is_not_finite_is_none_and_a_run_without_any_is_said() -> None:
    """A run that has not begun, and one that gave NaN alone, do not empty the band of the others."""
    runs = [line({1: 1.0, 2: NAN}), line({1: 3.0, 2: 3.0}), line({}), line({1: float("inf")})]
    band = band_of(runs)
    assert rows(band) == [(1, 1, 2, 3, 2)]
    assert (band.runs, band.without) == (2, 2)
    assert band.words == "median and range of 2 runs; without 1 step that not all of them have; 2 runs without a value"


@pytest.mark.parametrize("runs", [[], [line({})], [line({1: NAN})]])
def test_without_a_value_the_band_is_empty(runs: list[Line]) -> None:
    """And nothing fails."""
    band = band_of(runs, 0.5)
    assert (len(band.steps), len(band.low), len(band.median), len(band.high), band.runs) == (0, 0, 0, 0, 0)
    assert band.without == len(runs)


SERIES = st.dictionaries(st.integers(0, 12), st.floats(-1e6, 1e6) | st.just(NAN), max_size=8)


@given(st.lists(SERIES, max_size=5), st.sampled_from([0.3, 0.5, 1.0]))
def test_each_step_alone_gives_the_same(runs: list[dict[int, float]], share: float) -> None:
    """Against the plain definition, step by step, with the standard library's median."""
    ordered = [dict(sorted(run.items())) for run in runs]
    begun = [run for run in ordered if any(value == value for value in run.values())]  # noqa: PLR0124 - NaN
    expected: list[Any] = []
    for step in range(13):
        values = [run[step] for run in begun if step in run and run[step] == run[step]]
        if values and len(values) >= share * len(begun):
            expected.append((step, min(values), pytest.approx(statistics.median(values)), max(values), len(values)))
    assert rows(band_of([line(run) for run in ordered], share)) == expected
