"""Saved charts are figures for a report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from workbench.plotting.figure import Level, Mark, Series
from workbench.plotting.svg import FIGURE_HEIGHT, FIGURE_THEMES, Figure, figure_svg, stacked_svg

_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(figure: Figure, theme: str = "white") -> ET.Element:
    return ET.fromstring(figure_svg(figure, theme))  # noqa: S314 - our own text


def _words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{_SVG}text")]


@pytest.mark.parametrize("theme", sorted(FIGURE_THEMES))
def test_a_figure_has_vector_lines_titled_axes_a_legend_and_the_runs_name(theme: str) -> None:
    """Every line is a polyline over its data; title, run, axes and legend stand in words."""
    x = np.arange(1.0, 200)
    lines = [
        Series("train", x, np.exp(-x / 50), "train"),
        Series("validation", x[::20], np.exp(-x[::20] / 50), "validation", "●"),
    ]
    figure = Figure("loss", lines, "my run", x_name="epoch", log_y=True, levels=[Level(0.1, "baseline")], marks=[Mark(50)])
    root = _drawn(figure, theme)
    curves = root.findall(f"{_SVG}polyline")
    assert [len((curve.get("points") or "").split()) for curve in curves] == [199, 10]
    assert {"loss", "my run", "epoch", "loss (log)", "train", "validation", "baseline"} <= set(_words(root))
    ground = root.find(f"{_SVG}rect")
    assert ground is not None
    assert ground.get("fill") == FIGURE_THEMES[theme].paper


def test_values_without_a_place_are_gaps() -> None:
    """NaN parts a line; nothing on a logarithmic axis stands for what is not above zero."""
    y = np.array([1.0, 2.0, np.nan, 3.0, 4.0, 0.0, 5.0, np.inf])
    root = _drawn(Figure("loss", [Series("a", np.arange(8.0), y)], log_y=True))
    assert len(root.findall(f"{_SVG}polyline")) == 2
    assert len(root.findall(f"{_SVG}circle")) == 1


def test_any_data_and_any_words_give_well_formed_figures() -> None:
    """No data at all, extremes, markup and control signs in names."""
    for values in ([], [np.nan], [1e308, -1e308], [5.0, 5.0]):
        lines = [Series("<b>&\x1b[31m\x00" * 9, np.arange(float(len(values))), np.array(values, float)) for _ in range(4)]
        root = _drawn(Figure('a "title" <&>\x00', lines, "\x1b]0;x\x07 run & co"))
        assert 'a "title" <&>' in _words(root)


def test_long_lines_keep_their_extremes_in_few_points() -> None:
    """A million points become at most two a pixel, the highest among them."""
    y = np.zeros(1_000_000)
    y[123_456] = 7.0
    root = _drawn(Figure("loss", [Series("a", np.arange(1e6), y)]))
    points = [point.split(",") for point in (root.findall(f"{_SVG}polyline")[0].get("points") or "").split()]
    assert len(points) < 4000
    heights = [float(point[1]) for point in points]
    assert min(heights) < 150 < max(heights)


def test_points_out_of_a_clipped_figure_are_counted() -> None:
    """A figure that leaves out extremes says how many there are, above and below; one that shows all says nothing."""
    y = np.linspace(1.0, 2.0, 500)
    y[[100, 200]], y[400] = 1e4, -1e4
    line = Series("a", np.arange(500.0), y)
    words = _words(_drawn(Figure("loss", [line], clip_outliers=True)))
    assert any(word.startswith("↑") and word.endswith("points") for word in words)
    assert any(word.startswith("↓") for word in words)
    assert not any(word.startswith(("↑", "↓")) for word in _words(_drawn(Figure("loss", [line]))))


def test_a_hollow_marker_is_a_ring() -> None:
    """Two lines of the same role, measured with other weights, are told apart by their points."""
    point = np.array([1.0])
    lines = [Series("test", point, point, "other", "■"), Series("test (best)", point, point, "other", "□")]
    fills = [circle.get("fill") for circle in _drawn(Figure("mse", lines)).iter(f"{_SVG}circle")]
    assert fills.count("none") == len(fills) / 2 == 2


def test_figures_stand_below_each_other() -> None:
    """Several are one document of their height, one alone is as it is."""
    one = figure_svg(Figure("loss", [Series("a", np.arange(5.0), np.arange(5.0))]))
    assert stacked_svg([(FIGURE_HEIGHT, one)]) == one
    root = ET.fromstring(stacked_svg([(FIGURE_HEIGHT, one)] * 3))  # noqa: S314 - our own text
    assert root.get("height") == str(3 * FIGURE_HEIGHT)
    assert [part.get("y") for part in root.findall(f"{_SVG}svg")] == ["0", str(FIGURE_HEIGHT), str(2 * FIGURE_HEIGHT)]
