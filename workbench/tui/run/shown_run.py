"""The run that Bench shows, as far as it is known, and what can be done to it now. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.tui.run.watcher import RunFacts

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData

__all__ = ["News", "ShownRun"]

_NEEDS_WORKER = ("steer", "learning_rate")
_OF_PROBES = ("scrub", "scrub_to_end", "turn_sample")
_OVER = ("finished", "stopped")


@dataclass(frozen=True)
class News:
    """What is new in a run since it was read before.

    Attributes:
        changed: other settings were changed in it.
        state: it has another state, or its process came or went.
        ended: it has come to its end while it was watched.
    """

    changed: bool
    state: bool
    ended: bool


class ShownRun:
    """At most one run.

    Attributes:
        folder: where it is, or None where no run is shown.
        data: the run as it was read last, or None.
        facts: what of it does not change.
        starting: what is said while a run is on its way, or "".
        doing: what is said while another process brings it back to a step, or "".
    """

    def __init__(self) -> None:
        self.folder: RunFolder | None = None
        self.data: RunData | None = None
        self.facts = RunFacts()
        self.starting = self.doing = ""
        self._changes: tuple[int, ...] = ()

    def show(self, folder: RunFolder) -> None:
        """Another run, of which nothing has been read yet."""
        self.folder, self.data, self.facts, self.doing, self._changes = folder, None, RunFacts(), "", ()

    def begin(self, words: str) -> None:
        """No run as yet, but one is on its way."""
        self.clear()
        self.starting = words

    def clear(self) -> None:
        """No run."""
        self.folder, self.data, self.facts, self.starting, self.doing = None, None, RunFacts(), "", ""

    def read(self, data: RunData) -> News:
        """The run at a later moment."""
        before, self.data, self.starting = self.data, data, ""
        changes = tuple(event.id for event in data.events if event.kind == "changed")
        changed, self._changes = changes != self._changes, changes
        state = before is None or (before.status.state, before.status.alive) != (data.status.state, data.status.alive)
        ended = state and before is not None and before.status.alive and data.status.state in _OVER
        return News(changed, state, ended)

    @property
    def live(self) -> bool:
        """Whether a process works on it."""
        return self.data is not None and self.data.status.alive

    @property
    def live_name(self) -> str:
        """Its name, while a process works on it; else ""."""
        return self.data.title if self.live and self.data is not None else ""

    @property
    def resumable(self) -> bool:
        """Whether one can go on with it."""
        return self.data is not None and self.data.status.resumable

    @property
    def paused(self) -> bool:
        """Whether its process waits."""
        return self.live and self.data is not None and self.data.status.state == "paused"

    @property
    def learning_rate(self) -> float | None:
        """The learning rate of the newest step."""
        rates = self.data.lines.get("train/lr") if self.data else None
        return float(rates.values[-1]) if rates is not None and len(rates.values) else None

    def allows(self, action: str) -> bool:
        """Whether an action of Bench does something now."""
        if self.starting and action in ("pause", *_NEEDS_WORKER):
            return True  # a key that is pressed too early is answered in words
        answers = {
            **dict.fromkeys(_NEEDS_WORKER, self.live),
            **dict.fromkeys(_OF_PROBES, self.data is not None and bool(self.data.probes)),
            **dict.fromkeys(("export", "fork", "rewind", "replay", "close_run", "take_step"), self.folder is not None),
            "pause": self.live or self.resumable,
        }
        return answers.get(action, True)
