"""Reads what a panel shows of one moment of a run, when it is looked at: in a thread, with the last ones kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.tui.base.background import start_in_thread

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.runs.folder import RunFolder
    from workbench.runs.reader import RunReader
    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["ProbeReading", "Source"]

T = TypeVar("T")

_REMEMBERED = 24
"""Steps that are kept, so that going back and forth reads nothing again; each has some ten to some hundred KB."""


class Source(NamedTuple):
    """Where something is read from: a run, its revision (rows may have been taken back), and a step."""

    folder: RunFolder
    revision: int
    step: int


class ProbeReading(Generic[T]):
    """What a widget has read of one kind of probe.

    Args:
        widget: who shows it; `Done` is posted to it, and it gives that to `take`.
        kind: the kind of probe.
        read: what is read, in a thread, at a step; None where there is no such thing.
    """

    @dataclass
    class Done(Message, bubble=False):
        """What was asked for has been read, or could not be (`problem`)."""

        source: Source
        contents: Any
        problem: str = ""

    def __init__(self, widget: Widget, kind: str, read: Callable[[RunReader, int], T | None]) -> None:
        self._widget, self._kind, self._read = widget, kind, read
        self._wanted: Source | None = None
        self._known: OrderedDict[Source, T] = OrderedDict()

    def want(self, run: RunData | None, moment: Moment) -> tuple[Source, T] | None:
        """What there is to show of a run at a moment, if it is known; else it is read, and `Done` comes.

        Before the widget is mounted nothing is read; call `begin` then.
        """
        kind = run.probes.get(self._kind) if run is not None else None
        step = moment.step_of(kind.steps) if kind is not None else None
        before = self._wanted
        self._wanted = Source(run.folder, run.status.revision, step) if run is not None and step is not None else None
        if self._wanted is None:
            return None
        if self._wanted in self._known:
            self._known.move_to_end(self._wanted)
            return self._wanted, self._known[self._wanted]
        if self._wanted != before and self._widget.is_attached:
            self._start(self._wanted)
        return None

    def begin(self) -> None:
        """Read what was wanted before the widget was there."""
        if self._wanted is not None:
            self._start(self._wanted)

    def take(self, message: ProbeReading.Done) -> T | None:
        """Keep what was read; it is given back when it is what is wanted now."""
        if message.contents is not None:
            self._known[message.source] = message.contents
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return message.contents if message.source == self._wanted else None

    def _start(self, source: Source) -> None:
        def task() -> None:
            from workbench.runs.reader import RunReader  # here: it costs the first frame pydantic, 60 ms

            try:
                with RunReader(source.folder) as reader:
                    contents, problem = self._read(reader, source.step), ""
            except WorkbenchError as error:
                contents, problem = None, str(error)
            self._widget.post_message(self.Done(source, contents, problem))

        start_in_thread(self._widget, "probe", task, exclusive=True)
