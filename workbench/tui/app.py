"""The terminal interface: one app with the screens Bench, Runs and Presets. It draws; training happens in other processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import BindingType

from workbench.tui.bindings import bindings

if TYPE_CHECKING:
    from workbench.experiment import Experiment

__all__ = ["WorkbenchApp", "run_tui"]


class WorkbenchApp(App[None]):
    """The workbench in a terminal."""

    TITLE = "workbench"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(self, preset: str | None = None, attach: str | None = None, runs_dir: Path | None = None) -> None:
        super().__init__()
        self.preset = preset
        self.attach = attach
        self.runs_dir = runs_dir or Path("runs")

    def start_experiment(self, experiment: Experiment) -> None:
        """Start a run of the experiment and show it on Bench."""


def run_tui(preset: str | None = None, attach: str | None = None, runs_dir: Path | None = None) -> None:
    """Open the interface and stay in it until the person leaves."""
    WorkbenchApp(preset, attach, runs_dir).run()
