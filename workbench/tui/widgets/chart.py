"""One live chart: legend, plot, crosshair, zoom. It draws only when it is seen, and draws again only what has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.plotting import Drawing, Series, exact, with_crosshair
from workbench.plotting.canvas import Canvas
from workbench.plotting.svg import Figure
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import is_ascii
from workbench.tui.plain import as_is
from workbench.tui.widgets.chart_data import ChartData
from workbench.tui.widgets.chart_options import SMOOTHING, ChartOptions, XAxis
from workbench.tui.widgets.chart_paint import Place, draw_legend, one_step, strips, with_hint
from workbench.tui.widgets.chart_sketch import Sketch
from workbench.tui.widgets.chart_window import ALL, Window, share_of

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
    "mark-changed",
    "mark-checkpoint",
)
_LEGEND_FROM = 6
"""Rows from which there is a legend above the plot."""
_PAN = 0.25


class Chart(Widget, can_focus=True):
    """Lines over steps, with everything that keys and mouse can do to them.

    Args:
        title: stands in the border.
        stem: file name without suffix for what is saved.
        options: how it is drawn at first.
    """

    HELP = """
    ## Chart

    The crosshair reads off values, at the same step in all charts. Dragging moves the view, the wheel zooms, a click on the
    legend hides a line. A line that is smoothed has its raw values behind it.

    `▲` on the axis: a hyperparameter changed. `◆`: a checkpoint was saved.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chart")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{name}" for name in _STYLES}

    class CrosshairMoved(Message):
        """The crosshair stands at another step, or nowhere (None)."""

        def __init__(self, chart: Chart, step: float | None) -> None:
            self.chart, self.step = chart, step
            super().__init__()

    class OptionsChanged(Message):
        """The chart is drawn in another way now; smoothing and x axis are shared by all charts."""

        def __init__(self, chart: Chart, options: ChartOptions) -> None:
            self.chart, self.options = chart, options
            super().__init__()

    @dataclass
    class SaveWanted(Message):
        """The chart, as it is now, is to be written to files."""

        chart: Chart
        theme: str

    def __init__(self, title: str, stem: str, options: ChartOptions, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.title, self.border_title = title, as_is(title)
        self.stem = stem
        self.hint = ""
        self._data = ChartData()
        self._options = options
        self._window: Window = ALL
        self._hidden: frozenset[str] = frozenset()
        self._crosshair: float | None = None
        self._subtitle = ""
        self._sketch = Sketch()
        self._cache: tuple[tuple[object, ...], Drawing] | None = None
        self._strips: tuple[tuple[object, ...], list[Strip]] | None = None
        self._places: list[Place] = []
        self._drag: tuple[int, Window] | None = None

    # What others tell the chart ----------------------------------------------------------------------------------------

    @property
    def data(self) -> ChartData:
        """What is shown."""
        return self._data

    @property
    def options(self) -> ChartOptions:
        """How it is drawn."""
        return self._options

    @property
    def window(self) -> Window:
        """The part of the x axis that is shown."""
        return self._window

    @property
    def crosshair(self) -> float | None:
        """The step under the crosshair."""
        return self._crosshair

    @property
    def hidden(self) -> frozenset[str]:
        """Names of lines that are not shown."""
        return self._hidden

    def show_data(self, data: ChartData) -> None:
        """Show other data; the way of drawing and the window stay."""
        self._data = data
        if self._options.axis not in data.clock.choices():
            self._options = replace(self._options, axis=XAxis.STEP)
        self._redraw()

    def begin(self, hint: str) -> None:
        """Wait for another run's data: what was pointed at in the last one means nothing in it."""
        self.hint = hint
        self._crosshair, self._window, self._drag = None, ALL, None
        self.show_data(ChartData())

    def set_options(self, options: ChartOptions) -> None:
        """Draw in another way, without a message."""
        if options.axis is not self._options.axis or options.log_x != self._options.log_x:
            self._window = ALL  # its ends are counted in the old units
        self._options = options
        self._redraw()

    def set_crosshair(self, step: float | None) -> None:
        """Put the crosshair at a step, without a message."""
        if step != self._crosshair:
            self._crosshair = step
            self._redraw()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Draw what was given before."""
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_attached:
            return
        at = [] if self._crosshair is None else [f"step {exact(round(self._crosshair))}"]
        zoom = [] if self._window.low is None else ["following" if self._window.follows else "zoomed"]
        smoothed = any(line.smooth for line in self._data.lines)
        subtitle = (", " if is_ascii(self.app) else " · ").join(at + self._options.words(smoothed=smoothed) + zoom)
        if subtitle != self._subtitle:
            self._subtitle, self.border_subtitle = subtitle, as_is(subtitle)
        self.refresh()

    def _plot_size(self) -> tuple[int, int]:
        width, height = self.content_size
        return width, height - (1 if height >= _LEGEND_FROM else 0)

    def _drawing(self) -> Drawing:
        key = (self._plot_size(), id(self._data), self._data, self._options, self._window, self._hidden, is_ascii(self.app))
        if self._cache is None or self._cache[0] != key:
            size = self._plot_size()
            drawing = self._sketch.draw(
                self._data, self._options, self._window, self._hidden, size, ascii_only=is_ascii(self.app)
            )
            self._cache = (key, drawing)
        return self._cache[1]

    def render_line(self, y: int) -> Strip:
        """One line of the content, out of the cache unless something changed."""
        width, height = self.content_size
        if width < 1 or height < 1:
            return Strip.blank(max(0, width))
        key = (self._drawing(), self._crosshair, self.app.theme, self.hint, height)
        if self._strips is None or self._strips[0] != key:
            self._strips = (key, self._compose_strips())
        strips = self._strips[1]
        return strips[y] if y < len(strips) else Strip.blank(width)

    def _compose_strips(self) -> list[Strip]:
        drawing = self._drawing()
        if self._crosshair is not None:
            drawing = with_crosshair(drawing, self._x_of(self._crosshair), "crosshair", ascii_only=is_ascii(self.app))
        if self._data.empty and self.hint:
            drawing = with_hint(drawing, self.hint)
        styles = {name: self.get_component_rich_style(f"chart--{name}") for name in _STYLES}
        styles[""] = self.rich_style
        legend = strips(self._legend(), styles) if self.content_size.height >= _LEGEND_FROM else []
        return legend + strips(drawing.canvas, styles)

    def _legend(self) -> Canvas:
        width = self.content_size.width
        canvas, self._places = draw_legend(self._data, self._hidden, self._crosshair, width, ascii_only=is_ascii(self.app))
        return canvas

    def _x_of(self, step: float) -> float:
        return float(self._data.clock.of(self._options.axis)(one_step(step))[0])

    def figure_text(self) -> str:
        """The chart as plain text with its title and legend."""
        return f"{self.title}\n{self._legend().text().plain.rstrip()}\n{self._drawing().text().plain}\n"

    # Keys --------------------------------------------------------------------------------------------------------------

    def _change(self, options: ChartOptions) -> None:
        self.set_options(options)
        self.post_message(self.OptionsChanged(self, options))

    def _move(self, window: Window) -> None:
        self._window = window
        self._redraw()

    def action_crosshair(self, columns: int) -> None:
        """Move the crosshair by columns; it starts at the newest step."""
        if self._data.empty:
            return
        drawing = self._drawing()
        column = drawing.left + drawing.width - 1
        if self._crosshair is not None:
            column = (drawing.column_of(self._x_of(self._crosshair)) or drawing.left) + columns
        self._point_at(min(max(column, drawing.left), drawing.left + drawing.width - 1))

    def _point_at(self, column: int) -> None:
        step = self._data.clock.step_at(self._options.axis, self._drawing().x_at(column))
        self.set_crosshair(step)
        self.post_message(self.CrosshairMoved(self, step))

    def action_clear_crosshair(self) -> None:
        """Leave the maximised view; else take the crosshair away."""
        if self.screen.maximized is not None:
            self.screen.minimize()
            return
        self.set_crosshair(None)
        self.post_message(self.CrosshairMoved(self, None))

    def action_zoom(self, factor: float) -> None:
        """Zoom at the crosshair, or at the newest step."""
        drawing = self._drawing()
        share = 1.0
        if self._crosshair is not None:
            share = min(max(share_of(drawing.x_axis, self._x_of(self._crosshair)), 0.0), 1.0)
        self._zoom(factor, share)

    def _zoom(self, factor: float, share: float) -> None:
        whole = self._sketch.whole(self._data, self._options)
        if not self._data.empty:
            self._move(self._window.zoomed(self._drawing().x_axis, whole, factor, share))

    def action_pan(self, direction: int) -> None:
        """Move the view by a quarter of its width."""
        whole = self._sketch.whole(self._data, self._options)
        self._move(self._window.panned(self._drawing().x_axis, whole, direction * _PAN))

    def action_follow(self) -> None:
        """Follow the newest steps in a window, or show all."""
        if not self._data.empty:
            self._move(self._window.following(self._sketch.whole(self._data, self._options)))

    def action_reset_view(self) -> None:
        """Show all steps."""
        self._move(ALL)

    def action_log_y(self) -> None:
        """Turn the logarithmic y axis on or off."""
        self._change(replace(self._options, log_y=not self._options.log_y))

    def action_log_x(self) -> None:
        """Turn the logarithmic x axis on or off."""
        self._change(replace(self._options, log_x=not self._options.log_x))

    def action_outliers(self) -> None:
        """Fit the y axis to 98 % of the values, or to all."""
        self._change(replace(self._options, clip_outliers=not self._options.clip_outliers))

    def action_next_axis(self) -> None:
        """Count x in the next way that makes sense for this run."""
        choices = self._data.clock.choices()
        self._change(replace(self._options, axis=choices[(choices.index(self._options.axis) + 1) % len(choices)]))

    def action_smooth(self, direction: int) -> None:
        """Smooth more or less."""
        nearest = min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - self._options.smoothing))
        self._change(replace(self._options, smoothing=SMOOTHING[min(max(nearest + direction, 0), len(SMOOTHING) - 1)]))

    def action_toggle_series(self) -> None:
        """All lines, then each alone, then all again."""
        names = [line.name for line in self._data.lines]
        alone = [frozenset(names) - {name} for name in names]
        choices = [frozenset[str](), *alone] if len(names) > 1 else [frozenset[str]()]
        index = choices.index(self._hidden) if self._hidden in choices else -1
        self._hidden = choices[(index + 1) % len(choices)]
        self._redraw()

    def action_copy(self) -> None:
        """Copy the chart as text."""
        self.app.copy_to_clipboard(self.figure_text())
        self.notify(f"{self.title}: copied as text.")

    def action_save(self, theme: str) -> None:
        """Ask for a figure on white or dark ground (SVG), text and CSV."""
        self.post_message(self.SaveWanted(self, theme))

    def figure(self, subtitle: str) -> Figure:
        """The chart as it is drawn now, for a report."""
        return self._sketch.figure(self._data, self._options, self._window, self._hidden, (self.title, subtitle))

    def all_series(self) -> list[Series]:
        """Every line with all its points, hidden ones included."""
        return self._sketch.series(self._data, self._options)

    # Mouse -------------------------------------------------------------------------------------------------------------

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The crosshair follows the pointer; with the button down the view is dragged."""
        drawing = self._drawing()
        column = event.get_content_offset_capture(self).x
        if self._drag is not None and drawing.width > 0:
            start, window = self._drag
            self._window = window
            whole = self._sketch.whole(self._data, self._options)
            axis = self._drawing().x_axis
            self._move(window.panned(axis, whole, (start - column) / drawing.width))
        elif not self._data.empty and drawing.left <= column < drawing.left + drawing.width:
            self._point_at(column)

    def on_leave(self) -> None:
        """The pointer takes the crosshair with it, unless keys are moving it."""
        if not self.has_focus and not self.is_mouse_over:
            self.set_crosshair(None)
            self.post_message(self.CrosshairMoved(self, None))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag, or hide the line whose legend was hit."""
        offset = event.get_content_offset_capture(self)
        if offset.y == 0 and self.content_size.height >= _LEGEND_FROM:
            name = next((name for start, stop, name in self._places if start <= offset.x < stop), None)
            if name is not None:
                self._hidden = self._hidden ^ {name}
                self._redraw()
                return
        if self._window.low is not None:
            self._drag = (offset.x, self._window)
            self.capture_mouse()

    def on_mouse_up(self) -> None:
        """End dragging."""
        self._drag = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """A double click shows everything again."""
        if event.chain == 2:  # noqa: PLR2004 - a double click
            self.action_reset_view()

    def _wheel(self, event: events.MouseScrollUp | events.MouseScrollDown, factor: float) -> None:
        drawing = self._drawing()
        column = event.get_content_offset_capture(self).x - drawing.left
        event.stop()
        if event.shift:
            self.action_pan(1 if factor > 1 else -1)
        else:
            self._zoom(factor, min(max((column + 0.5) / max(1, drawing.width), 0.0), 1.0))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in at the pointer; with shift, pan."""
        self._wheel(event, 0.8)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out at the pointer; with shift, pan."""
        self._wheel(event, 1.25)
