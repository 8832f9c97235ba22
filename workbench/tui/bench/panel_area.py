"""The panels below the charts: one set of tabs, or two side by side where there is room for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import TabbedContent, TabPane, Tabs

from workbench.tui.base.untrusted_text import as_is
from workbench.tui.panels import make_panels
from workbench.tui.run.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.experiment import Experiment
    from workbench.tui.run.data import RunData

__all__ = ["PanelArea", "Panels"]

_TWO_FROM = 124
"""Columns from which two panels stand side by side."""


class Panels(TabbedContent):
    """Tabs, and the panel of one of them.

    Args:
        home: the panel that is seen as long as there is nothing to see of a run.
    """

    HELP = (
        "`left` `right` on the tabs turn to another panel, as `p` and `P` do from anywhere; "
        "`m` gives the panel the whole screen, and takes it back."
    )
    ALLOW_MAXIMIZE = True

    def __init__(self, home: str, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(initial=home, id=id)
        self.home, self.shown, self.chosen = home, home, False
        self._panels = {panel.name: panel for panel in make_panels()}
        for name, panel in self._panels.items():
            self.compose_add_child(TabPane(as_is(panel.title), panel.widget(), id=name))
        self._say_title()

    def turn_to(self, name: str, *, chosen: bool) -> None:
        """Show a panel; one that a person has chosen stays for as long as this run is shown."""
        self.shown, self.chosen = name, chosen
        if self.active != name:
            if any(pane.has_focus_within and pane.id != name for pane in self.query(TabPane)):
                self.query_one(Tabs).focus()  # else the focus moves on within the panel that goes, and brings it back
            self.active = name
        self._say_title()

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002 - Textual's signature
        """Give the focus to the panel that is seen, unless something of it has it."""
        if not self.has_focus_within:
            parts = (part for part in self.get_pane(self.shown).walk_children() if isinstance(part, Widget) and part.focusable)
            next(parts, self.query_one(Tabs)).focus(scroll_visible)
        return self

    def _say_title(self) -> None:
        self.border_title = as_is(self._panels[self.shown].title)

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what an experiment is about, and samples of its data."""
        for panel in self._panels.values():
            panel.show_experiment(experiment)

    def offer(self, data: RunData | None) -> None:
        """Tabs for what there is to see of this run, and no others."""
        if not self._panels[self.shown].exists(data):  # a tab that goes would bring its neighbour to the front, chosen by nobody
            self.turn_to(self.home, chosen=False)
        for name, panel in self._panels.items():
            tab = self.get_tab(name)
            if panel.exists(data) is not tab.has_class("-hidden"):
                continue
            if tab.has_class("-hidden"):
                self.show_tab(name)
            else:
                self.hide_tab(name)

    def show_run(self, data: RunData | None, moment: Moment) -> None:
        """Draw the panel that is seen; without a run, empty all."""
        for name, panel in self._panels.items():
            if data is None or name == self.shown:
                panel.show_run(data, moment)

    def offered(self, data: RunData | None) -> list[str]:
        """The panels that there are for a run, in the order of their tabs."""
        return [name for name, panel in self._panels.items() if panel.exists(data)]

    def opening(self, data: RunData) -> list[str]:
        """The panels that come to the front by themselves, the most telling first."""
        return [name for name, panel in self._panels.items() if panel.opens_for(data)]

    @property
    def waits(self) -> bool:
        """Whether nobody has chosen what it shows, so that what the run answers may take its place."""
        return not self.chosen and (self.shown == self.home or self._panels[self.shown].opens)


