"""Charts of whatever a run may have written: no value ends them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench.plotting import Level, Mark, Series, draw_figure, ema
from workbench.plotting.axis import Axis
from workbench.plotting.decimate import envelope, halve
from workbench.saying import exact, short

SPECIAL = (
    0.0,
    -0.0,
    5e-324,
    1e-310,
    -1e-320,
    1e-300,
    1e300,
    1e305,
    -1e305,
    1.7e308,
    -1.7e308,
    1e15,
    math.nan,
    math.inf,
    -math.inf,
)
numbers = st.one_of(st.sampled_from(SPECIAL), st.floats())
arrays = st.lists(numbers, max_size=40).map(lambda values: np.array(values, dtype=np.float64))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(values=st.lists(arrays, max_size=3), log=st.booleans(), margin=st.sampled_from((0.0, 0.04, 1.0)), clip=st.booleans())
def test_an_axis_fits_any_values(values: list[NDArray[np.float64]], *, log: bool, margin: float, clip: bool) -> None:
    """Ends are finite and in order, ticks lie within and have short labels, shares lead back to finite values."""
    axis = Axis.fit(values, log=log, margin=margin, clip=clip)
    _is_sound(axis)


@settings(max_examples=300, deadline=None)
@given(low=numbers, high=numbers, log=st.booleans(), share=st.floats(-1e6, 1e6))
def test_an_axis_lies_between_any_two_numbers(low: float, high: float, *, log: bool, share: float) -> None:
    """The same of an axis whose ends are given, at shares far outside."""
    axis = Axis.between(low, high, log=log)
    _is_sound(axis)
    assert math.isfinite(axis.value(share))


def _is_sound(axis: Axis) -> None:
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)
    assert axis.low < axis.high
    for count in (0, 1, 2, 6, 50):
        for value, label in axis.ticks(count):
            assert math.isfinite(value)
            assert 0 < len(label) <= 12
    shares = axis.unit(np.array(SPECIAL))
    assert not np.isinf(shares).any()


@settings(max_examples=150, deadline=None)
@given(
    y=arrays,
    level=numbers,
    mark=numbers,
    view=st.tuples(*([st.one_of(st.none(), numbers)] * 4)),
    size=st.tuples(st.integers(0, 60), st.integers(0, 20)),
    flags=st.tuples(*([st.booleans()] * 4)),
)
@example(
    y=np.array([0.0, 5e-324]),
    level=0.0,
    mark=0.0,
    view=(None, None, 0.0, None),
    size=(1, 1),
    flags=(True, False, False, False),
)
def test_a_figure_is_drawn_of_any_values(  # noqa: PLR0913 - a figure's parts
    *,
    y: NDArray[np.float64],
    level: float,
    mark: float,
    view: tuple[float | None, ...],
    size: tuple[int, int],
    flags: tuple[bool, ...],
) -> None:
    """Values, levels, marks, crosshair and view of any kind give exactly the lines that were asked for."""
    line = Series("a", np.arange(len(y), dtype=np.float64), y, marker="o")
    drawing = draw_figure(
        [line],
        *size,
        log_x=flags[0],
        log_y=flags[1],
        clip_outliers=flags[2],
        ascii_only=flags[3],
        view=(view[0], view[1], view[2], view[3]),
        levels=[Level(level, "level")],
        marks=[Mark(mark)],
        crosshair=mark,
    )
    assert drawing.canvas.height == size[1]
    assert len(drawing.text().plain.split("\n")) == max(1, size[1])


@settings(max_examples=100, deadline=None)
@given(y=arrays, weight=st.floats(0, 0.999), number=numbers)
def test_lines_are_smoothed_and_shortened_and_numbers_written(y: NDArray[np.float64], weight: float, number: float) -> None:
    """Smoothing, decimation and labels take any values."""
    x = np.arange(len(y), dtype=np.float64)
    assert len(ema(y, weight)) == len(y)
    assert len(envelope(x, y, np.linspace(0, 40, 5))[0]) <= max(len(y), 12)
    halve(x, y)
    assert short(number)
    assert exact(number)
