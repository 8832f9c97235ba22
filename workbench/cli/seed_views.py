"""Three ways to show the runs of several seeds while they go on: a live picture in a terminal, plain lines, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, Self

from workbench.cli.output import console, is_ascii, state_text
from workbench.cli.progress import Progress, Snapshot
from workbench.cli.views import TOLD_EVENTS, PlainView, event_words, metric_words, pace

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console, RenderableType

__all__ = ["Member", "SeedsView", "choose_seeds_view"]

_BAR_WIDTH = 20
_OTHER_LINES = 4
"""Lines of the picture that are no run's, and the one below it."""


@dataclass
class Member:
    """The run of one seed.

    Attributes:
        seed: its seed.
        progress: reads it.
        last: how it was when it was last looked at.
    """

    seed: int
    progress: Progress
    last: Snapshot

    @property
    def name(self) -> str:
        """What it is called beside the others."""
        return f"seed {self.seed}"


class SeedsView(Protocol):
    """Shows runs. Entered before the first look, left after the last."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None: ...

    def show(self, members: Sequence[Member], waiting: int) -> None:
        """Show the runs that were started as they are now, and how many are still to be started."""

    def tell(self, text: str) -> None:
        """One line that stays."""


class _Quiet:
    """Shows nothing but what has to be told."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, members: Sequence[Member], waiting: int) -> None:
        """Nothing."""

    def tell(self, text: str) -> None:
        """One line on the stream."""
        self.stream.write(f"{text}\n")
        self.stream.flush()


class _Plain(_Quiet):
    """The lines of each run, as they are of a single one, each with its seed."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(stream)
        self._views: dict[int, PlainView] = {}
        self._over: set[int] = set()

    def show(self, members: Sequence[Member], waiting: int) -> None:
        """Write what is due of each run."""
        del waiting
        for member in members:
            if member.seed not in self._over:
                view = self._views.setdefault(member.seed, PlainView(self.stream, f"{member.name}  "))
                view.show(member.last)
                if member.last.ended:
                    self._over.add(member.seed)


class _Live:
    """A line with a bar for each run, redrawn in place; what happens to them becomes lines above."""

    def __init__(self, out: Console, heading: str, total: int) -> None:
        from rich.live import Live

        self.console = out
        self.heading = heading
        self._total = total
        self._live = Live(console=out, auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, members: Sequence[Member], waiting: int) -> None:
        """Draw the runs as they are now."""
        for member in members:
            for event in member.last.events:
                if event.kind in TOLD_EVENTS - {"evaluated"}:
                    self.tell(f"{member.name}  {event_words(event)}")
        self._live.update(self._picture(members, waiting), refresh=True)

    def tell(self, text: str) -> None:
        """One line above the picture."""
        self._live.console.print(text, style="dim", markup=False)

    def _picture(self, members: Sequence[Member], waiting: int) -> RenderableType:
        """Runs that go on come first where there is no room for all."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        room = max(1, self.console.height - _OTHER_LINES)
        shown = sorted(sorted(members, key=lambda member: member.last.ended)[:room], key=lambda member: member.seed)
        rows = Table.grid(padding=(0, 2))
        sign_alone = is_ascii(self.console.encoding)
        for member in shown:
            last = member.last
            bar = ProgressBar(total=max(1, last.total), completed=last.step, width=_BAR_WIDTH)
            words = [
                f"{last.step:,}/{last.total:,}",
                *([] if last.ended else pace(last)),
                *metric_words(last.values, _tags(last)),
            ]
            state = Text(last.state) if sign_alone else state_text(last.state)
            rows.add_row(Text(member.name), state, bar, Text("  ".join(words), no_wrap=True, overflow="ellipsis"))
        ended = sum(member.last.ended for member in members)
        counts = [f"{ended} of {self._total} runs have ended", *([f"{waiting} are still to start"] if waiting else [])]
        counts += [f"{len(members) - len(shown)} not shown"] if len(shown) < len(members) else []
        head = Text.assemble((self.heading, "bold"), f"  {'; '.join(counts)}", overflow="ellipsis", no_wrap=True)
        return Group(head, rows)


def choose_seeds_view(heading: str, total: int, *, quiet: bool, as_json: bool) -> SeedsView:
    """The view for this terminal, by the rules of `choose_view`."""
    import sys

    stream = sys.stderr if as_json or quiet else sys.stdout
    if quiet:
        return _Quiet(stream)
    if stream.isatty():
        return _Live(console(stderr=as_json), heading, total)
    return _Plain(stream)


def _tags(snapshot: Snapshot) -> list[str]:
    """What a line says of a run: the newest loss, and what was measured last of all on held-out data."""
    measured = [tag for split in ("test/", "validation/") for tag in snapshot.values if tag.startswith(split)]
    split = measured[0].partition("/")[0] if measured else ""
    return ["train/loss", *(tag for tag in measured if tag.startswith(f"{split}/") and not tag.endswith("/loss"))]
