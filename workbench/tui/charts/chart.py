"""One live chart: legend, plot, crosshair, zoom. It draws only when it is seen, and draws again only what has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.plotting import with_crosshair
from workbench.plotting.canvas import Canvas
from workbench.plotting.charted import title_of
from workbench.plotting.race import MEDIAN, MOST_RUNS, TRACE, race_role
from workbench.plotting.saving import Contents, chart_contents
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import bindings
from workbench.tui.charts.data import ChartData
from workbench.tui.charts.options import ChartOptions
from workbench.tui.charts.paint import Place, draw_legend, legend_height, strips, with_hint
from workbench.tui.charts.view import ChartView
from workbench.tui.charts.window import Window
from workbench.tui.glyphs import is_ascii

__all__ = ["Chart"]

_STYLES = (
    "train",
    "validation",
    "other",
    "train-raw",
    "validation-raw",
    "other-raw",
    "axis",
    "label",
    "level",
    "crosshair",
    "hint",
    MEDIAN,
    TRACE,
    "mark-changed",
    "mark-checkpoint",
    *(race_role(number) for number in range(1, MOST_RUNS + 1)),
)
_FRAME = 6
"""Columns of a border that no words stand in."""
_LEGEND_FROM = 6
"""Rows from which there is a legend above the plot."""
_LEGEND_SHARE = 5
"""Of so many rows one may be the legend's, where it names several runs."""


