"""The queue of runs that wait for a free core: who is at work, who is ahead, and whether it is a run's turn.

There is no list of it anywhere, and nobody who hands out turns: each run that waits has a process of its own, which looks at the
runs of its folder. So no process that is killed keeps another one waiting, and a run whose own one is killed is lost and can be
resumed like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.reader import RunReader

__all__ = ["QUEUED", "Place", "place_in_queue"]

QUEUED = "queued"
"""Key in meta: when a run began to wait for a core, in seconds; null once it has its turn."""


@dataclass(frozen=True)
class Place:
    """Where a run stands that waits for a core.

    Attributes:
        at_work: ids of the runs that compute now; a paused one does not.
        threads: threads that they have, together.
        ahead: ids of the runs that have waited for longer.
    """

    at_work: Sequence[str]
    threads: int
    ahead: Sequence[str]

    def is_turn(self, wanted: int, cores: int) -> bool:
        """Whether a run may begin that takes `wanted` threads; one that takes more than there are cores begins alone."""
        return not self.ahead and (not self.at_work or self.threads + wanted <= cores)


def place_in_queue(folder: RunFolder, since: float) -> Place:
    """Look at the other runs in the folder of a run that has waited since a moment, in seconds."""
    at_work, ahead, threads = [], [], 0
    for run in list_runs(folder.path.parent):
        if run.id == folder.id or run.state not in ("starting", "running"):
            continue
        try:
            with RunReader(RunFolder(run.path)) as reader:
                meta = reader.meta()
        except StoreError:  # removed meanwhile
            continue
        queued = meta.get(QUEUED)
        if run.state == "starting" and isinstance(queued, int | float):
            if (queued, run.id) < (since, folder.id):
                ahead.append(run.id)
            continue
        at_work.append(run.id)
        threads += max(1, int(meta.get("threads", 1)))
    return Place(at_work, threads, ahead)
