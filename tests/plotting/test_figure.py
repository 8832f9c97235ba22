"""What a chart in text must always do, whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.cells import cell_len

from workbench.plotting import Level, Mark, Series, draw_figure
from workbench.plotting.axis import Axis
from workbench.plotting.figure import points_outside


def _line(values: object, name: str = "loss", **kwargs: object) -> Series:
    y = np.asarray(values, dtype=np.float64)
    return Series(name, np.arange(len(y), dtype=np.float64), y, **kwargs)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    values=hnp.arrays(np.float64, st.integers(0, 80), elements=st.floats(allow_nan=True, allow_infinity=True)),
    width=st.integers(0, 90),
    height=st.integers(0, 24),
    log=st.tuples(st.booleans(), st.booleans()),
    outliers=st.booleans(),
)
def test_any_data_at_any_size(values: np.ndarray, width: int, height: int, log: tuple[bool, bool], *, outliers: bool) -> None:
    """NaN, infinities, values <= 0 on log axes and panes of no size are drawn without an error, at exactly the size asked for."""
    text = draw_figure(
        [_line(values, marker="●"), _line(-values)],
        width,
        height,
        log_x=log[0],
        log_y=log[1],
        clip_outliers=outliers,
        marks=[Mark(3.0)],
        levels=[Level(1.0, "clip 1.0")],
        crosshair=2.0,
    ).text()
    lines = text.plain.split("\n") if height else []
    assert len(lines) == height
    assert all(cell_len(line) == width for line in lines)


def test_a_rising_line_rises() -> None:
    """The first point of a rising line is at the bottom left and the last one at the top right."""
    rows = draw_figure([_line(np.linspace(0, 1, 50))], 60, 14).text().plain.split("\n")
    braille = [[column for column, char in enumerate(row) if 0x2800 <= ord(char) < 0x2900] for row in rows]
    drawn = [columns for columns in braille if columns]
    assert drawn[0][-1] == 59
    assert drawn[-1][0] < 8
    assert [min(columns) for columns in drawn] == sorted((min(columns) for columns in drawn), reverse=True)


def test_a_spike_survives_decimation() -> None:
    """One outlier among a million values still reaches the top of the chart."""
    values = np.zeros(1_000_000)
    values[123_456] = 1.0
    rows = draw_figure([_line(values)], 80, 20).text().plain.split("\n")
    assert any(0x2800 <= ord(char) < 0x2900 for char in "".join(rows[:2]))


@pytest.mark.parametrize("label", ["損失", "loss 🎉", "a\nb", "\x1b[31mred\x1b[0m", "e\u0301", "\x07bell"])
def test_labels_cannot_break_the_lines(label: str) -> None:
    """Wide characters, emoji, line feeds and terminal codes in a label leave every line at its width."""
    lines = draw_figure([_line([1, 2, 3], label)], 40, 10, levels=[Level(2.0, label)]).text().plain.split("\n")
    assert len(lines) == 10
    assert all(cell_len(line) == 40 for line in lines)


def test_ascii_only() -> None:
    """With ascii_only there is no character outside ASCII, and two lines have different signs."""
    text = (
        draw_figure(
            [_line([1, 2, 3]), _line([3, 2, 1])],
            50,
            12,
            ascii_only=True,
            marks=[Mark(1.0)],
            levels=[Level(2.0, "base")],
            crosshair=1.0,
        )
        .text()
        .plain
    )
    assert text.isascii()
    assert "*" in text
    assert "o" in text


def test_levels_near_the_data_are_shown() -> None:
    """A clip threshold just above the data stretches the axis; one far away does not squeeze the line."""
    near = draw_figure([_line([0.5, 0.8])], 60, 12, levels=[Level(1.0, "clip")])
    far = draw_figure([_line([0.5, 0.8])], 60, 12, levels=[Level(100.0, "clip")])
    assert near.y_axis.high >= 1.0
    assert far.y_axis.high < 1.0


def test_view_cuts_the_line_at_its_sides() -> None:
    """A zoomed view shows its own interval, and the line runs from side to side though no point lies inside."""
    drawing = draw_figure([_line([0.0, 10.0])], 60, 12, view=(0.4, 0.6, None, None))
    assert drawing.x_axis.low == 0.4
    assert drawing.x_axis.high == 0.6
    plain = drawing.text().plain
    assert sum(0x2800 <= ord(char) < 0x2900 for char in plain) > 20


def test_column_and_value_are_inverse() -> None:
    """The value under a column lies in that column."""
    for log in (False, True):
        drawing = draw_figure([_line(np.arange(1, 500))], 60, 12, log_x=log)
        for column in range(drawing.left, 60):
            assert drawing.column_of(drawing.x_at(column)) == column


def test_a_levels_name_covers_no_data() -> None:
    """A baseline's name stands where the line is not, even when the line runs along the level."""
    line = _line(np.sin(np.arange(200) / 14))
    bare = draw_figure([line], 60, 10, levels=[Level(0.0, "")]).text().plain
    named = draw_figure([line], 60, 10, levels=[Level(0.0, "predicting 1")]).text().plain
    assert "predicting 1" in named
    assert sum("⠀" < sign <= "⣿" for sign in named) == sum("⠀" < sign <= "⣿" for sign in bare)


