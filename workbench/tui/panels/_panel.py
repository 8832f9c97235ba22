"""What a panel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment
    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["Panel"]


class Panel(ABC):
    """One tab below the charts.

    Attributes:
        name: id of the tab; set from the file's name.
        title: what the tab is called.
        place: tabs stand in this order.
        opens: whether it comes to the front by itself, as soon as there is anything to see in it (`opens_for`).
    """

    name: str
    title: str
    place: int = 50
    opens: bool = False

    @abstractmethod
    def widget(self) -> Widget:
        """What stands in the tab; always the same object."""

    def exists(self, run: RunData | None) -> bool:  # noqa: ARG002 - most panels are always there
        """Whether there is such a tab for a run, or without one (None)."""
        return True

    def opens_for(self, run: RunData) -> bool:
        """Whether it comes to the front by itself for a run as it is now."""
        return self.opens and self.exists(run)

    def show_experiment(self, experiment: Experiment) -> None:  # noqa: B027 - most panels are about a run
        """Show what the form holds."""

    def show_run(self, run: RunData | None, moment: Moment) -> None:  # noqa: B027 - some panels are about the form
        """Show the run at a moment, or none; called while the tab is in front.

        A widget that is not composed yet, or has gone, has no `children`: it keeps what it is given and draws it when mounted.
        """
