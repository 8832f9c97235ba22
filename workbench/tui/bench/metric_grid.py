"""Every metric of a run as a small chart, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical
from textual.message import Message

from workbench.plotting.canvas import fit
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.charts.chart import Chart

if TYPE_CHECKING:
    from workbench.tui.charts.options import ChartOptions

__all__ = ["MetricGrid"]

_LEAST_WIDTH, _LEAST_HEIGHT = 38, 9
"""Cells that a chart needs to be read, its frame included; a smaller screen has one."""


class MetricGrid(Vertical):
    """As many charts as there is room for, and a line that says which of all they are.

    Args:
        drawn_as: how the chart of a metric is drawn.

    Attributes:
        page: which page is shown, from 0.
    """

    HELP = """
    ## All metrics

    Each metric of the run has a small chart, with the keys of every chart. `g` and `tab` go to the next one, `pgdn` and `pgup`
    turn the page, `enter` shows the metric in one of the two charts, `M` leaves the grid.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("grid")]
    DEFAULT_CSS: ClassVar[str] = """
    MetricGrid {
        & > Words { height: 1; padding: 0 1; color: $text-muted; }
        & > Grid { height: 1fr; grid-rows: 1fr; grid-columns: 1fr; }
    }
    """

    class Turned(Message):
        """Other charts are seen now, which want their data."""

    @dataclass
    class Opened(Message):
        """A metric is to be shown in one of the two charts."""

        metric: str

    def __init__(self, drawn_as: Callable[[str], ChartOptions]) -> None:
        super().__init__(id="metric-grid")
        self._drawn_as = drawn_as
        self._metrics: tuple[str, ...] = ()
        self._charts: list[Chart] = []
        self._num_seen = 0
        self.page = 0

    def compose(self) -> ComposeResult:
        """The line, and room for charts."""
        yield Words()
        yield Grid()

    @property
    def charts(self) -> Sequence[Chart]:
        """The charts that are seen, in reading order."""
        return self._charts[: self._num_seen]

    def show_metrics(self, metrics: Sequence[str]) -> None:
        """Have a chart for each of these metrics; nothing happens while they are the same."""
        if tuple(metrics) != self._metrics:
            focused = self._focused
            self._metrics = tuple(metrics)
            self._lay_out_about(focused)

    def go_to(self, metric: str) -> None:
        """Turn to the page of a metric, and move the focus to its chart; the first chart where there is none of it."""
        place = self._metrics.index(metric) if metric in self._metrics else 0
        self.page = place // max(1, self._slots)
        self._lay_out()
        if self.charts:
            self.charts[place % self._slots].focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Pages are turned where there is more than one."""
        return action != "turn_page" or self._num_pages > 1

    def action_turn_page(self, by: int) -> None:
        """Show the next page (1) or the one before (-1), round and round."""
        self.page = (self.page + by) % self._num_pages
        self._lay_out()
        if self.charts:
            self.charts[0].focus()

    def action_open(self) -> None:
        """Ask for the metric of the chart with the focus in one of the two charts."""
        focused = self.screen.focused
        if isinstance(focused, Chart) and focused in self.charts:
            self.post_message(self.Opened(focused.metric))

    def focus_next(self) -> None:
        """Move the focus to the chart after the one that has it; behind the last one of a page the next page follows."""
        places = [place for place, chart in enumerate(self.charts) if chart.has_focus]
        place = places[0] + 1 if places else 0
        if place < len(self.charts):
            self.charts[place].focus()
        else:
            self.action_turn_page(1)  # of a single page the first chart

    # Where charts stand --------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Another size has room for another number of charts; the one with the focus stays in view."""
        self._lay_out_about(self._focused)

    @property
    def _focused(self) -> str | None:
        """The metric whose chart has the focus."""
        return next((chart.metric for chart in self.charts if chart.has_focus), None)

    def _lay_out_about(self, focused: str | None) -> None:
        """Find the charts' places again, with the focus on the same metric."""
        if focused is None:
            self._lay_out()
        else:
            self.go_to(focused)

    @property
    def _shape(self) -> tuple[int, int]:
        """Columns and rows of a page."""
        width, height = self.size
        columns = max(1, min(width // _LEAST_WIDTH, len(self._metrics)))
        return columns, max(1, min((height - 1) // _LEAST_HEIGHT, -(-len(self._metrics) // columns)))

    @property
    def _slots(self) -> int:
        columns, rows = self._shape
        return columns * rows

    @property
    def _num_pages(self) -> int:
        return max(1, -(-len(self._metrics) // self._slots))

    def _lay_out(self) -> None:
        """Turn the charts to the metrics of the page; charts that are not needed are hidden, missing ones are made."""
        if not self.is_mounted or not self.size:
            return
        self.page = min(self.page, self._num_pages - 1)
        first = self.page * self._slots
        names = self._metrics[first : first + self._slots]
        grid = self.query_one(Grid)
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = self._shape
        made = [Chart(name, self._drawn_as(name)) for name in names[len(self._charts) :]]
        self._charts += made
        if made:
            grid.mount(*made)
        for place, chart in enumerate(self._charts):
            chart.display = place < len(names)
            if place < len(names) and chart.metric != names[place]:
                chart.turn_to(names[place], self._drawn_as(names[place]))
        self._num_seen = len(names)
        last = first + len(names)
        shown = f"metrics {first + 1}-{last} of {len(self._metrics)}" if len(names) < len(self._metrics) else "all metrics"
        pages = f", page {self.page + 1}/{self._num_pages}: pgdn pgup" if self._num_pages > 1 else ""
        self.query_one(Words).update(fit(f"{shown}{pages}   enter opens one, M leaves", max(1, self.size.width - 2)))
        self.screen.refresh_bindings()
        self.post_message(self.Turned())
