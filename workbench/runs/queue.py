"""The queue of runs that wait for a free core: who is at work, who is ahead, and whether it is a run's turn.

There is no list of it anywhere, and nobody who hands out turns: each run that waits has a process of its own, which looks at the
runs of its folder. So no process that is killed keeps another one waiting, and a run whose own one is killed is lost and can be
resumed like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.errors import StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.reader import RunReader
from workbench.runs.records import QUEUED

if TYPE_CHECKING:
    from workbench.runs.summary import RunSummary

__all__ = ["QUEUED", "Place", "place_in_queue", "runs_at_work", "threads_of"]


@dataclass(frozen=True)
class Place:
    """Where a run stands that waits for a core.

    Attributes:
        at_work: ids of the runs that compute now; a paused one does not.
        threads: threads that they have, together.
        ahead: ids of the runs that have waited for longer.
        names: what a person calls these runs, by id.
    """

    at_work: Sequence[str]
    threads: int
    ahead: Sequence[str]
    names: Mapping[str, str] = field(default_factory=dict)

    def is_turn(self, wanted: int, cores: int) -> bool:
        """Whether a run may begin that takes `wanted` threads; one that takes more than there are cores begins alone."""
        return not self.ahead and (not self.at_work or self.threads + wanted <= cores)

    def words(self, cores: int, *, by_name: bool = False) -> str:
        """Why the run waits, for a person: who has the cores, and who comes first.

        Args:
            cores: that there are.
            by_name: say the runs' names instead of the ids, which commands understand in any case.
        """
        busy, ahead = (
            ", ".join(self.names.get(run, run) if by_name else run for run in runs) for runs in (self.at_work, self.ahead)
        )
        first = f"; {ahead} {'comes' if len(self.ahead) == 1 else 'come'} first" if ahead else ""
        return f"{self.threads} of {cores} taken by {busy or 'none'}{first}"


def place_in_queue(folder: RunFolder, since: float) -> Place:
    """Look at the other runs in the folder of a run that has waited since a moment, in seconds."""
    others = [run for run in list_runs(folder.path.parent) if run.id != folder.id]
    at_work = runs_at_work(others)
    ahead = [run.id for run in others if run.waits and (run.queued or 0.0, run.id) < (since, folder.id)]
    return Place([run.id for run in at_work], sum(map(threads_of, at_work)), ahead, {run.id: run.label for run in others})


def runs_at_work(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """Those that compute now, or are about to: neither paused nor waiting for a core."""
    return [run for run in runs if run.state in ("starting", "running") and not run.waits]


def threads_of(run: RunSummary) -> int:
    """Threads that a run at work has; 1 where it has not said so yet."""
    try:
        with RunReader(RunFolder(run.path)) as reader:
            return max(1, int(reader.meta().get("threads", 1)))
    except StoreError:  # removed meanwhile
        return 0