class PanelArea(Horizontal):
    """One set of tabs or two. No panel is seen twice; what is seen stays through every change of size."""

    DEFAULT_CSS: ClassVar[str] = "PanelArea > Panels { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.first = Panels("concept", id="first")
        self.second: Panels | None = None  # made when there is room for it the first time
        self._experiment: Experiment | None = None
        self._data: RunData | None = None
        self._moment = Moment()
        self._turned: tuple[Panels | None, Widget | None] = (None, None)  # and where the focus was then

    def compose(self) -> ComposeResult:
        """The first tabs."""
        yield self.first

    def on_mount(self) -> None:
        """Without a run there are no tabs of one."""
        self.first.offer(None)

    @property
    def _all(self) -> Sequence[Panels]:
        return [self.first] if self.second is None else [self.first, self.second]

    @property
    def seen(self) -> Sequence[Panels]:
        """The tabs that there is room for, from left to right."""
        return [panels for panels in self._all if panels.display]

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what an experiment is about, and samples of its data."""
        self._experiment = experiment
        for panels in self._all:
            panels.show_experiment(experiment)

    def show_run(self, data: RunData | None, moment: Moment) -> None:
        """Show the run at a moment, or none."""
        self._data, self._moment = data, moment
        at = "" if moment.step is None else f"at step {moment.step:,}, end: newest"
        for panels in self._all:
            panels.chosen = panels.chosen and data is not None
            panels.border_subtitle = as_is(at)
            panels.offer(data)
        if data is not None:
            self._turn_to_answers(data)
        for panels in self.seen if data is not None else self._all:
            panels.show_run(data, moment)

    def _turn_to_answers(self, data: RunData) -> None:
        """A person who has chosen no panel during this run sees what it answers as soon as there is anything."""
        taken = {panels.shown for panels in self.seen if not panels.waits}
        for panels in self.seen:
            names = [name for name in panels.opening(data) if name not in taken]
            if panels.waits and names:
                panels.turn_to(names[0], chosen=False)
                taken.add(names[0])

    def turn(self, by: int, focused: Widget | None) -> None:
        """Turn to the next panel (1) or the one before (-1): of the tabs with the focus, else of the first ones."""
        panels = self.around(focused) or self.first
        self._turned = (panels, focused)
        others = {other.shown for other in self.seen if other is not panels}
        names = [name for name in panels.offered(self._data) if name not in others]
        self._choose(panels, names[(names.index(panels.shown) + by) % len(names)])

    def in_use(self, focused: Widget | None) -> Panels | None:
        """The tabs with the focus, or those that were turned to another panel from where it is, for one time."""
        (panels, before), self._turned = self._turned, (None, None)
        return self.around(focused) or (panels if panels is not None and panels.display and before is focused else None)

    def around(self, widget: Widget | None) -> Panels | None:
        """The tabs that a widget stands in."""
        return next((part for part in (widget.ancestors_with_self if widget else ()) if isinstance(part, Panels)), None)

    @on(TabbedContent.TabActivated)
    def _chosen(self, message: TabbedContent.TabActivated) -> None:
        panels = message.tabbed_content
        if isinstance(panels, Panels) and message.pane.id == panels.active != panels.shown:
            self._choose(panels, panels.active)

    def _choose(self, panels: Panels, name: str) -> None:
        """A person turned to a panel; other tabs that showed it take what stood here."""
        before = panels.shown
        panels.turn_to(name, chosen=True)
        for other in self.seen:
            if other is not panels and other.shown == name:
                other.turn_to(before, chosen=True)
        for each in self.seen:
            if self._data is not None:
                each.show_run(self._data, self._moment)

    # Room --------------------------------------------------------------------------------------------------------------

    async def on_resize(self) -> None:
        """Two sets of tabs where there is room for both."""
        two = self.size.width >= _TWO_FROM
        if not self.is_attached or self.screen.maximized is not None or two is (len(self.seen) > 1):
            return
        if not two:
            self._leave_one()
            return
        if self.second is None:
            second = Panels("data", id="second")
            await self.mount(second)
            if self._experiment is not None:
                second.show_experiment(self._experiment)
            self.second = second  # not before: who comes in between would look for tabs that are not there yet
        self.second.display = True
        if self.second.shown == self.first.shown:
            self.second.turn_to("data" if self.first.shown != "data" else "concept", chosen=False)
        self.show_run(self._data, self._moment)

    def _leave_one(self) -> None:
        """Room for one: the tabs with the focus leave their panel to the first ones."""
        second = self.second
        if second is None:
            return
        if second.has_focus_within:
            first, other = self.first.shown, second.shown
            self.first.turn_to(other, chosen=True)
            second.turn_to(first, chosen=True)
            self.first.show_run(self._data, self._moment)
            self.first.query("Tabs").first().focus()
        second.display = False
