"""Smoothing, decimation, axes and what is written to files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import StoreError
from workbench.plotting import Series, draw_figure, ema
from workbench.plotting.axis import Axis
from workbench.plotting.canvas import fit
from workbench.plotting.decimate import envelope, halve
from workbench.plotting.saving import chart_contents, rows_csv, sheet_contents, write_files
from workbench.plotting.svg import Figure
from workbench.saying import exact, short


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 5000), weight=st.sampled_from([0.1, 0.5, 0.9, 0.99, 0.999]), seed=st.integers(0, 99))
def test_ema_equals_the_loop(n: int, weight: float, seed: int) -> None:
    """The vectorised average equals the definition's loop, gaps included."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(n)
    values[rng.random(n) < 0.05] = np.nan
    total = count = 0.0
    expected = []
    for value in values:
        finite = np.isfinite(value)
        total = weight * total + (value if finite else 0.0)
        count = weight * count + finite
        expected.append(total / count if finite else np.nan)
    np.testing.assert_allclose(ema(values, weight), expected, rtol=1e-9, atol=1e-12)


def test_ema_of_a_constant_is_the_constant() -> None:
    """The bias correction leaves a constant as it is, from the first value on."""
    np.testing.assert_allclose(ema(np.full(1000, 3.5), 0.99), 3.5, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 20_000), columns=st.integers(1, 200), seed=st.integers(0, 99))
def test_envelope_keeps_extremes(n: int, columns: int, seed: int) -> None:
    """Least and greatest value survive, positions stay ascending, and the result is short."""
    y = np.random.default_rng(seed).standard_normal(n)
    x = np.arange(n, dtype=np.float64)
    short_x, short_y = envelope(x, y, np.linspace(0, n - 1, columns + 1))
    assert short_y.min() == y.min()
    assert short_y.max() == y.max()
    assert (np.diff(short_x) >= 0).all()
    assert len(short_x) <= 2 * columns + 4


def test_halve() -> None:
    """Half of the points are left, and the extremes among them."""
    y = np.random.default_rng(0).standard_normal(10_000)
    x, half = halve(np.arange(10_000, dtype=np.float64), y)
    assert len(x) == 5000
    assert half.min() == y.min()
    assert half.max() == y.max()


@settings(max_examples=100, deadline=None)
@given(low=st.floats(-1e12, 1e12), span=st.floats(1e-6, 1e12), count=st.integers(1, 12), log=st.booleans())
def test_ticks_lie_on_the_axis(low: float, span: float, count: int, *, log: bool) -> None:
    """Ticks lie within the axis, ascend, and their labels are short."""
    axis = Axis.between(abs(low) + 1e-9 if log else low, (abs(low) if log else low) + span, log=log)
    ticks = axis.ticks(count)
    values = [value for value, _ in ticks]
    room = (axis.high - axis.low) * 1e-6
    assert values == sorted(values)
    assert all(axis.low - room <= value <= axis.high + room for value in values)
    assert all(len(label) <= 9 for _, label in ticks)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, "0"),
        (0.05, "0.05"),
        (1200, "1.2k"),
        (2.5e6, "2.5M"),
        (3e-4, "3e-4"),
        (12, "12"),
        (float("nan"), "nan"),
        (1e15, "1e15"),
    ],
)
def test_short_labels(value: float, label: str) -> None:
    """Numbers on axes are short."""
    assert short(value) == label


def test_exact_values() -> None:
    """Values are read off with four digits, steps in full."""
    assert exact(1240) == "1,240"
    assert exact(0.0121436) == "0.01214"


@pytest.mark.parametrize("high", [900.0, 1000.0, 2500.0, 9000.0, 10_500.0, 24_000.0, 1.2e6])
def test_one_axis_has_one_unit(high: float) -> None:
    """However many ticks there is room for, they count in the same unit, so that charts side by side read alike."""
    units = {label[-1] for count in (1, 2, 4, 7, 12) for _, label in Axis(0.0, high).ticks(count) if label != "0"}
    assert units <= {"M"} or units <= {"k"} or all(unit.isdigit() for unit in units)


@pytest.mark.parametrize(("low", "high"), [(2.598e-11, 2.602e-11), (123_456_700.0, 123_456_800.0), (1e-6, 1.0001e-6)])
def test_labels_of_one_axis_differ(low: float, high: float) -> None:
    """Values that lie close together have as many digits as tell them apart, or there are fewer of them."""
    labels = [label for _, label in Axis(low, high).ticks(5)]
    assert len(set(labels)) == len(labels)


def test_log_ticks_are_powers_of_ten() -> None:
    """A logarithmic axis over decades is labelled with powers of ten."""
    assert [label for _, label in Axis.between(0.005, 20, log=True).ticks(5)] == ["1e-2", "1e-1", "1e0", "1e1"]


def test_fit_shortens_by_columns() -> None:
    """A label is cut by columns, not by characters."""
    assert fit("損失損失", 5) == "損失…"
    assert fit("loss", 4) == "loss"


def test_saved_chart(tmp_path: Path) -> None:
    """SVG, text and CSV are written, and the CSV holds every value exactly."""
    y = np.random.default_rng(0).standard_normal(50)
    series = [Series("train", np.arange(50.0), y)]
    contents = chart_contents("loss", Figure("loss", series, "run 1"), draw_figure(series, 60, 12).text().plain, series)
    paths = write_files(tmp_path / "charts", contents.files(("svg", "txt", "csv")))
    assert [path.name for path in paths] == ["loss.svg", "loss.txt", "loss.csv"]
    assert paths[0].read_text().startswith("<svg")
    assert paths[1].read_text().startswith("loss - run 1\n")
    rows = list(csv.DictReader(paths[2].read_text().splitlines()))
    assert [float(row["value"]) for row in rows] == y.tolist()


def test_saving_into_a_file_is_one_clear_line(tmp_path: Path) -> None:
    """A folder that cannot be made is reported in one line that names it."""
    (tmp_path / "charts").write_text("")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        write_files(tmp_path / "charts" / "x", chart_contents("loss", Figure("loss", []), "", []).files(("csv",)))
    assert "\n" not in str(caught.value)


def test_a_kept_table_has_its_rows_as_they_are() -> None:
    """CSV with exact numbers, empty cells for none, signs of a terminal escaped; text and SVG of the same."""
    rows = [("a,b", 0.1 + 0.2, None), ("\x1b[31m", 1e-300, "yes")]
    contents = sheet_contents("Scores", "scores", ("name", "value", "right"), rows, "run 1")
    text = contents.files(("csv",))["scores.csv"]
    assert text == rows_csv(("name", "value", "right"), rows)
    first, second = csv.DictReader(text.splitlines())
    assert (first["name"], float(first["value"]), first["right"]) == ("a,b", 0.1 + 0.2, "")
    assert (float(second["value"]), second["right"]) == (1e-300, "yes")
    assert "\x1b" not in text
    assert contents.text.splitlines()[0] == "run 1"
    assert "0.30000000000000004" in contents.text
    white, dark = contents.files(("svg",))["scores.svg"], contents.files(("svg",), "dark")["scores-dark.svg"]
    assert white != dark
    assert "0.30000000000000004" in white
