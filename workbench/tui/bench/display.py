"""Shows a run on Bench, from the moment that it is asked for until it is closed: form, title, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plotting.canvas import clean
from workbench.tui.requests import ShowInTitle

if TYPE_CHECKING:
    from textual.screen import Screen

    from workbench.runs.folder import RunFolder
    from workbench.tui.bench.body import BenchBody
    from workbench.tui.run.data import RunData
    from workbench.tui.run.shown_run import ShownRun
    from workbench.tui.run.watcher import RunFacts

__all__ = ["RunDisplay"]


class RunDisplay:
    """Keeps what Bench shows of its run up to date.

    Args:
        screen: Bench.
        body: form, charts and panels.
        run: the run that is shown.
    """

    def __init__(self, screen: Screen[None], body: BenchBody, run: ShownRun) -> None:
        self._screen, self._body, self._run = screen, body, run

    async def show(self, folder: RunFolder) -> None:
        """Show this run from now on."""
        workspace = await self._body.furnish()
        self._run.show(folder)
        workspace.begin_run(folder)
        if self._run.starting:
            workspace.say_starting(self._run.starting)
        self._draw_title()

    def begin(self, words: str) -> None:
        """Show at once that a run is on its way; what was shown of another one goes."""
        self.close()
        self._screen.remove_class("-drawer")
        self._run.begin(words)
        if self._body.workspace is not None:
            self._body.workspace.say_starting(words)
        self._draw_title()
        self._screen.refresh_bindings()

    def not_begun(self) -> None:
        """The run that was on its way will not come."""
        if self._run.starting:
            self.close()

    def close(self) -> None:
        """Show no run."""
        self._run.clear()
        if self._body.workspace is not None:
            self._body.workspace.end_run()
        self._draw_title()
        if self._body.form is not None:
            self._body.form.run_state(live=False)
        self._screen.refresh_bindings()

    def take(self, data: RunData) -> None:
        """The run has been read anew; charts and panels know it already."""
        news = self._run.read(data)
        self._draw_title()
        if news.changed:
            self.show_changes()
        if news.state:
            self._state_changed(data)
        if news.ended:
            self._announce(data)

    def learn(self, facts: RunFacts) -> None:
        """What does not change in the run has been read."""
        self._run.facts = facts
        if facts.problem:
            self._screen.notify(facts.problem, severity="warning")

    def show_changes(self) -> None:
        """The form shows what is in force in the run, beside its own values, which are the next run's."""
        from workbench.runs.changes import LiveChanges  # here: it is not for the first frame

        data = self._run.data
        if self._body.form is not None and data is not None:
            self._body.form.in_force(LiveChanges.of(data.events).until(data.status.step) if data.status.alive else {})

    def _draw_title(self) -> None:
        self._screen.app.post_message(ShowInTitle(self._run.data, self._run.starting))

    def _state_changed(self, data: RunData) -> None:
        if self._body.form is not None:
            self._body.form.run_state(live=data.status.alive)
        self._screen.refresh_bindings()
        if data.status.state in ("failed", "lost") and data.events:
            words = data.events[-1].message or data.status.state
            self._screen.notify(words, title=f"Run {data.status.state}", severity="error", timeout=10)

    def _announce(self, data: RunData) -> None:
        """A run that was watched has ended: say what came out, on whichever screen one is."""
        from workbench.tui.run.outcome import result_words  # here: it is not for the first frame

        words = "\n".join(result_words(data, self._run.facts.experiment, self._run.facts.requirement)) or "Nothing was measured."
        self._screen.app.notify(words, title=f"{clean(data.title)} {data.status.state}", timeout=15, markup=False)
