"""Runs that go on while another one is to be started: which they are, and how one is stopped first. Called in threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder

__all__ = ["AtWork", "at_work", "stop_and_wait"]

_STOP_S = 60.0
"""How long a run that is to be stopped is waited for: an evaluation may keep it busy."""


class AtWork(NamedTuple):
    """Runs that go on.

    Attributes:
        folders: the runs, those on Bench first.
        names: what each is called, with its state and step.
        threads: how many threads those that compute have together.
    """

    folders: tuple[RunFolder, ...]
    names: tuple[str, ...]
    threads: int


def at_work(root: Path, on_bench: Sequence[RunFolder]) -> AtWork | None:
    """The runs of a folder that go on; None where none does.

    Args:
        root: folder of all runs.
        on_bench: runs on Bench on which a process works; a paused one is among those that go on for this alone.
    Raises:
        StoreError: the folder cannot be read.
    """
    from workbench.runs.folder import RunFolder
    from workbench.runs.listing import list_runs
    from workbench.runs.queue import runs_at_work, threads_of

    runs = list_runs(root)
    shown = {folder.id for folder in on_bench}
    busy = runs_at_work(runs)
    going = sorted((run for run in runs if run in busy or run.id in shown), key=lambda run: run.id not in shown)
    if not going:
        return None
    names = tuple(f"{run.label} ({run.standing}, step {run.step:,} of {run.total:,})" for run in going)
    return AtWork(tuple(RunFolder(run.path) for run in going), names, sum(map(threads_of, busy)))


def stop_and_wait(folders: Sequence[RunFolder]) -> None:
    """Stop runs, and return when they have ended.

    Raises:
        WorkerError: one did not end in time.
        StoreError: one cannot be read or written.
    """
    from contextlib import suppress

    from workbench.errors import UsageError
    from workbench.runs import control

    for folder in folders:
        with suppress(UsageError):  # it ended by itself meanwhile
            control.wait(folder, control.send(folder, "stop"), timeout_s=_STOP_S)
        control.wait_for_end(folder, _STOP_S)
