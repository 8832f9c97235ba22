"""The state of a chart by itself: window, crosshair, smoothing, axes and hidden lines, without a terminal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.test_imports import modules_after
from workbench.plotting.clock import Clock
from workbench.tui.charts.data import ChartData, ChartLine
from workbench.tui.charts.options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.charts.paint import draw_legend, legend_height
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


def race_of(*ends: int, per_second: tuple[float, ...] = ()) -> ChartData:
    """Runs of so many steps, each with train and validation values; the first one is in front. 2 steps a second unless told."""
    paces = per_second or (2.0,) * len(ends)
    clocks = [Clock(STEPS[:end], STEPS[:end] / pace) for end, pace in zip(ends, paces, strict=True)]
    lines = [
        ChartLine(
            f"run {number}",
            f"run-{number}",
            steps,
            LINE[steps - 1] * number,
            smooth=True,
            label=str(number),
            group=group,
            clock=clock,
        )
        for group, every in (("train", 1), ("validation", 20))
        for number, (end, clock) in enumerate(zip(ends, clocks, strict=True), 1)
        if len(steps := STEPS[every - 1 : end : every])
    ]
    return ChartData(tuple(lines), clock=clocks[0])


def test_of_several_runs_one_split_is_drawn_at_a_time(view: ChartView) -> None:
    """The first that there is, then the next one; the border says which, and no raw line stands behind a picture of many."""
    view.show(race_of(100, 60))
    assert (view.group, [line.name for line in view.lines]) == ("train", ["run 1", "run 2"])
    assert [(line.name, line.label) for line in view.series(raw=False)] == [("run 1", "1"), ("run 2", "2")]
    assert [line.name for line in view.series()] == ["run 1 (raw)", "run 1", "run 2 (raw)", "run 2"]
    assert view.words()[0] == "train"
    view.next_series()
    assert (view.group, view.words()[0]) == ("validation", "validation")
    assert [len(line.x) for line in view.series(raw=False)] == [5, 3]
    view.next_series()
    assert view.group == "train"


def test_the_axis_goes_as_far_as_the_longest_run(view: ChartView) -> None:
    """In steps and in seconds, each run counted by its own clock."""
    view.show(race_of(50, 100, per_second=(1.0, 10.0)))
    assert view.drawing.x_axis.high == 100
    view.set_options(ChartOptions(axis=XAxis.SECONDS))
    assert view.drawing.x_axis.high == 50


def test_the_crosshair_reads_each_run_at_the_same_place(view: ChartView) -> None:
    """At the same step, or second; a run that has not been there, or had ended, has no value."""
    view.show(race_of(100, 60, per_second=(2.0, 4.0)))
    first, second = view.lines
    view.crosshair = 40
    assert [at and at[0] for at in map(view.value, (first, second))] == [40, 40]
    view.set_options(ChartOptions(axis=XAxis.SECONDS))
    assert [at and at[0] for at in map(view.value, (first, second))] == [40, None]  # after 20 s the other one had done 80
    view.crosshair = 20
    assert [at and at[0] for at in map(view.value, (first, second))] == [20, 40]
    assert view.words()[1] == "seconds 10"
    view.clear_crosshair()
    assert [at and at[0] for at in map(view.value, (first, second))] == [100, 60]


@pytest.mark.parametrize("axis", [XAxis.STEP, XAxis.SECONDS])
def test_one_points_past_the_end_of_the_run_in_front(view: ChartView, axis: XAxis) -> None:
    """Beside a longer run there is something to read off there; the clock goes on at its mean pace."""
    view.show(race_of(25, 100))
    view.set_options(ChartOptions(axis=axis))
    view.point_at(view.drawing.left + view.drawing.width * 3 // 4)
    assert view.crosshair == pytest.approx(75, abs=2)
    assert [at and at[0] for at in map(view.value, view.lines)] == [None, pytest.approx(75, abs=2)]


def test_x_is_counted_in_what_every_run_has(view: ChartView) -> None:
    """Epochs are none where one of the runs makes its data without end."""
    front = Clock(STEPS, STEPS / 2, steps_per_epoch=25.0, samples=(STEPS * 32).astype(np.float64))
    other = Clock(STEPS, STEPS / 2)
    alike = ChartLine("a", "run-1", STEPS, LINE, label="1", group="train", clock=front)
    view.show(ChartData((alike, ChartLine("b", "run-2", STEPS, LINE, label="2", group="train", clock=other)), clock=front))
    assert view.data.axes() == (XAxis.STEP, XAxis.SECONDS)
    view.show(ChartData((alike,), clock=front))
    assert view.data.axes() == tuple(XAxis)


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize(
    ("width", "height", "count"), [(78, 10, 6), (40, 16, 6), (40, 16, 2), (118, 16, 4), (78, 8, 6), (20, 8, 6)]
)
def test_the_legend_of_several_runs_has_room_for_all(
    view: ChartView,
    width: int,
    height: int,
    count: int,
    ascii_only: bool,  # noqa: FBT001 - what it is
) -> None:
    """Sign, name and value of each, in columns that do not move; the fewest rows with room for names, and none is empty."""
    view.ascii_only = ascii_only
    view.show(race_of(*(100 - 10 * n for n in range(count))))
    rows = legend_height(view, width, max(1, height // 5))
    canvas, places = draw_legend(view, width, rows)
    lines = canvas.text().plain.split("\n")
    assert (len(lines), canvas.width) == (rows, width)
    assert all(line.strip() for line in lines)
    assert [name for *_, name in places] == [f"run {n}" for n in range(1, count + 1)]
    for number, (row, start, stop, name) in enumerate(places, 1):
        assert lines[row][start] == str(number)
        assert name[:3] in lines[row][start:stop] or height == 8  # of two rows one is not the legend's
        assert any(character.isdigit() for character in lines[row][start + 2 : stop]) or width == 20
    view.crosshair = 95
    again, moved = draw_legend(view, width, rows)
    assert moved == places
    assert again.text().plain.count("-") == count - 1 or width == 20


def group_of(*ends: float) -> ChartData:
    """Straight lines of several seeds from 1 down to these values over 100 steps, each evaluated every 20."""
    lines = [
        ChartLine(f"seed {n}", f"run-{n}", STEPS[19::20], np.linspace(1, end, 5), label=str(n), group="validation")
        for n, end in enumerate(ends)
    ]
    return ChartData(tuple(lines), clock=Clock(STEPS, STEPS / 2, 25.0), is_group=True)


def test_a_group_is_a_band_with_the_median_as_line() -> None:
    """Each run thin behind; the legend has median, least and greatest value, at the crosshair too."""
    view = ChartView(ChartOptions(log_y=False), (80, 20))
    view.show(group_of(0.1, 0.5, 0.3))
    *behind, median = view.series()
    assert [(line.name, line.faint, line.colour) for line in behind] == [(f"seed {n}", True, "trace") for n in range(3)]
    assert (median.name, median.y[-1]) == ("median of 3 runs", pytest.approx(0.3))
    assert median.low is not None
    assert median.high is not None
    assert (median.low[-1], median.high[-1]) == (pytest.approx(0.1), pytest.approx(0.5))
    legend = draw_legend(view, 80)[0].text().plain.split()
    assert legend == ["━", "median", "0.3", "░", "min", "0.1", "░", "max", "0.5"]
    view.crosshair = 45.0
    assert draw_legend(view, 80)[0].text().plain.split()[2] == "0.825"  # at step 40: 1 - 0.7 / 4
    assert legend_height(view, 80, 5) == 1
    view.toggle("min")
    assert view.series(view.hidden)[-1].low is None
    view.toggle("min")
    view.toggle("median")
    hidden = view.series(view.hidden)[-1]
    assert np.isnan(hidden.y).all()
    assert hidden.low is not None


def test_each_run_of_a_group_can_be_drawn_by_its_number() -> None:
    """As other runs are; and again as a band."""
    view = ChartView(ChartOptions(log_y=False), (80, 20))
    view.show(group_of(0.1, 0.5, 0.3))
    view.turn_band()
    assert [line.label for line in view.series()] == ["0", "1", "2"]
    assert [line.name for line in view.lines] == ["seed 0", "seed 1", "seed 2"]
    view.turn_band()
    assert view.series()[-1].name == "median of 3 runs"


def test_a_band_says_where_runs_are_missing() -> None:
    """One run stopped early: the band goes on over the others, and of how many it is at least is said."""
    data = group_of(0.1, 0.5, 0.3)
    short = replace(data.lines[1], steps=data.lines[1].steps[:2], values=data.lines[1].values[:2])
    view = ChartView(ChartOptions(log_y=False), (80, 20))
    view.show(replace(data, lines=(data.lines[0], short, data.lines[2])))
    assert "2-3 runs" in view.words()
    median = view.series()[-1]
    assert median.x[-1] == 100
    assert median.y[-1] == pytest.approx(0.2)  # of 0.1 and 0.3
    view.show(data)
    assert "3 runs" in view.words()


def test_a_band_is_worked_out_once_while_nothing_is_added() -> None:
    """The same arrays give the same object; a line that has grown another one."""
    view = ChartView(ChartOptions(), (80, 20))
    data = group_of(0.1, 0.5)
    view.show(data)
    band = view.band
    view.show(replace(data, marks=()))
    assert view.band is band
    grown = replace(data.lines[0], values=data.lines[0].values.copy())
    view.show(replace(data, lines=(grown, data.lines[1])))
    assert view.band is not band


def test_a_band_of_smoothed_lines_is_smoothed() -> None:
    """What is drawn is the band of the lines as they are drawn; in seconds all are counted by the run in front."""
    rng = np.random.default_rng(0)
    lines = tuple(
        ChartLine(f"seed {n}", f"run-{n}", STEPS, rng.random(100), smooth=True, label=str(n), group="train") for n in range(4)
    )
    view = ChartView(ChartOptions(log_y=False, smoothing=0.9, axis=XAxis.SECONDS), (80, 20))
    view.show(ChartData(lines, clock=Clock(STEPS, STEPS / 2, 25.0), is_group=True))
    smoothed = view.series()[-1]
    assert (smoothed.x[0], smoothed.x[-1]) == (0.5, 50)
    view.set_options(replace(view.options, smoothing=0.0))
    raw = view.series()[-1]
    assert np.diff(smoothed.y).std() < np.diff(raw.y).std() / 3
    assert raw.y.tolist() == pytest.approx(np.median([line.values for line in lines], axis=0).tolist())
