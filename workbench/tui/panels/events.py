"""What happened to the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.panels._panel import Panel
from workbench.tui.widgets.event_log import EventList

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["EventsPanel"]


class EventsPanel(Panel):
    """The run's events as a list."""

    title = "Events"
    place = 80

    def __init__(self) -> None:
        self._list = EventList()

    def widget(self) -> Widget:
        """The list."""
        return self._list

    def show_run(self, run: RunData | None, moment: Moment) -> None:  # noqa: ARG002 - it is about all of the run
        """The events so far."""
        self._list.show(run.events if run is not None else ())
