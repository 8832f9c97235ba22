"""The concept card of what the form holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.panels._panel import Panel
from workbench.tui.widgets.concept_card import ConceptCard

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment

__all__ = ["ConceptPanel"]


class ConceptPanel(Panel):
    """Equation, drawing and words of architecture and data."""

    title = "Concept"
    place = 10

    def __init__(self) -> None:
        self._card = ConceptCard()

    def widget(self) -> Widget:
        """The card."""
        return self._card

    def show_experiment(self, experiment: Experiment) -> None:
        """Another architecture, another card."""
        self._card.show(experiment)
