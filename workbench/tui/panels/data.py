"""Samples of the data that the form names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.panels._panel import Panel
from workbench.tui.widgets.preview import DataPreview

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment

__all__ = ["DataPanel"]


class DataPanel(Panel):
    """Real samples, drawn or written."""

    title = "Data"
    place = 20

    def __init__(self) -> None:
        self._preview = DataPreview()

    def widget(self) -> Widget:
        """The samples."""
        return self._preview

    def show_experiment(self, experiment: Experiment) -> None:
        """Other data, other samples."""
        self._preview.show(experiment)
