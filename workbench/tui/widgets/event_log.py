"""What happened to a run: its events as a list, and the end of the worker's log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.binding import BindingType
from textual.widgets import Log
from textual.widgets.option_list import Option

from workbench.plotting.canvas import clean
from workbench.plotting.saving import Contents, sheet_contents
from workbench.plotting.signs import EVENT_SIGNS, UNKNOWN_EVENT
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.steady_list import SteadyList
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import is_ascii
from workbench.tui.themes import rich_style

if TYPE_CHECKING:
    from workbench.runs.records import Event

__all__ = ["EventList", "WorkerLog"]

_COLOURS = {"failed": "error", "nonfinite": "error", "changed": "warning", "finished": "success", "started": "success"}
_BESIDE_FROM = 24
"""Columns that a message needs to stand beside its time, step and kind."""


class EventList(Keepable, SteadyList):
    """Events with time and step, the newest at the bottom and in view until one scrolls up."""

    HELP = """
    ## Events

    Started, evaluated, checkpoint, changed, paused, failed and the like, with the step after which each happened.
    `up` `down` scroll; the whole text of the line under the cursor stands in its tooltip.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("keep")]
    DEFAULT_CSS: ClassVar[str] = "EventList { border: none; padding: 0 1; background: transparent; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shown: tuple[Event, ...] = ()

    def show(self, events: Sequence[Event]) -> None:
        """Show these events; those that stand there already stay as they are."""
        events = tuple(events)
        if events == self._shown:
            return
        at_end = self.highlighted is None or self.highlighted >= len(self._shown) - 1
        if events[: len(self._shown)] != self._shown:  # also those of another run, which have the same ids
            self.clear_options()
            self._shown = ()
        self.add_options([self._option(event) for event in events[len(self._shown) :]])
        self._shown = events
        if at_end and events:
            self.highlighted = len(events) - 1

    def contents(self) -> Contents | None:
        """Every event."""
        if not self._shown:
            return None
        rows = [
            (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.seconds)), event.step, event.kind, event.message)
            for event in self._shown
        ]
        return sheet_contents("Events", "events", ("time", "step", "kind", "message"), rows)

    def _option(self, event: Event) -> Option:
        sign = EVENT_SIGNS.get(event.kind, UNKNOWN_EVENT)[is_ascii(self.app)]
        when = time.strftime("%H:%M:%S", time.localtime(event.seconds))
        before = Text.assemble(
            (f"{when}  {event.step:>9,}  ", "dim"),
            (f"{sign:<2} {event.kind:<11}", rich_style(self.app, _COLOURS.get(event.kind, ""))),
        )
        return Option(_Line(before, Text(clean(event.message))))


@dataclass(frozen=True)
class _Line:
    """Something at the left, and a text that is wrapped beside it; below it where there is little room."""

    before: Text
    message: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        beside = options.max_width >= self.before.cell_len + _BESIDE_FROM
        indent = self.before.cell_len + 1 if beside else min(2, options.max_width - 1)
        lines = self.message.wrap(console, options.max_width - indent)
        yield self.before + " " + lines[0] if beside and lines else self.before
        for line in lines[1 if beside else 0 :]:
            yield Text(" " * indent) + line


class WorkerLog(Keepable, Log):
    """The end of worker.log, with tracebacks where there are any."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("keep")]
    HELP = "What the worker printed. `up` `down` scroll; the file stands in the run's folder as worker.log."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, max_lines=2000)
        self._text: str | None = None

    def contents(self) -> Contents | None:
        """Its lines."""
        return Contents("Log", "log", f"{clean(self._text)}\n") if self._text else None

    def show(self, text: str, path: str) -> None:
        """Show another text of the file at a path ("" for no run); one that grew at its end is only added to."""
        if not text.strip():
            text = f"(nothing printed: the worker is well)\n{path}" if path else ""
        if text == self._text:
            return
        if self._text and text.startswith(self._text):
            self.write(text[len(self._text) :])
        else:
            self.clear()
            self.write(text)
        self._text = text
