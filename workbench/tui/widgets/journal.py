"""What happened to a run: its events as a list, and the end of the worker's log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Log
from textual.widgets.option_list import Option

from workbench.plotting.canvas import clean
from workbench.tui.glyphs import is_ascii
from workbench.tui.widgets.steady_list import SteadyList

if TYPE_CHECKING:
    from workbench.runs.records import Event

__all__ = ["EventList", "WorkerLog"]

_SIGNS = {
    "started": ("▶", ">"),
    "resumed": ("▶", ">"),
    "paused": ("‖", "="),
    "stopped": ("■", "#"),
    "finished": ("✓", "ok"),
    "failed": ("✗", "!"),
    "nonfinite": ("✗", "!"),
    "changed": ("▲", "^"),
    "checkpoint": ("◆", "o"),
    "evaluated": ("●", "*"),
}
_COLOURS = {"failed": "$error", "nonfinite": "$error", "changed": "$warning", "finished": "$success", "started": "$success"}


class EventList(SteadyList):
    """Events with time and step, the newest at the bottom and in view until one scrolls up."""

    HELP = """
    ## Events

    Started, evaluated, checkpoint, changed, paused, failed and the like, with the step after which each happened.
    `up` `down` scroll; the whole text of the line under the cursor stands in its tooltip.
    """
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS: ClassVar[str] = "EventList { border: none; padding: 0 1; background: transparent; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shown: tuple[int, ...] = ()

    def show(self, events: Sequence[Event]) -> None:
        """Show these events; those that stand there already stay as they are."""
        ids = tuple(event.id for event in events)
        if ids == self._shown:
            return
        at_end = self.highlighted is None or self.highlighted >= len(self._shown) - 1
        if ids[: len(self._shown)] != self._shown:
            self.clear_options()
            self._shown = ()
        self.add_options([self._option(event) for event in events[len(self._shown) :]])
        self._shown = ids
        if at_end and ids:
            self.highlighted = len(ids) - 1

    def _option(self, event: Event) -> Option:
        sign = _SIGNS.get(event.kind, ("·", "-"))[is_ascii(self.app)]
        when = time.strftime("%H:%M:%S", time.localtime(event.seconds))
        return Option(
            Content.assemble(
                (f"{when}  {event.step:>9,}  ", "$text-muted"),
                (f"{sign:<2} {event.kind:<11}", _COLOURS.get(event.kind, "$foreground")),
                clean(event.message),
            )
        )


class WorkerLog(Log):
    """The end of worker.log, with tracebacks where there are any."""

    HELP = "What the worker printed. `up` `down` scroll; the file stands in the run's folder as worker.log."
    HINT = "(the worker has printed nothing)"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, max_lines=2000)
        self._text: str | None = None

    def show(self, text: str) -> None:
        """Show another text; one that grew at its end is only added to."""
        if text == self._text:
            return
        if self._text and text.startswith(self._text):
            self.write(text[len(self._text) :])
        else:
            self.clear()
            self.write(text or self.HINT)
        self._text = text