def test_frequent_marks_do_not_pile_up() -> None:
    """Checkpoints at every step leave room between their signs; a change of a setting is always shown."""
    line = _line(np.arange(200))
    marks = [Mark(float(step), "◆", frequent=True) for step in range(200)] + [Mark(100.0), Mark(104.0)]
    text = draw_figure([line], 60, 10, marks=marks).text().plain
    assert "◆◆" not in text
    assert text.count("◆") > 5
    assert text.count("▲") == 2


@pytest.mark.parametrize(("value", "sign", "row"), [(100.0, "↑", 0), (0.0, "↓", -1)])
def test_a_level_out_of_view_is_named_at_the_edge(value: float, sign: str, row: int) -> None:
    """What a claim asks may lie far from what is drawn: its name says on which side, and the axis stays as it is."""
    line = Series("a", np.arange(50.0), np.linspace(1.0, 1.1, 50))
    without, drawing = draw_figure([line], 60, 12), draw_figure([line], 60, 12, levels=[Level(value, "claim")])
    assert drawing.y_axis == without.y_axis
    rows = drawing.text().plain.splitlines()[: drawing.height]
    assert f"{sign} claim" in rows[row]
    assert not any("claim" in line for line in draw_figure([], 60, 12, levels=[Level(value, "claim")]).text().plain.splitlines())


def test_clipped_points_are_counted_at_the_edge() -> None:
    """A sign says how many measured points lie above or below; their average adds none, nor does what x does not show."""
    values = np.linspace(1.0, 2.0, 500)
    values[[100, 200, 300]] = 1e4
    values[400] = -1e4
    lines = [
        Series("raw", np.arange(500.0), values, faint=True),
        Series("average", np.arange(500.0), np.full(500, 1e5), is_average=True),
    ]
    rows = draw_figure(lines[:1], 60, 12, clip_outliers=True).text().plain.splitlines()
    assert "↑" in rows[0]
    drawing = draw_figure(lines, 60, 12, clip_outliers=True)
    above, below = points_outside(lines[:1], drawing.x_axis, Axis(0.0, 3.0))
    assert (above, below) == (3, 1)
    assert points_outside(lines[:1], Axis(150.0, 350.0), Axis(0.0, 3.0)) == (2, 0)
    assert points_outside(lines[:1], Axis(100.0, 300.0), Axis(0.0, 3.0)) == (3, 0), "both ends are shown"
    assert points_outside(lines[:1], Axis(0.0, 499.0), Axis(0.1, 3.0, log=True)) == (3, 0), "a log axis has no place for it"
    assert points_outside(lines[1:], Axis(0.0, 499.0), Axis(0.0, 3.0)) == (0, 0)
    assert not any(sign in line for line in draw_figure(lines[:1], 60, 12).text().plain.splitlines() for sign in "↑↓")
    assert draw_figure(lines[:1], 60, 12, clip_outliers=True, ascii_only=True).text().plain.isascii()
