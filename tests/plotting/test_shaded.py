"""Lines with a range: the shade between its ends, as text and as SVG."""

from __future__ import annotations

import re

import numpy as np
import pytest

from workbench.plotting.axis import Axis
from workbench.plotting.band import band_series
from workbench.plotting.figure import Series, area_between, draw_figure
from workbench.plotting.race import MEDIAN, TRACE
from workbench.plotting.saving import table
from workbench.plotting.svg import Figure, figure_svg

UNIT = Axis.between(0.0, 1.0)


def ranged(low: list[float], high: list[float]) -> Series:
    """A line at the unit's steps with its range."""
    x = np.linspace(0, 1, len(low))
    return Series("m", x, (np.array(low) + high) / 2, low=np.array(low), high=np.array(high))


def shaded(line: Series, width: int = 40, height: int = 10, **more: object) -> list[str]:
    """The drawing's rows, cells of the line taken as blanks."""
    drawn = draw_figure([line], width, height, view=(0.0, 1.0, 0.0, 1.0), **more).text().plain  # type: ignore[arg-type]  # passed on
    return [re.sub("[^░:│┤|+]", " ", row) for row in drawn.split("\n")]


def test_cells_between_the_ends_are_shaded_and_no_others() -> None:
    """A band over the middle half of the height: of eight rows two to five; the median's own cells lie over it."""
    rows = shaded(ranged([0.25, 0.25], [0.75, 0.75]))
    assert [row.count("░") for row in rows[:2]] == [0, 0]
    assert [row.count("░") for row in rows[6:]] == [0, 0, 0, 0]
    width = len(rows[0].partition("│")[2]) or 39
    assert sum(row.count("░") for row in rows[2:6]) >= 2.5 * width


def test_a_band_ends_where_its_runs_end() -> None:
    """Nothing is shaded before its first and past its last step."""
    line = ranged([0.1, 0.1], [0.9, 0.9])
    half = Series("m", line.x / 2, line.y, low=line.low, high=line.high)
    right = [row[25:] for row in shaded(half)]
    assert not any("░" in row for row in right)
    assert any("░" in row[:20] for row in shaded(half))


def test_in_ascii_there_is_another_shade() -> None:
    """And no sign outside ASCII."""
    drawn = draw_figure([ranged([0.1, 0.1], [0.9, 0.9])], 40, 10, ascii_only=True).text().plain
    assert drawn.isascii()
    assert ":" in drawn


def test_a_long_band_keeps_its_outermost_ends() -> None:
    """A peak of one step among ten thousand stays in the outline."""
    low, high = np.full(10_000, 0.4), np.full(10_000, 0.5)
    high[5_003], low[7_777] = 0.9, 0.1
    line = Series("m", np.linspace(0, 1, 10_000), high, low=low, high=high)
    at, lows, highs = area_between(line, UNIT, UNIT, 50)
    assert len(at) <= 53
    assert (lows.min(), highs.max()) == (pytest.approx(0.1), pytest.approx(0.9))


def test_what_has_no_place_on_a_logarithmic_axis_lies_below() -> None:
    """A range that reaches down to zero is shaded down to the edge."""
    line = Series("m", np.array([0.0, 1.0]), np.ones(2), low=np.zeros(2), high=np.full(2, 10.0))
    _, lows, highs = area_between(line, UNIT, Axis.between(0.1, 100.0, log=True), 10)
    assert lows.tolist() == [0, 0]
    assert highs.tolist() == pytest.approx([2 / 3, 2 / 3])


def test_the_ends_of_a_band_stretch_the_axis() -> None:
    """Also where no run's own line is drawn behind it."""
    drawing = draw_figure([ranged([-5.0, -5.0], [7.0, 7.0])], 40, 10)
    assert drawing.y_axis.low <= -5
    assert drawing.y_axis.high >= 7


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 40), (40, 3), (200, 60)])
@pytest.mark.parametrize("values", [[], [np.nan], [np.inf, 1.0], [1e308, -1e308], [0.0, 0.0]])
def test_any_values_at_any_size_are_drawn(values: list[float], size: tuple[int, int]) -> None:
    """Or left out; nothing fails."""
    ends = np.array(values, dtype=float)
    line = Series("m", np.arange(len(ends), dtype=float), ends, low=ends, high=ends)
    for log_y in (False, True):
        assert draw_figure([line], *size, log_y=log_y).canvas.height == size[1]
        assert figure_svg(Figure("t", [line], log_y=log_y)).startswith("<svg")


def test_a_figure_has_the_shade_as_a_polygon_behind_the_lines() -> None:
    """With the corners where the ends are, and one name in the legend."""
    x = np.array([0.0, 10.0])
    lines = [Series(f"seed {n}", x, np.array([n, n + 1.0])) for n in (1.0, 2.0, 3.0)]
    series, _ = band_series(lines, named=False)
    svg = figure_svg(Figure("loss", series))
    assert svg.count("<polygon") == 1
    assert svg.index("<polygon") < svg.index("<polyline")
    points = re.search(r'<polygon [^>]*points="([^"]*)"', svg)
    assert points is not None
    corners = [tuple(map(float, pair.split(","))) for pair in points[1].split()]
    assert len(corners) == 4
    heights = [down for _, down in corners]  # of the values 3, 4, 2 and 1, from the upper left corner on
    unit = heights[3] - heights[2]
    assert [(heights[3] - height) / unit for height in heights] == pytest.approx([2, 3, 1, 0], abs=0.01)
    assert [across for across, _ in corners] == [corners[0][0], corners[1][0], corners[1][0], corners[0][0]]
    assert svg.count(">seed ") == 0
    assert ">median of 3 runs<" in svg


def test_band_series_are_the_runs_and_their_median() -> None:
    """The runs thin behind, by name where wanted; the data have the ends too."""
    x = np.array([1.0, 2.0])
    series, band = band_series([Series(name, x, np.array([value, value])) for name, value in (("a", 1.0), ("b", 3.0))])
    assert [(line.name, line.colour, line.faint) for line in series] == [
        ("a", TRACE, True),
        ("b", TRACE, True),
        ("median of 2 runs", MEDIAN, False),
    ]
    assert band.words == "median and range of 2 runs"
    rows = [row.split(",") for row in table(series).splitlines()]
    assert ["median of 2 runs", "1", "2"] in rows
    assert ["median of 2 runs (min)", "1", "1"] in rows
    assert ["median of 2 runs (max)", "2", "3"] in rows
