"""The chart widget: every key, the mouse, any data and any size."""

from __future__ import annotations

import numpy as np
import pytest
from textual.geometry import Size

from tests.tui.harness import Harness
from workbench.plotting.axis import Axis
from workbench.plotting.clock import Clock
from workbench.tui.bindings import TABLE
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.data import ChartData, ChartLine, StepMark, nearest_value
from workbench.tui.charts.options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.charts.paint import draw_legend
from workbench.tui.charts.view import ChartView
from workbench.tui.charts.window import ALL, Window
from workbench.tui.requests import KeepContents


def _data(values: np.ndarray | None = None) -> ChartData:
    steps = np.arange(1, 101)
    y = np.linspace(1.0, 0.01, 100) if values is None else values
    return ChartData(
        lines=(
            ChartLine("train", "train", steps, y, smooth=True),
            ChartLine("validation", "validation", steps[19::20], y[19::20], "●"),
        ),
        marks=(StepMark(50, "checkpoint", "saved"), StepMark(60, "changed", "optimizer.lr = 0.1")),
        levels=((0.5, "baseline"),),
        clock=Clock(steps, steps.astype(np.float64) * 0.5, steps_per_epoch=25.0),
    )


def _chart() -> Chart:
    chart = Chart("loss", ChartOptions())
    chart.show_data(_data())
    return chart


def _plain(chart: Chart) -> list[str]:
    return [chart.render_line(row).text for row in range(chart.content_size.height)]


async def test_legend_shows_newest_values_then_those_at_the_crosshair() -> None:
    """Without a crosshair the legend shows the newest values; with one, those at its step, exactly."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        assert "train 0.01" in _plain(chart)[0]
        chart.focus()
        await pilot.press("left", "left", "left")
        assert chart.view.crosshair is not None
        line = chart.view.data.lines[0]
        at = nearest_value(line, chart.view.crosshair)
        assert at is not None
        assert f"train {at[1]:.4g}" in _plain(chart)[0]
        assert "step" in str(chart.border_subtitle)
        await pilot.press("escape")
        assert chart.view.crosshair is None


@pytest.mark.parametrize("width", [40, 34, 26, 24])
def test_the_legend_names_every_line_where_it_can(width: int) -> None:
    """Values become shorter, and go, before a name does."""
    steps = np.arange(3)
    lines = [
        ChartLine("train", "train", steps, np.full(3, 6.581e-5)),
        ChartLine("validation", "validation", steps, np.full(3, 7.123e-5)),
    ]
    view = ChartView(ChartOptions())
    view.show(ChartData(tuple(lines)))
    text = draw_legend(view, width)[0].text().plain
    assert "train" in text
    assert "validation" in text


async def test_every_key_of_the_chart_does_something() -> None:
    """Each key in the table changes what the chart shows, or says something."""
    chart = _chart()
    app = Harness(chart)
    async with app.run_test(size=(100, 24)) as pilot:
        chart.focus()
        await pilot.press("left")
        await pilot.press("plus")
        for key in TABLE:
            if key.group != "chart" or key.id == "chart.metric":
                continue
            changed = False
            for word in key.keys.split(","):
                await pilot.press("plus", "left")  # something to pan in and to clear
                before = (chart.view.options, chart.view.window, chart.view.crosshair, chart.view.hidden)
                await pilot.press(word)
                changed |= (chart.view.options, chart.view.window, chart.view.crosshair, chart.view.hidden) != before
            assert changed, key.id


async def test_axes_in_epochs_and_seconds() -> None:
    """X goes from steps to epochs to seconds and back, and the crosshair stays at its step."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        chart.focus()
        chart.set_crosshair(50.0)
        seen = []
        for _ in range(3):
            await pilot.press("a")
            seen.append(chart.view.options.axis)
            drawing = chart._fitted().drawing
            column = drawing.column_of(chart.view.x_of(50.0))
            assert column is not None
            assert chart.view.data.clock.step_at(chart.view.options.axis, drawing.x_at(column)) == pytest.approx(50, abs=2)
        assert seen == [XAxis.EPOCH, XAxis.SECONDS, XAxis.STEP]


