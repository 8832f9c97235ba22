"""The runs that Bench shows: one in front, whose panels are seen, and others in its charts. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.plotting.race import MOST_MEMBERS, distinct_names
from workbench.tui.run.watcher import RunFacts

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData

__all__ = ["Race", "Racer"]


@dataclass(eq=False)
class Racer:
    """One of the runs.

    Attributes:
        folder: where it is.
        number: by which it is known in charts, from 1; it stays for as long as the run is shown.
        data: the run as it was read last, or None.
        facts: what of it does not change.
        name: what it is called beside the others.
    """

    folder: RunFolder
    number: int
    data: RunData | None = None
    facts: RunFacts = field(default_factory=RunFacts)
    name: str = ""


class Race:
    """At most `MOST_MEMBERS` runs, by number.

    Attributes:
        runs: the runs.
        front: the run whose panels are seen, or None where no run is shown.
        is_group: whether the runs are several that differ in nothing but the seed, as far as they have been read.
    """

    def __init__(self) -> None:
        self.runs: list[Racer] = []
        self.front: Racer | None = None
        self.is_group = False

    @property
    def is_on(self) -> bool:
        """Whether there is more than one run."""
        return len(self.runs) > 1

    @property
    def folders(self) -> tuple[RunFolder, ...]:
        """The runs, the one in front first."""
        ordered = sorted(self.runs, key=lambda racer: (racer is not self.front, racer.number))
        return tuple(racer.folder for racer in ordered)

    @property
    def live(self) -> bool:
        """Whether a process works on any of them."""
        return any(racer.data is not None and racer.data.status.alive for racer in self.runs)

    def of(self, folder: RunFolder | None) -> Racer | None:
        """The run of a folder, where it is one of them."""
        return next((racer for racer in self.runs if racer.folder == folder), None)

    def show(self, front: RunFolder | None, beside: Sequence[RunFolder] = ()) -> list[Racer]:
        """Show these runs and no others; those that were shown before keep number and data.

        Args:
            front: the one whose panels are seen; None for no run.
            beside: the others; of more than there is room for the last ones are left out.
        Returns:
            The runs that were not shown before.
        """
        wanted = [] if front is None else list({folder.path: folder for folder in (front, *beside)}.values())[:MOST_MEMBERS]
        self.runs = [racer for racer in self.runs if racer.folder in wanted]
        new = []
        for folder in wanted:
            if self.of(folder) is None:
                taken = {racer.number for racer in self.runs}
                racer = Racer(folder, next(number for number in range(1, MOST_MEMBERS + 1) if number not in taken))
                self.runs.append(racer)
                new.append(racer)
        self.runs.sort(key=lambda racer: racer.number)
        self.front = self.of(front)
        self.call()
        return new

    def turn(self, by: int) -> Racer | None:
        """Put the next run in front (1), or the one before (-1), round and round."""
        if self.front is not None:
            self.front = self.runs[(self.runs.index(self.front) + by) % len(self.runs)]
        return self.front

    def call(self) -> None:
        """Give each run the name by which it is known beside the others, as far as they have been read."""
        self.is_group = self.is_on and _are_repeats([racer.data for racer in self.runs if racer.data is not None])
        for racer, name in zip(self.runs, distinct_names([self._known_as(racer) for racer in self.runs]), strict=True):
            racer.name = name

    def _known_as(self, racer: Racer) -> tuple[str, str]:
        """Id, and the name that a person gave, else the title of the experiment; in a group the seed."""
        meta = racer.data.meta if racer.data is not None else {}
        if self.is_group and racer.data is not None:
            return racer.folder.id, f"seed {meta.get('seed')}"
        return racer.folder.id, str(meta.get("name") or meta.get("title") or "")

    def foreign(self) -> list[tuple[Racer, str]]:
        """Runs on other data than the one in front, whose scores do not compare with its own, each with what its data are."""
        from workbench.runs.differences import other_data

        front = _settings(self.front)
        others = [(racer, _settings(racer)) for racer in self.runs if racer is not self.front]
        return [(racer, data) for racer, its in others if front and its and (data := other_data(front, its))]


def _are_repeats(runs: Sequence[RunData]) -> bool:
    """Whether runs have several seeds, and the same of all else that counts. Their data files are taken to be the same."""
    from workbench.runs.changes import LiveChanges
    from workbench.runs.differences import settings_in_force
    from workbench.runs.groups import SEED, identity

    seeds, kinds = set(), set()
    for run in runs:
        start, changes = settings_in_force(run.meta.get("experiment"), {}), LiveChanges.of(run.events)
        now = {**start, **changes.until(run.status.step)}
        seeds.add(start.get(SEED))
        kinds.add(identity(now, changes.effective(start, run.status.step), run.meta.get("parent")))
    return len(seeds) > 1 and len(kinds) == 1


def _settings(racer: Racer | None) -> dict[str, object]:
    from workbench.runs.differences import settings_in_force

    return settings_in_force(racer.data.meta.get("experiment"), {}) if racer is not None and racer.data is not None else {}