class Chart(Keepable, Widget, can_focus=True):
    """A metric over steps, with everything that keys and mouse can do to its lines.

    Args:
        metric: what is charted.
        options: how it is drawn at first.

    Attributes:
        metric: what is charted: a metric without its split.
        view: what it shows of its data, and how.
        hint: what it says while it has no data.
        owner: what the run or runs are called whose chart it is.
    """

    HELP = """
    ## Chart

    `v` chooses the metric. The crosshair reads off values, at the same step in all charts. Dragging moves the view, the wheel
    zooms, a click on the legend hides a line, one in the plot shows all panels at that step of training. A line that is smoothed
    has its raw values behind it.

    Of runs that differ in nothing but the seed the median is drawn, their range shaded, and each run thin behind; `u` draws each
    by its number instead. There is no band at steps of which fewer than half of the runs have a value.

    `▲` on the axis: a hyperparameter changed. `◆`: a checkpoint was saved.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chart"), *bindings("keep")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{name}" for name in _STYLES}

    class CrosshairMoved(Message):
        """A person moved the crosshair, which all charts follow.

        Attributes:
            chart: where it was moved.
            step: the step of training it stands at now, whatever x is counted in; None where it was taken away.
        """

        def __init__(self, chart: Chart, step: float | None) -> None:
            self.chart, self.step = chart, step
            super().__init__()

    @dataclass
    class StepChosen(Message):
        """A person clicked at a step of training: everything that can show that moment does.

        Attributes:
            chart: where it was.
            step: the step, whatever x is counted in.
        """

        chart: Chart
        step: float

    class OptionsChanged(Message):
        """The chart is drawn in another way now; smoothing and x axis are shared by all charts."""

        def __init__(self, chart: Chart, options: ChartOptions) -> None:
            self.chart, self.options = chart, options
            super().__init__()

    @dataclass
    class MetricWanted(Message):
        """Another metric is to be chosen for the chart."""

        chart: Chart

    def __init__(self, metric: str, options: ChartOptions, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.metric, self.border_title = metric, as_is(title_of(metric))
        self.hint = self.owner = ""
        self.view = ChartView(options)
        self._subtitle = ""
        self._strips: tuple[tuple[object, ...], list[Strip]] | None = None
        self._places: list[Place] = []
        self._legend_rows = 1
        self._drag: tuple[int, Window] | None = None
        self._dragged = False

    @property
    def title(self) -> str:
        """What it is called."""
        return title_of(self.metric)

    @property
    def stem(self) -> str:
        """File name without suffix for what is saved of it."""
        return re.sub(r"[^\w.-]+", "-", self.title) or "chart"

    # What others tell the chart ----------------------------------------------------------------------------------------

    def turn_to(self, metric: str, options: ChartOptions) -> None:
        """Chart another metric; its data come next. The part of the x axis that is seen stays, as far as it can."""
        self.metric, self.border_title = metric, as_is(title_of(metric))
        self.view.hidden = frozenset()
        self.view.set_options(options)
        self.view.show(ChartData(clock=self.view.data.clock))
        self._redraw()

    def show_data(self, data: ChartData) -> None:
        """Show other data; the way of drawing and the window stay."""
        self.view.show(data)
        self._redraw()

    def begin(self, hint: str) -> None:
        """Wait for another run's data: what was pointed at in the last one means nothing in it."""
        self.hint, self._drag = hint, None
        self.view.clear()
        self._redraw()

    def set_options(self, options: ChartOptions) -> None:
        """Draw in another way, without a message."""
        self.view.set_options(options)
        self._redraw()

    def set_crosshair(self, step: float | None) -> None:
        """Put the crosshair at a step, without a message."""
        if step != self.view.crosshair:
            self.view.crosshair = step
            self._redraw()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Draw what was given before."""
        self._redraw()

    def on_resize(self) -> None:
        """Another width has room for other words."""
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_attached:
            return
        between = ", " if is_ascii(self.app) else " · "
        subtitle = between.join(self.view.words())
        if len(subtitle) > self.size.width - _FRAME:
            subtitle = between.join(self.view.words(short=True))
        if subtitle != self._subtitle:
            self._subtitle, self.border_subtitle = subtitle, as_is(subtitle)
        self.refresh()

    def _fitted(self) -> ChartView:
        """The view at the size and in the alphabet that there are now."""
        width, height = self.content_size
        self._legend_rows = legend_height(self.view, width, max(1, height // _LEGEND_SHARE)) if height >= _LEGEND_FROM else 0
        self.view.size = (width, height - self._legend_rows)
        self.view.ascii_only = is_ascii(self.app)
        return self.view

    def render_line(self, y: int) -> Strip:
        """One line of the content, out of the cache unless something changed."""
        width, height = self.content_size
        if width < 1 or height < 1:
            return Strip.blank(max(0, width), self.rich_style)
        key = (self._fitted().drawing, self.view.crosshair, self.app.theme, self.hint, height)
        if self._strips is None or self._strips[0] != key:
            self._strips = (key, self._compose_strips())
        lines = self._strips[1]
        return lines[y] if y < len(lines) else Strip.blank(width, self.rich_style)

    def _compose_strips(self) -> list[Strip]:
        view = self._fitted()
        drawing = view.drawing
        if view.crosshair is not None:
            drawing = with_crosshair(drawing, view.x_of(view.crosshair), "crosshair", ascii_only=view.ascii_only)
        if view.data.empty and self.hint:
            drawing = with_hint(drawing, self.hint)
        styles = {name: self.get_component_rich_style(f"chart--{name}") for name in _STYLES}
        styles[""] = self.rich_style
        legend = strips(self._legend(), styles) if self._legend_rows else []
        return legend + strips(drawing.canvas, styles)

    def _legend(self) -> Canvas:
        canvas, self._places = draw_legend(self._fitted(), self.content_size.width, max(1, self._legend_rows))
        return canvas

    def figure_text(self) -> str:
        """The chart as plain text with its title and legend."""
        return f"{self.title}\n{self._legend().text().plain.rstrip()}\n{self.view.drawing.text().plain}\n"

    # Keys and mouse ----------------------------------------------------------------------------------------------------

    def action_view(self, change: str, *arguments: float) -> None:
        """Do one of the things that a `ChartView` can do, and tell the other charts what they share of it."""
        view = self._fitted()
        options, crosshair = view.options, view.crosshair
        getattr(view, change)(*arguments)
        self._redraw()
        if view.options != options:
            self.post_message(self.OptionsChanged(self, view.options))
        if view.crosshair != crosshair:
            self.post_message(self.CrosshairMoved(self, view.crosshair))

    def action_clear_crosshair(self) -> None:
        """Leave the maximised view; else take the crosshair away."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        else:
            self.action_view("clear_crosshair")

    def action_choose_metric(self) -> None:
        """Ask for another metric."""
        self.post_message(self.MetricWanted(self))

    def contents(self) -> Contents | None:
        """The chart as it is now; None before the first value."""
        if self.view.data.empty:
            return None
        text = self.figure_text().partition("\n")[2]  # the title is written with the run's name
        return chart_contents(self.stem, self.view.figure(self.title, self.owner), text, self.view.series())

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The crosshair follows the pointer; with the button down the view is dragged."""
        drawing = self._fitted().drawing
        column = event.get_content_offset_capture(self).x
        if self._drag is not None and drawing.width > 0:
            start, window = self._drag
            self.view.drag(window, (start - column) / drawing.width)
            self._redraw()
        elif not self.view.data.empty and drawing.left <= column < drawing.left + drawing.width:
            self.action_view("point_at", column)

    def on_leave(self) -> None:
        """The pointer takes the crosshair with it, unless keys are moving it."""
        if not self.has_focus and not self.is_mouse_over:
            self.action_view("clear_crosshair")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag, or hide the line whose legend was hit."""
        offset = event.get_content_offset_capture(self)
        if offset.y < self._legend_rows:
            name = next((name for row, start, stop, name in self._places if row == offset.y and start <= offset.x < stop), None)
            if name is not None:
                self.view.toggle(name)
                self._redraw()
                return
        if self.view.window.low is not None:
            self._drag = (offset.x, self.view.window)
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End dragging."""
        self._dragged = self._drag is not None and self._drag[0] != event.get_content_offset_capture(self).x
        self._drag = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the step under the crosshair, a double click shows everything again."""
        offset, drawing = event.get_content_offset_capture(self), self._fitted().drawing
        in_plot = drawing.left <= offset.x < drawing.left + drawing.width and offset.y >= self._legend_rows
        if event.chain == 2:  # noqa: PLR2004 - a double click
            self.action_view("show_all")
        elif in_plot and not self._dragged and self.view.crosshair is not None:
            self.post_message(self.StepChosen(self, self.view.crosshair))

    @on(events.MouseScrollUp)
    @on(events.MouseScrollDown)
    def _wheel(self, event: events.MouseScrollUp | events.MouseScrollDown) -> None:
        """Zoom in or out at the pointer; with shift, pan."""
        event.stop()
        is_up = isinstance(event, events.MouseScrollUp)
        if event.shift:
            self.action_view("pan", -1 if is_up else 1)
        else:
            drawing = self._fitted().drawing
            column = event.get_content_offset_capture(self).x - drawing.left
            self.action_view("zoom", 0.8 if is_up else 1.25, (column + 0.5) / max(1, drawing.width))
