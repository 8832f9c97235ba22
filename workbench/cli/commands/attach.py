"""`workbench attach`: the interface on a run."""

from __future__ import annotations

from workbench.cli.options import RunName, RunsDir, runs_root

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(run: RunName, runs_dir: RunsDir = None) -> None:
    """Open the interface on a run, live or ended."""
    from workbench.cli import open_interface
    from workbench.runs.listing import find_run

    root = runs_root(runs_dir)
    open_interface(attach=find_run(root, run).id, runs_dir=root)
