"""What stands between title and key line of Bench: the form, and charts with panels. Frames come first, their content later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from workbench.tui.base.untrusted_text import Words, as_is

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.tui.bench.workspace import Workspace
    from workbench.tui.form.experiment_form import ExperimentForm
    from workbench.tui.session import SessionStore

__all__ = ["BenchBody"]


class BenchBody(Horizontal):
    """Empty frames at first: what stands in them takes longer to import than all the rest.

    Args:
        store: what the next session begins with: what charts show and how.
        refresh_hz: how often a run that goes on is read, in a second.

    Attributes:
        form: the form, once it is there.
        workspace: charts and panels, once they are there.
    """

    def __init__(self, store: SessionStore, refresh_hz: float) -> None:
        super().__init__(id="body")
        self._store, self._refresh_hz = store, refresh_hz
        self._furnishing = asyncio.Lock()
        self.form: ExperimentForm | None = None
        self.workspace: Workspace | None = None

    def compose(self) -> ComposeResult:
        """The frames."""
        yield Vertical(*_frames("Architecture", "Dataset", "Hyperparameters"), id="sidebar")
        with Vertical(id="main"):
            yield Horizontal(*_frames("loss", ""), classes="frames")
            yield from _frames("")

    async def furnish(self) -> Workspace:
        """Put charts and panels into their frames, once; the first frame has been drawn by then."""
        async with self._furnishing:  # it may be asked for twice at the same time
            if self.workspace is None:
                from workbench.tui.bench.workspace import Workspace

                workspace = Workspace(self._store.session, self._refresh_hz)
                main = self.query_one("#main")
                with self.app.batch_update():
                    await main.remove_children()
                    await main.mount(workspace)
                self.workspace = workspace  # not before: a handler that comes in between would look into an empty box
                self.say_alone()
            return self.workspace

    def say_alone(self) -> None:
        """Say in the charts' titles whether there is room for one of them only."""
        if self.workspace is not None:
            self.workspace.charts.say_alone(alone=self.screen.has_class("-narrow") and not self.screen.has_class("-tall"))

    async def load(self, experiment: Experiment, *, live: bool) -> None:
        """Show an experiment in the form, which is made at the first one.

        Args:
            experiment: the experiment.
            live: a run goes on.
        """
        if self.form is not None:
            self.form.load(experiment)
            return
        from workbench.tui.form.experiment_form import ExperimentForm

        async with self._furnishing:
            if self.form is not None:
                self.form.load(experiment)
                return
            form = ExperimentForm(experiment)
            sidebar = self.query_one("#sidebar")
            with self.app.batch_update():
                await sidebar.remove_children()
                await sidebar.mount(form)
            self.form = form
        form.run_state(live=live)
        if self.screen.focused is None and not self.screen.has_class("-narrow"):
            self.screen.call_after_refresh(self.focus_form)

    def focus_form(self) -> None:
        """The form's first list; a form that is only just being put together has none yet."""
        pickers = [] if self.form is None else list(self.form.query("CardPicker"))
        if pickers:
            pickers[0].focus()


def _frames(*titles: str) -> list[Words]:
    """Empty frames with titles, for the first moment."""
    frames = [Words(classes="frame") for _ in titles]
    for frame, title in zip(frames, titles, strict=True):
        frame.border_title = as_is(title)
    return frames
