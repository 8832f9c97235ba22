"""Shows a run on Bench, from the moment that it is asked for until it is closed: form, title, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plotting.canvas import clean
from workbench.tui.requests import ShowInTitle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.screen import Screen

    from workbench.runs.folder import RunFolder
    from workbench.tui.bench.body import BenchBody
    from workbench.tui.run.data import RunData
    from workbench.tui.run.race import Racer
    from workbench.tui.run.shown_run import ShownRun
    from workbench.tui.run.watcher import RunFacts

__all__ = ["RunDisplay"]


class RunDisplay:
    """Keeps what Bench shows of its run up to date.

    Args:
        screen: Bench.
        body: form, charts and panels.
        run: the run that is shown.

    Attributes:
        form_is_free: the form is the next run's, though the one that is shown goes on.
        form_shows: the run whose experiment was put into the form; what is changed in it then stays.
    """

    def __init__(self, screen: Screen[None], body: BenchBody, run: ShownRun) -> None:
        self._screen, self._body, self._run = screen, body, run
        self.form_is_free = False
        self.form_shows: RunFolder | None = None

    async def show(self, folder: RunFolder, beside: Sequence[RunFolder] = ()) -> None:
        """Show this run from now on, and others in its charts."""
        workspace = await self._body.furnish()
        if self._screen.maximized is not None and (beside or folder != self._run.folder):
            self._screen.minimize()  # what was asked for would not be seen
        if not (beside and folder == self._run.folder):
            self.form_shows = None
            self._free_form(free=False)
        self._run.show(folder)
        workspace.begin_run(folder, beside)
        if self._run.starting:
            workspace.say_starting(self._run.starting)
        self._draw_title()

    def turn_to(self, racer: Racer) -> None:
        """Another one of the runs in the charts is in front: what is said and steered is about it."""
        self._run.show(racer.folder)
        self.learn(racer.facts)
        if racer.data is not None:
            self.take(racer.data)
            self.show_changes()
        self._draw_title()
        self._screen.refresh_bindings()

    def free_form(self) -> None:
        """The form is the next run's from now on, while the one that is shown goes on."""
        self._free_form(free=True)
        self._screen.notify("The form is the next run's now: what you change does not reach the run that goes on. F5 starts it.")

    def _free_form(self, *, free: bool) -> None:
        self.form_is_free = free
        if self._body.form is not None:
            self._body.form.run_state(live=self._run.live and not free)
            self._body.form.is_for_next_run(free)

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
        self.form_shows = None
        if self._body.workspace is not None:
            self._body.workspace.end_run()
        self._draw_title()
        self._free_form(free=False)
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

    def say_doing(self, words: str) -> None:
        """Say in the title what is being done to the run by another process; "" when that is over."""
        self._run.doing = words
        self._draw_title()

    def _draw_title(self) -> None:
        self._screen.app.post_message(ShowInTitle(self._run.data, self._run.starting or self._run.doing))

    def _state_changed(self, data: RunData) -> None:
        if self._body.form is not None:
            self._body.form.run_state(live=data.status.alive and not self.form_is_free)
        self._screen.refresh_bindings()
        if data.status.state in ("failed", "lost") and data.events:
            words = data.events[-1].message or data.status.state
            self._screen.notify(words, title=f"Run {data.status.state}", severity="error", timeout=10)

    def _announce(self, data: RunData) -> None:
        """A run that was watched has ended: say what came out, on whichever screen one is."""
        from workbench.lessons.progress import lesson_of_run
        from workbench.tui.run.outcome import result_words  # here: it is not for the first frame

        words = "\n".join(result_words(data, self._run.facts.experiment, self._run.facts.requirement)) or "Nothing was measured."
        if lesson_of_run(data.folder.path):
            words += "\nF7 tells what came of your prediction."
        self._screen.app.notify(words, title=f"{clean(data.title)} {data.status.state}", timeout=15, markup=False)
