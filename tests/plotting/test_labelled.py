"""Signs on lines: lines of many points, alike or one on the other, are told apart without colour."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.plotting import Series, draw_figure
from workbench.plotting.axis import Axis
from workbench.plotting.labelled import label_places
from workbench.plotting.static import static_figure
from workbench.plotting.svg import Figure, figure_svg

X = np.arange(1.0, 1001.0)


def runs(count: int, last: int = 1000) -> list[Series]:
    """Lines that fall alike, all of them or only up to a step."""
    return [Series(f"run {n}", X[:last], np.exp(-X[:last] / 300), "red", label=str(n)) for n in range(1, count + 1)]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("count", [2, 4, 6])
def test_each_line_has_columns_of_its_own(columns: int, count: int) -> None:
    """Also where the lines lie on each other; each sign stands on its line."""
    lines = runs(count)
    x_axis, y_axis = Axis.between(1, 1000), Axis.between(0, 1)
    places = label_places(lines, [(line.x, line.y) for line in lines], x_axis, y_axis, columns)
    assert {index for index, _, _ in places} == set(range(count))
    taken = [int(across * columns) for _, across, _ in places]
    assert len(set(taken)) == len(taken)
    for _, across, up in places:
        assert up == pytest.approx(np.exp(-(1 + 999 * across) / 300), abs=1e-3)


def test_a_line_that_has_only_begun_is_labelled_at_its_end() -> None:
    """Three steps of a thousand are one column."""
    line = Series("young", X[:3], np.ones(3), label="2")
    assert label_places([line], [(line.x, line.y)], Axis.between(0, 1000), Axis.between(0, 2), 80) == [(0, 0.003, 0.5)]


def test_nothing_stands_where_nothing_is_drawn() -> None:
    """Gaps, a line without points, and what lies outside the axes have no sign."""
    lines = [Series("gap", X, np.full(1000, np.nan), label="1"), Series("none", X[:0], X[:0], label="2"), runs(1)[0]]
    axes = Axis.between(1, 1000), Axis.between(2, 3)
    assert label_places(lines, [(line.x, line.y) for line in lines], *axes, 80) == []
    assert label_places([Series("plain", X, X)], [(X, X)], Axis.between(1, 1000), Axis.between(1, 1000), 80) == []


def test_on_a_logarithmic_axis_the_sign_is_on_the_drawn_line() -> None:
    """Between two points that lie far apart the line is straight in what is drawn, and not in its values."""
    x, y = np.array([0.0, 100.0]), np.array([1.0, 1e-4])
    line = Series("two points", x, y, label="1")
    for _, across, up in label_places([line], [(x, y)], Axis.between(0, 100), Axis.between(1e-4, 1, log=True), 40):
        assert up == pytest.approx(1 - across)


@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_signs_are_drawn(ascii_only: bool) -> None:  # noqa: FBT001 - what it is
    """In the live chart and in the one that is drawn once; with ASCII alone the whole line is made of its sign."""
    lines = [Series(f"run {n}", X, np.exp(-X / 300) + n, "red", label=str(n)) for n in (1, 2)]
    for text in (
        draw_figure(lines, 60, 16, ascii_only=ascii_only).text().plain,
        static_figure(lines, 60, 16, ascii_only=ascii_only).plain,
    ):
        body = "".join(line.partition("│")[2] or line.partition("|")[2] for line in text.splitlines())
        counts = [body.count(sign) for sign in "12"]
        assert all(count >= (30 if ascii_only else 2) for count in counts)


def test_a_figure_has_them_too() -> None:
    """On the lines and in the legend; each run keeps its colour where another one is left out, and has dashes of its own."""
    lines = [Series(f"run {n}", X, np.exp(-X / 300) + n, f"run-{n}", label=str(n)) for n in range(1, 7)]
    whole, part = figure_svg(Figure("loss", lines)), figure_svg(Figure("loss", lines[2:]))
    signs = [
        next(line for line in figure.splitlines() if "bold" in line and line.endswith(">3</text>")) for figure in (whole, part)
    ]
    assert len({sign.partition('fill="')[2][:7] for sign in signs}) == 1
    dashes = [line.partition('stroke-dasharray="')[2].partition('"')[0] for line in whole.splitlines() if "<polyline" in line]
    assert len(set(dashes)) == 6