async def test_smoothing_goes_to_its_ends() -> None:
    """`]` ends at the strongest smoothing, `[` at none, with the raw line behind only while there is smoothing."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        chart.focus()
        await pilot.press(*["right_curly_bracket"] * 12)
        assert chart.view.options.smoothing == SMOOTHING[-1]
        assert [line.name for line in chart.view.series()] == ["train (raw)", "train", "validation"]
        await pilot.press(*["left_curly_bracket"] * 12)
        assert chart.view.options.smoothing == 0
        assert [line.name for line in chart.view.series()] == ["train", "validation"]


async def test_zoom_follow_and_reset() -> None:
    """Zooming shows fewer steps, following keeps the newest in view while data grow, reset shows all."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        chart.focus()
        await pilot.press("F")
        assert chart.view.window.follows
        steps = np.arange(1, 201)
        chart.show_data(ChartData((ChartLine("train", "train", steps, 1.0 / steps),)))
        assert chart._fitted().drawing.x_axis.high == 200
        assert chart._fitted().drawing.x_axis.low > 100
        await pilot.press("0")
        assert chart.view.window is ALL
        assert chart._fitted().drawing.x_axis.low == 0


async def test_mouse_zooms_pans_points_and_toggles() -> None:
    """The wheel zooms at the pointer, dragging pans, hovering points, the legend toggles, a double click shows all."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        await pilot.hover(chart, offset=(40, 10))
        assert chart.view.crosshair is not None
        chart.action_view("zoom", 0.25, 0.5)
        low = chart.view.window.low
        await pilot.mouse_down(chart, offset=(40, 10))
        await pilot.hover(chart, offset=(60, 10))
        await pilot.mouse_up(chart, offset=(60, 10))
        assert low is not None
        assert chart.view.window.low is not None
        assert chart.view.window.low < low
        await pilot.click(chart, offset=(4, 0))
        assert chart.view.hidden == {"train"}
        assert "hidden" in _plain(chart)[0]
        await pilot.click(chart, offset=(40, 10), times=2)
        assert chart.view.window is ALL


async def test_another_metric_is_asked_for() -> None:
    """`v` asks for a metric; a chart that is turned to it has its title and no lines of the last one."""
    chart = _chart()
    app = Harness(chart)
    async with app.run_test(size=(80, 20)) as pilot:
        chart.focus()
        await pilot.press("v")
        assert app.last(Chart.MetricWanted).chart is chart
        chart.view.toggle("train")
        chart.turn_to("grad_norm", ChartOptions(log_y=False))
        assert (chart.title, chart.stem, str(chart.border_title)) == ("gradient norm", "gradient-norm", "gradient norm")
        assert chart.view.data.empty
        assert not chart.view.hidden
        assert not chart.view.options.log_y


async def test_a_value_measured_once_gives_way_in_a_narrow_legend() -> None:
    """Where there is no room for all, training and validation keep name and value, and the test's one point goes."""
    steps = np.arange(3)
    lines = [
        ChartLine("train", "train", steps, np.full(3, 0.5)),
        ChartLine("validation", "validation", steps, np.full(3, 0.25), "●"),
        ChartLine("test", "other", steps[-1:], np.full(1, 0.125), "■"),
    ]
    view = ChartView(ChartOptions())
    view.show(ChartData(tuple(lines)))
    assert "■ test 0.125" in draw_legend(view, 80)[0].text().plain
    assert draw_legend(view, 34)[0].text().plain.split() == ["━", "train", "0.5", "●", "validation", "0.25"]


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (100, "step 50 · log x · log y · clipped · smooth 0.8 · x in epochs"),
        (50, "50 · log x · log y · clip · .8 · epoch"),
    ],
)
async def test_the_border_tells_how_it_is_drawn(width: int, words: str) -> None:
    """Every way of drawing has its word; where there is no room for all of them, short ones."""
    chart = _chart()
    async with Harness(chart).run_test(size=(width, 20)) as pilot:
        chart.set_options(ChartOptions(log_x=True, clip_outliers=True, axis=XAxis.EPOCH))
        chart.set_crosshair(50.0)
        assert str(chart.border_subtitle) == words
        await pilot.resize_terminal(150 - width, 20)
        await pilot.pause()
        assert str(chart.border_subtitle) != words


