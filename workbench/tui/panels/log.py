"""What the worker printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.panels._panel import Panel
from workbench.tui.widgets.event_log import WorkerLog

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["LogPanel"]


class LogPanel(Panel):
    """The end of worker.log."""

    title = "Log"
    place = 90

    def __init__(self) -> None:
        self._log = WorkerLog()

    def widget(self) -> Widget:
        """The text."""
        return self._log

    def show_run(self, run: RunData | None, moment: Moment) -> None:  # noqa: ARG002 - it is about all of the run
        """The log's end, or nothing."""
        if run is None:
            self._log.show("", "")
        else:
            self._log.show(run.log, str(run.folder.log_path))
