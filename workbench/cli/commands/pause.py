"""`workbench pause`: let a run wait."""

from __future__ import annotations

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import message
from workbench.cli.steering import ask

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(run: RunName, runs_dir: RunsDir = None) -> None:
    """Let a run wait after the step it is in; its process stays, and 'resume' wakes it."""
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    ask(folder, "pause")
    message(f"{folder.id}: paused. 'workbench resume {folder.id}' goes on with it.")