async def test_what_it_shows_can_be_kept() -> None:
    """`C` asks that its text be copied, `w` and `W` for files, `e` to be asked how."""
    app = Harness(_chart())
    async with app.run_test(size=(80, 20)) as pilot:
        app.query_one(Chart).focus()
        await pilot.press("C", "w", "W", "e")
        wanted = [message for message in app.received if isinstance(message, KeepContents)]
        assert [message.way for message in wanted] == ["copy", "all", "all_dark", ""]
        contents = wanted[0].contents
        assert contents.text.startswith("loss\n")
        assert contents.files(("csv",))["loss.csv"].startswith("series,step,value\n")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, -1.0])
async def test_bad_values_are_gaps(bad: float) -> None:
    """NaN, infinities and values that a log axis cannot show are left out; the rest is drawn, on any kind of axis."""
    values = np.linspace(1.0, 0.01, 100)
    values[30:60] = bad
    chart = Chart("loss", ChartOptions())
    chart.show_data(_data(values))
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        chart.focus()
        for key in ("y", "X", "o", "y", "a", "X"):
            await pilot.press(key)
            assert any(0x2800 <= ord(char) < 0x2900 for char in "".join(_plain(chart)))


async def test_any_size() -> None:
    """From a whole screen down to a single cell nothing fails and every line keeps the pane's width."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 24)) as pilot:
        chart.set_crosshair(50.0)
        for width, height in ((80, 24), (20, 6), (10, 4), (5, 3), (3, 3), (2, 2), (1, 1), (60, 2), (2, 20)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            size: Size = chart.content_size
            assert all(chart.render_line(row).cell_length == max(0, size.width) for row in range(size.height))


async def test_no_data_shows_the_hint() -> None:
    """An empty chart says what it waits for, and keys do it no harm."""
    chart = Chart("loss", ChartOptions())
    chart.hint = "F5 starts a run"
    async with Harness(chart).run_test(size=(80, 20)) as pilot:
        chart.focus()
        await pilot.press("left", "plus", "shift+left", "F", "t", "a", "c")
        assert any("F5 starts a run" in line for line in _plain(chart))


async def test_a_hint_is_never_cut() -> None:
    """A narrow chart says the whole sentence, on several lines."""
    chart = Chart("loss", ChartOptions())
    chart.hint = "Fitted in closed form: there is no gradient"
    async with Harness(chart).run_test(size=(30, 12)):
        assert chart.hint in " ".join(" ".join(_plain(chart)).split())


async def test_ascii() -> None:
    """Where only ASCII can be drawn, there is nothing else."""
    chart = _chart()
    async with Harness(chart, ascii_only=True).run_test(size=(80, 20)):
        chart.set_crosshair(50.0)
        assert "".join(_plain(chart)).isascii()


async def test_an_unchanged_chart_is_not_drawn_again() -> None:
    """The drawing is kept while data, size and options stay; a crosshair only lies over it."""
    chart = _chart()
    async with Harness(chart).run_test(size=(80, 20)):
        drawing = chart._fitted().drawing
        chart.set_crosshair(20.0)
        _plain(chart)
        assert chart._fitted().drawing is drawing
        chart.show_data(_data())
        assert chart._fitted().drawing is not drawing


def test_panning_stays_within_the_data() -> None:
    """However far one pans, the window stays inside of what there is and keeps its width."""
    whole = Axis(0.0, 100.0)
    for direction in (-5.0, -0.25, 0.25, 5.0):
        window = Window(40.0, 60.0).panned(Axis(40.0, 60.0), whole, direction)
        assert window.low is not None
        assert window.high is not None
        assert window.low >= 0
        assert window.high <= 100
        assert window.high - window.low == pytest.approx(20.0)
