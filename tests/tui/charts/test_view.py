"""The state of a chart by itself: window, crosshair, smoothing, axes and hidden lines, without a terminal."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.test_imports import modules_after
from workbench.tui.charts.data import ChartData, ChartLine, Clock
from workbench.tui.charts.options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.charts.view import ChartView
from workbench.tui.charts.window import ALL

STEPS = np.arange(1, 101)
LINE = np.linspace(1.0, 0.01, 100)


def data_of(last: int = 100, values: NDArray[np.float64] = LINE) -> ChartData:
    """A smoothed line, one of few points, and a clock of two steps a second and 25 an epoch."""
    lines = (
        ChartLine("train", "train", STEPS[:last], values[:last], smooth=True),
        ChartLine("validation", "validation", STEPS[19:last:20], values[19:last:20], "●"),
    )
    return ChartData(lines, clock=Clock(STEPS[:last], STEPS[:last] / 2, steps_per_epoch=25.0))


@pytest.fixture
def view() -> ChartView:
    """A view of 100 steps."""
    fresh = ChartView(ChartOptions(), (80, 20))
    fresh.show(data_of())
    return fresh


def test_it_knows_nothing_of_textual() -> None:
    """Importing it brings no widget along."""
    assert "textual" not in modules_after("import workbench.tui.charts.view")


def test_the_crosshair_goes_by_columns(view: ChartView) -> None:
    """It starts at the newest step, goes left and right by columns, stops at the ends, and can be taken away."""
    view.move_crosshair(-1)
    assert view.crosshair == pytest.approx(100, abs=2)
    view.move_crosshair(-10)
    assert view.crosshair is not None
    assert view.crosshair == pytest.approx(100 - 10 * 100 / view.drawing.width, abs=2)
    assert view.words()[0] == f"step {round(view.crosshair)}"
    view.move_crosshair(-1000)
    assert view.crosshair == pytest.approx(0, abs=2)
    view.clear_crosshair()
    assert view.crosshair is None


def test_zooming_keeps_the_place_it_is_asked_for(view: ChartView) -> None:
    """By default the end, with a crosshair its step; zoomed out again everything is shown."""
    view.zoom(0.5)
    assert (view.drawing.x_axis.low, view.drawing.x_axis.high) == (50, 100)
    view.zoom(4)
    assert view.window is ALL
    view.point_at(view.drawing.left + view.drawing.width // 4)
    at = view.crosshair
    assert at is not None
    view.zoom(0.5)
    assert view.drawing.x_axis.low < at < view.drawing.x_axis.high
    assert (at - view.drawing.x_axis.low) / 50 == pytest.approx(at / 100, abs=0.01)
    assert view.words()[-1] == "zoomed"


def test_panning_and_dragging_keep_the_width(view: ChartView) -> None:
    """A quarter of the window by a key, as far as the pointer went by the mouse, and never past the data."""
    view.zoom(0.25, 0.5)
    start = view.window
    assert (start.low, start.high) == (37.5, 62.5)
    view.pan(1)
    assert (view.window.low, view.window.high) == (43.75, 68.75)
    view.drag(start, 0.5)
    assert (view.window.low, view.window.high) == (50, 75)
    for _ in range(20):
        view.pan(-1)
    assert (view.window.low, view.window.high) == (0, 25)


def test_following_keeps_the_newest_step_in_view(view: ChartView) -> None:
    """A fifth of the steps, moving on with the data; a second time shows all."""
    view.show(data_of(50))
    view.follow()
    assert view.drawing.x_axis.high == 50
    view.show(data_of())
    assert (view.drawing.x_axis.low, view.drawing.x_axis.high) == (90, 100)
    assert view.words()[-1] == "following"
    view.follow()
    assert view.window is ALL


def test_all_steps_of_the_run_are_on_the_axis(view: ChartView) -> None:
    """A metric that was measured from step 20 on stands over the same steps as the loss beside it."""
    view.show(ChartData(view.data.lines[1:], clock=view.data.clock))
    assert (view.drawing.x_axis.low, view.drawing.x_axis.high) == (0, 100)


def test_another_unit_of_x_shows_all(view: ChartView) -> None:
    """Steps, epochs, seconds: the window's ends are counted in the old unit, the crosshair's step is the same one."""
    view.crosshair = 50.0
    seen = []
    for _ in range(3):
        view.zoom(0.5)
        view.next_axis()
        assert view.window is ALL
        seen.append((view.options.axis, view.x_of(50.0), view.drawing.x_axis.high))
    assert seen == [(XAxis.EPOCH, 2.0, 4.0), (XAxis.SECONDS, 25.0, 50.0), (XAxis.STEP, 50.0, 100.0)]
    assert view.crosshair == 50.0
    view.next_axis()
    view.show(ChartData())
    assert view.options.axis is XAxis.STEP, "data without epochs are shown by step"


def test_logarithmic_axes_and_outliers(view: ChartView) -> None:
    """Each is turned on and off, and the axes are drawn so."""
    view.turn_log_x()
    assert (view.drawing.x_axis.log, view.drawing.y_axis.log) == (True, True)
    view.turn_log_y()
    view.turn_log_x()
    assert (view.drawing.x_axis.log, view.drawing.y_axis.log) == (False, False)
    before = view.drawing.y_axis.high
    view.turn_outliers()
    assert view.drawing.y_axis.high < before


def test_a_line_is_smoothed_once(view: ChartView) -> None:
    """The average is computed anew for another weight or other values only, and has its raw line behind it."""
    raw, train, validation = view.series()
    assert (raw.name, raw.faint, train.name, validation.name) == ("train (raw)", True, "train", "validation")
    view.show(data_of())
    again = view.series()[1].y
    view.show(ChartData((ChartLine("train", "train", STEPS, view.data.lines[0].values, smooth=True),)))
    assert view.series()[1].y is again
    view.smooth(1)
    assert view.options.smoothing == SMOOTHING[SMOOTHING.index(0.8) + 1]
    assert view.series()[1].y is not again
    for _ in SMOOTHING:
        view.smooth(-1)
    assert [line.name for line in view.series()] == ["train"]


def test_smoothing_is_turned_off_and_on(view: ChartView) -> None:
    """Off, the line itself is drawn and the border says so; on again it is as smooth as it was."""
    view.smooth(1)
    weight = view.options.smoothing
    view.turn_smoothing()
    assert [line.name for line in view.series()] == ["train", "validation"]
    assert "raw" in view.words()
    view.turn_smoothing()
    assert view.options.smoothing == weight
    assert f"smooth {weight:g}" in view.words()


def test_x_is_counted_in_samples(view: ChartView) -> None:
    """Where the run tells its samples; the border and the figure name the unit, and the crosshair is at the same step."""
    clock = Clock(STEPS, STEPS / 2, None, (STEPS * 32).astype(np.float64))
    view.show(ChartData(view.data.lines, clock=clock))
    view.crosshair = 50.0
    seen = []
    for _ in range(3):
        view.next_axis()
        seen.append(view.options.axis)
    assert seen == [XAxis.SECONDS, XAxis.SAMPLES, XAxis.STEP]
    view.set_options(ChartOptions(axis=XAxis.SAMPLES))
    assert view.drawing.x_axis.high == 3200
    assert "x in samples" in view.words()
    assert view.figure("loss", "").x_name == "samples"
    assert clock.step_at(XAxis.SAMPLES, view.x_of(50.0)) == 50.0


def test_lines_are_hidden_and_shown(view: ChartView) -> None:
    """One after the other alone, then all again; each by itself too, and a hidden one is still among all points."""
    seen = []
    for _ in range(3):
        view.next_series()
        seen.append(view.hidden)
    assert seen == [{"validation"}, {"train"}, set()]
    view.toggle("train")
    assert {line.name for line in view.figure("loss", "").series} == {"validation"}
    assert {line.name for line in view.series()} == {"train (raw)", "train", "validation"}


def test_the_drawing_is_kept_while_nothing_changes(view: ChartView) -> None:
    """Data, size, alphabet and options make another drawing; the crosshair, which lies over it, does not."""
    drawing = view.drawing
    view.crosshair = 20.0
    assert view.drawing is drawing
    view.show(data_of())
    assert view.drawing is not drawing
    view.size, view.ascii_only = (40, 10), True
    assert view.drawing.text().plain.isascii()
    assert (view.drawing.canvas.width, view.drawing.canvas.height) == (40, 10)


def test_without_data_nothing_happens() -> None:
    """Keys do an empty chart no harm, and a chart that begins anew has forgotten where one was."""
    view = ChartView(ChartOptions(), (80, 20))
    for change in (view.follow, view.show_all, view.next_axis, view.next_series, view.turn_log_x):
        change()
    view.move_crosshair(-1)
    view.zoom(0.5)
    view.pan(1)
    assert (view.crosshair, view.window) == (None, ALL)
    view.show(data_of())
    view.zoom(0.5)
    view.move_crosshair(-1)
    view.clear()
    assert (view.crosshair, view.window, view.data.empty) == (None, ALL, True)
