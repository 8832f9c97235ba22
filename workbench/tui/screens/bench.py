"""Bench: choose and tweak on the left, watch on the right, and everything that can be done to the run that is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from workbench.plotting.canvas import clean
from workbench.runs.names import name_problem
from workbench.tui.bindings import bindings
from workbench.tui.plain import Words, as_is
from workbench.tui.requests import DescribeModel, ScreenReady, ShowInTitle, StartRun
from workbench.tui.steering import Steering
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.run_watcher import RunFacts, RunWatcher
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.notifications import Notification

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.run_data import RunData
    from workbench.tui.settings import SessionStore
    from workbench.tui.widgets.experiment_form import ExperimentForm
    from workbench.tui.widgets.workspace import Workspace

__all__ = ["BenchScreen"]

_DESCRIBE_AFTER_S = 0.4


class BenchScreen(Steering):
    """The form, two charts, panels and a progress line, about at most one run."""

    HELP = """
    ## Bench

    Choose an architecture and a dataset on the left, change what you like, and press `F5`. Loss and gradient norm draw
    while the run goes on; settings marked as live can be changed meanwhile. The run goes on when you leave.
    """
    AUTO_FOCUS = ""  # the form takes the focus once it is there
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("bench")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (170, "-wide")]  # noqa: RUF012 - Textual's name and type
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (32, "-tall")]  # noqa: RUF012 - Textual's name and type

    def __init__(self, store: SessionStore, refresh_hz: float) -> None:
        """Make the screen, empty.

        Args:
            store: what the next session begins with: the form's experiment, and how charts are drawn.
            refresh_hz: how often a run that goes on is read, in a second.
        """
        super().__init__()
        self._store, self._refresh_hz = store, refresh_hz
        self._describe_timer: Timer | None = None
        self._form: ExperimentForm | None = None
        self._workspace: Workspace | None = None
        self._furnishing = asyncio.Lock()
        self._name_wanted = ""
        self._refusal: Notification | None = None
        self._changes: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """Empty frames at first: what stands in them takes longer to import than all the rest (see `furnish`)."""
        yield TitleBar("bench")
        with Horizontal(id="body"):
            yield Vertical(*_frames("Architecture", "Dataset", "Hyperparameters"), id="sidebar")
            with Vertical(id="main"):
                yield Horizontal(*_frames("loss", "gradient norm"), classes="frames")
                yield from _frames("")
        yield RunWatcher(self._refresh_hz)
        yield KeyLine()

    # The parts ---------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> ExperimentForm | None:
        """The form, once it is there."""
        return self._form

    @property
    def awaits_form(self) -> bool:
        """Whether a form is still to come, with the experiment of the run that is shown."""
        return self._form is None and self._folder is not None

    @property
    def workspace(self) -> Workspace | None:
        """Charts and panels, once they are there."""
        return self._workspace

    async def furnish(self) -> Workspace:
        """Put charts and panels into their frames, once; the first frame has been drawn by then."""
        async with self._furnishing:  # the app and this screen may ask for it at the same time
            if self._workspace is None:
                from workbench.tui.widgets.workspace import Workspace

                workspace = Workspace(self._store.session)
                main = self.query_one("#main")
                with self.app.batch_update():
                    await main.remove_children()
                    await main.mount(workspace)
                self._workspace = workspace  # not before: a handler that comes in between would look into an empty box
                self._say_alone()
            return self._workspace

    def on_resize(self) -> None:
        """Another size may have room for one chart more or less."""
        self.call_after_refresh(self._say_alone)

    def _say_alone(self) -> None:
        if self._workspace is not None:
            self._workspace.say_alone(alone=self.has_class("-narrow") and not self.has_class("-tall"))

    async def load(self, experiment: Experiment) -> None:
        """Show an experiment in the form."""
        await self.furnish()
        if self._form is not None:
            self._form.load(experiment)
        else:
            await self._make_form(experiment)
        self._show_experiment(experiment)

    async def _make_form(self, experiment: Experiment) -> None:
        from workbench.tui.widgets.experiment_form import ExperimentForm

        async with self._furnishing:
            if self._form is not None:
                self._form.load(experiment)
                return
            form = ExperimentForm(experiment)
            sidebar = self.query_one("#sidebar")
            with self.app.batch_update():
                await sidebar.remove_children()
                await sidebar.mount(form)
            self._form = form
        form.run_state(live=self._live)
        if self.focused is None and not self.has_class("-narrow"):
            self.call_after_refresh(self._focus_form)

    def _focus_form(self) -> None:
        """The form's first list; a form that is only just being put together has none yet."""
        pickers = [] if self._form is None else list(self._form.query("CardPicker"))
        if pickers:
            pickers[0].focus()

    def _show_experiment(self, experiment: Experiment) -> None:
        if self._workspace is not None:
            self._workspace.show_experiment(experiment)
        self._store.remember(experiment=experiment.to_dict())
        if self._describe_timer is not None:
            self._describe_timer.stop()
        if not self._live:  # measuring would take the processor from the run
            self._describe_timer = self.set_timer(_DESCRIBE_AFTER_S, lambda: self.app.post_message(DescribeModel(experiment)))

    def on_experiment_form_changed(self, message: ExperimentForm.Changed) -> None:
        """The form was edited."""
        if message.experiment is not None:
            self._take_back_refusal()
            self._show_experiment(message.experiment)
            self._store.remember(typed=None)
        elif self._form is not None:
            self._store.remember(typed=self._form.typed)
        self.refresh_bindings()

    def on_experiment_form_live_changed(self, message: ExperimentForm.LiveChanged) -> None:
        """A live setting was edited: tell the worker."""
        self.change(message.changes)

    # The run -----------------------------------------------------------------------------------------------------------

    async def show_run(self, folder: RunFolder) -> None:
        """Show this run from now on."""
        workspace = await self.furnish()
        self._folder, self.run_data, self.facts, self._changes = folder, None, RunFacts(), ()
        workspace.begin_run(folder.exports_path)
        if self.starting:
            workspace.say_starting(self.starting)
        self._show_in_title()
        self.query_one(RunWatcher).watch_run(folder)

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        data = message.data
        if self._folder is None or data.folder != self._folder:
            return
        before = self.run_data
        self.run_data, self.starting = data, ""
        self._draw()
        self._show_in_title()
        changes = tuple(event.id for event in data.events if event.kind == "changed")
        if changes != self._changes:
            self._changes = changes
            self._show_changes()
        if before is None or (before.status.state, before.status.alive) != (data.status.state, data.status.alive):
            self._state_changed(data)
            if before is not None and before.status.alive and data.status.state in ("finished", "stopped"):
                self._announce(data)

    def _show_in_title(self) -> None:
        self.app.post_message(ShowInTitle(self.run_data, self.starting))

    def _draw(self) -> None:
        if self.run_data is not None and self._workspace is not None:
            self._workspace.show_run(self.run_data, self.facts)

    def _show_changes(self) -> None:
        """The form shows what is in force in the run, beside its own values, which are the next run's."""
        from workbench.runs.changes import LiveChanges

        data = self.run_data
        if self._form is not None and data is not None:
            self._form.in_force(LiveChanges.of(data.events).until(data.status.step) if data.status.alive else {})

    def not_changed(self) -> None:
        """A change that was asked for was not made: the form shows what is in force."""
        self._show_changes()

    def _state_changed(self, data: RunData) -> None:
        if self.form is not None:
            self.form.run_state(live=data.status.alive)
        if not data.status.alive:
            self._leave_rate_dialog()
        self.refresh_bindings()
        if data.status.state in ("failed", "lost") and data.events:
            self.notify(
                data.events[-1].message or data.status.state, title=f"Run {data.status.state}", severity="error", timeout=10
            )

    def _announce(self, data: RunData) -> None:
        """A run that was watched has ended: say what came out, on whichever screen one is."""
        from workbench.tui.outcome import result_words

        words = "\n".join(result_words(data, self.facts.experiment, self.facts.asked)) or "Nothing was measured."
        self.app.notify(words, title=f"{clean(data.title)} {data.status.state}", timeout=15, markup=False)

    @on(RunWatcher.Learned)
    async def _learned(self, message: RunWatcher.Learned) -> None:
        if message.folder != self._folder:
            return
        self.facts = message.facts
        self._draw()
        if message.facts.problem:
            self.notify(message.facts.problem, severity="warning")
        form, experiment = self.form, message.facts.experiment
        if experiment is not None and (form is None or form.experiment != experiment):
            await self.load(experiment)
        self._show_changes()
        self.app.post_message(ScreenReady(self))

    @on(RunWatcher.Failed)
    def _lost_sight(self, message: RunWatcher.Failed) -> None:
        if message.folder == self._folder:
            self.notify(message.problem, title="The run cannot be read", severity="error", timeout=10)
            self.action_close_run()
            self.app.post_message(ScreenReady(self))

    def on_chart_options_changed(self) -> None:
        """Keep the way charts are drawn for the next session."""
        if self._workspace is not None:
            loss, gradient = self._workspace.chart_options
            self._store.remember(loss=loss, gradient=gradient)

    # Keys --------------------------------------------------------------------------------------------------------------

    def action_start(self) -> None:
        """Start a run of the form's experiment."""
        self._start_as("")

    def action_start_named(self) -> None:
        """Ask for a name, then start."""
        from workbench.tui.dialogs.prompts import TextDialog

        if self._too_early():
            return
        dialog = TextDialog("Start with a name", "Commands find the run by it.", "", name_problem, "empty for none")

        def answered(name: str | None) -> None:
            if name is not None:
                self._start_as(name)

        self.app.push_screen(dialog, answered)

    def _start_as(self, name: str) -> None:
        form = self.form
        if self._too_early():
            return
        self._name_wanted = name
        if form is None:
            self.notify("There is no experiment to start: F4 offers some.", title="Not started", severity="warning")
        elif wrong := form.when_checked(self._start_checked):
            self._refuse_start(wrong)

    def _start_checked(self) -> None:
        """The form's values are known to be what it shows: start, or show what is wrong."""
        form = self.form
        if form is None or self._live or self.starting:
            return
        if form.experiment is None:
            lines = "\n".join(str(problem) for problem in form.problems)
            self._refuse_start(lines or "Something in the form is wrong.")
            self._show_form()
            form.show_problem()
        else:
            self.begin("starting ...")
            self.app.post_message(StartRun(form.experiment, self._name_wanted))

    def _refuse_start(self, why: str) -> None:
        self._take_back_refusal()
        self._refusal = self.app.tell(why, "Not started", "error")

    def _take_back_refusal(self) -> None:
        """The form is right again, or something else is wrong with it now."""
        if self._refusal is not None:
            self.app.take_back(self._refusal)
            self._refusal = None

    def _show_form(self) -> None:
        if self.has_class("-narrow"):
            self.add_class("-drawer")
        self.remove_class("-no-form")

    def point_at(self, name: str) -> None:
        """Show the form and move the focus to one of its settings ("optimizer.lr")."""
        if self._form is not None:
            self._show_form()
            self._form.point_at(name)
            self.refresh_bindings()

    def begin(self, words: str) -> None:
        """Show at once that a run is on its way; what was shown of another one goes."""
        self.action_close_run()
        self.remove_class("-drawer")
        self.starting = words
        if self._workspace is not None:
            self._workspace.say_starting(words)
        self._show_in_title()
        self.refresh_bindings()

    def not_begun(self) -> None:
        """The run that was on its way will not come."""
        if self.starting:
            self.action_close_run()

    def action_close_run(self) -> None:
        """Show no run."""
        self.query_one(RunWatcher).stop()
        self._folder, self.run_data, self.facts, self.starting = None, None, RunFacts(), ""
        if self._workspace is not None:
            self._workspace.end_run()
        self._show_in_title()
        if self._form is not None:
            self._form.run_state(live=False)
        self.refresh_bindings()

    def action_drawer(self) -> None:
        """Show or hide the form: in place of the charts where the terminal is narrow."""
        narrow = self.has_class("-narrow")
        self.toggle_class("-drawer" if narrow else "-no-form")
        shown = self.has_class("-drawer") if narrow else not self.has_class("-no-form")
        if shown:
            self._focus_form()
        elif self._workspace is not None:
            self._workspace.loss.focus()
        self.refresh_bindings()

    def action_maximise(self) -> None:
        """Give the focused chart or panel the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif self._workspace is not None:
            widget = self._workspace.to_maximise(self.focused)
            if widget.can_focus:
                widget.focus()
            self.maximize(widget, container=False)

    def action_turn_panel(self, by: int) -> None:
        """Show the next panel, or the one before."""
        if self._workspace is not None:
            self._workspace.panels.turn(by, self.focused)

    def action_focus_chart(self) -> None:
        """Move the focus to the next chart; where only one fits, show that one."""
        if self._workspace is not None:
            chart = self._workspace.next_chart()
            self.set_class(chart.id == "gradient", "-gradient")
            self.call_after_refresh(chart.focus)


def _frames(*titles: str) -> list[Words]:
    """Empty frames with titles, for the first moment."""
    frames = [Words(classes="frame") for _ in titles]
    for frame, title in zip(frames, titles, strict=True):
        frame.border_title = as_is(title)
    return frames
