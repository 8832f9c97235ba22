"""`workbench attach`: the interface on a run, or on several."""

from __future__ import annotations

from workbench.cli.options import Notify, RunNames, RunsDir, runs_root

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(runs: RunNames, notify: Notify = "", runs_dir: RunsDir = None) -> None:
    """Open the interface on a run, live or ended. Several are drawn into the same charts, with the panels of the first one."""
    from workbench.cli import open_interface
    from workbench.cli.racing import check_number
    from workbench.runs.listing import find_run

    check_number("workbench attach", runs)
    root = runs_root(runs_dir)
    open_interface(attach=[find_run(root, run).id for run in runs], runs_dir=root, notify=notify)
