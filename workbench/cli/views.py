"""Three ways to show a run that goes on: a live picture in a terminal, plain lines without one, or nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol, Self

from workbench.cli.output import is_ascii
from workbench.cli.progress import Progress, Snapshot
from workbench.plotting.signs import spark_line
from workbench.runs.records import Event
from workbench.saying import clock, eta, number, speed
from workbench.tui.base.terminal import WindowTitle

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = [
    "TOLD_EVENTS",
    "LiveView",
    "PlainView",
    "QuietView",
    "View",
    "choose_view",
    "event_words",
    "metric_words",
    "pace",
]

_PLAIN_EVERY_S = 5.0
_SHOWN_TAGS = ("train/loss", "train/grad_norm", "train/lr")
TOLD_EVENTS = frozenset({"evaluated", "changed", "nonfinite", "paused", "resumed", "stopped", "failed", "notice"})
"""Kinds of events that become lines."""
_BAR_WIDTH = 40


class View(Protocol):
    """Shows snapshots. Entered before the first, left after the last."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None: ...

    def show(self, snapshot: Snapshot) -> None:
        """Show the run as it is now."""

    def tell(self, text: str) -> None:
        """One line that stays."""


class QuietView:
    """Shows nothing but what has to be told."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, snapshot: Snapshot) -> None:
        """Nothing."""

    def tell(self, text: str) -> None:
        """One line on the stream."""
        self.stream.write(f"{text}\n")
        self.stream.flush()


class PlainView(QuietView):
    """A line every few seconds and at every event, for logs and pipes; each with a prefix, which tells runs apart."""

    def __init__(self, stream: IO[str], prefix: str = "") -> None:
        super().__init__(stream)
        self._prefix = prefix
        self._due = 0.0
        self._step = -1

    def tell(self, text: str) -> None:
        """One line on the stream."""
        super().tell(f"{self._prefix}{text}")

    def show(self, snapshot: Snapshot) -> None:
        """Write a line when one is due."""
        for event in snapshot.events:
            if event.kind in TOLD_EVENTS:
                self.tell(event_words(event))
        if snapshot.state == "starting":
            if self._step < 0:
                self.tell("starting")
                self._step = 0
            return
        now = time.monotonic()
        if snapshot.step == self._step or (now < self._due and not snapshot.ended):
            return
        self._due, self._step = now + _PLAIN_EVERY_S, snapshot.step
        words = [f"step {snapshot.step:,}/{snapshot.total:,}", *pace(snapshot), *metric_words(snapshot.values, _SHOWN_TAGS)]
        self.tell("  ".join(words))


class LiveView:
    """Bar, rate, remaining time, values and a line of blocks for loss and gradient norm, redrawn in place."""

    def __init__(self, console: Console, progress: Progress, heading: str) -> None:
        from rich.live import Live

        self.console = console
        self.progress = progress
        self.heading = heading
        self._ascii = is_ascii(console.encoding)
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._title, self._began = WindowTitle(), time.monotonic()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        self._write(self._title.give_back())

    def _write(self, order: str) -> None:
        """An order for the terminal itself."""
        self.console.file.write(order)
        self.console.file.flush()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the run as it is now; events become lines above the picture. How far it is stands in the window's title."""
        share = f"{snapshot.step / snapshot.total:.0%}" if snapshot.state == "running" and snapshot.total else snapshot.state
        self._write(self._title.show(f"{share} {self.progress.folder.id} - workbench"))
        for event in snapshot.events:
            if event.kind in TOLD_EVENTS - {"evaluated"}:
                self.tell(event_words(event))
        self._live.update(self._picture(snapshot), refresh=True)

    def tell(self, text: str) -> None:
        """One line above the picture."""
        self._live.console.print(text, style="dim", markup=False)

    def _picture(self, snapshot: Snapshot) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        width = min(_BAR_WIDTH, max(10, self.console.width - 44))
        starts = snapshot.state == "starting"  # loading its data may take a while
        seconds = time.monotonic() - self._began if starts else snapshot.seconds
        head = Text.assemble((self.heading, "bold"), f"  {snapshot.state}  {clock(seconds)}", overflow="ellipsis")
        head.no_wrap = True
        row = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(1, snapshot.total), completed=snapshot.step, width=width)
        row.add_row(bar, Text("  ".join([f"{snapshot.step:,}/{snapshot.total:,}", *pace(snapshot)]), no_wrap=True))
        lines: list[RenderableType] = [head, row]
        for tag, label in (("train/loss", "loss"), ("train/grad_norm", "gradient norm")):
            if tag in snapshot.values:
                blocks = spark_line(self.progress.spark(tag, width), ascii_only=self._ascii)
                lines.append(
                    Text(f"{blocks:<{width}}  {label} {number(snapshot.values[tag])}", no_wrap=True, overflow="ellipsis")
                )
        held_out = [tag for tag in snapshot.values if not tag.startswith("train/")]
        if held_out:
            lines.append(Text("  ".join(metric_words(snapshot.values, held_out)), overflow="fold"))
        return Group(*lines)


def choose_view(progress: Progress, heading: str, *, quiet: bool, as_json: bool) -> View:
    """The view for this terminal: nothing when asked to be quiet, a picture in a terminal, else lines.

    With `as_json` everything goes to stderr, so that stdout holds the JSON alone.
    """
    import sys

    from workbench.cli.output import console

    stream = sys.stderr if as_json or quiet else sys.stdout
    if quiet:
        return QuietView(stream)
    if stream.isatty():
        return LiveView(console(stderr=as_json), progress, heading)
    return PlainView(stream)


def metric_words(values: dict[str, float], tags: Sequence[str]) -> list[str]:
    """`tag value` for every tag that has a value."""
    return [f"{tag} {number(values[tag])}" for tag in tags if tag in values]


def event_words(event: Event) -> str:
    """An event as one line."""
    return f"step {event.step:,}  {event.kind}{': ' if event.message else ''}{event.message}"


def pace(snapshot: Snapshot) -> list[str]:
    """How far a run is, how fast, and what is left, in words."""
    share = f"{snapshot.step / snapshot.total:.0%}" if snapshot.total else ""
    left = [] if snapshot.left_s is None else [eta(snapshot.left_s)]
    if snapshot.is_measuring and not snapshot.ended:
        return [share, "evaluating", *left]
    if snapshot.ended or snapshot.state != "running" or snapshot.rate <= 0:
        return [share]
    return [share, f"{speed(snapshot.rate)} steps/s", *left]
