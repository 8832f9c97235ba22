"""Bench: choose and tweak on the left, watch on the right, and everything that can be done to the run that is shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from workbench.plotting.canvas import clean
from workbench.runs.names import name_problem
from workbench.saying import said
from workbench.tui.bindings import bindings
from workbench.tui.plain import Words, as_is
from workbench.tui.steady_screen import SteadyScreen
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.run_watcher import RunFacts, RunWatcher
from workbench.tui.widgets.title_bar import TitleBar
from workbench.typed import number_hint, read_as

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.run_data import RunData
    from workbench.tui.widgets.experiment_form import ExperimentForm
    from workbench.tui.widgets.workspace import Workspace

__all__ = ["BenchScreen"]

_DESCRIBE_AFTER_S = 0.4
_LIVE_ACTIONS = ("stop", "checkpoint", "evaluate", "learning_rate")
_RESUMABLE = ("paused", "stopped", "failed", "lost")


class BenchScreen(SteadyScreen[None]):
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
    app: WorkbenchApp

    def __init__(self) -> None:
        super().__init__()
        self.run_data: RunData | None = None
        self.facts = RunFacts()
        self.starting = ""
        self._folder: RunFolder | None = None
        self._describe_timer: Timer | None = None
        self._form: ExperimentForm | None = None
        self._workspace: Workspace | None = None
        self._furnishing = asyncio.Lock()
        self._start_wanted = False
        self._name_wanted = ""

    def compose(self) -> ComposeResult:
        """Empty frames at first: what stands in them takes longer to import than all the rest (see `furnish`)."""
        yield TitleBar("bench")
        with Horizontal(id="body"):
            yield Vertical(*_frames("Architecture", "Dataset", "Hyperparameters"), id="sidebar")
            with Vertical(id="main"):
                yield Horizontal(*_frames("loss", "gradient norm"), classes="frames")
                yield from _frames("")
        yield RunWatcher(self.app.settings.refresh_hz)
        yield KeyLine()

    # The parts ---------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> ExperimentForm | None:
        """The form, once it is there."""
        return self._form

    @property
    def workspace(self) -> Workspace | None:
        """Charts and panels, once they are there."""
        return self._workspace

    async def furnish(self) -> Workspace:
        """Put charts and panels into their frames, once; the first frame has been drawn by then."""
        async with self._furnishing:  # the app and this screen may ask for it at the same time
            if self._workspace is None:
                from workbench.tui.widgets.workspace import Workspace

                workspace = Workspace(self.app.session)
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
        if self._start_wanted:
            self._start_wanted = False
            self.call_after_refresh(self._start_as, self._name_wanted)

    def _focus_form(self) -> None:
        """The form's first list; a form that is only just being put together has none yet."""
        pickers = [] if self._form is None else list(self._form.query("CardPicker"))
        if pickers:
            pickers[0].focus()

    def _show_experiment(self, experiment: Experiment) -> None:
        if self._workspace is not None:
            self._workspace.show_experiment(experiment)
        self.app.remember(experiment=experiment.to_dict())
        if self._describe_timer is not None:
            self._describe_timer.stop()
        if not self._live:  # measuring would take the processor from the run
            self._describe_timer = self.set_timer(_DESCRIBE_AFTER_S, lambda: self.app.describe(experiment))

    def on_experiment_form_changed(self, message: ExperimentForm.Changed) -> None:
        """The form was edited."""
        if message.experiment is not None:
            self._show_experiment(message.experiment)
        self.refresh_bindings()

    def on_experiment_form_live_changed(self, message: ExperimentForm.LiveChanged) -> None:
        """A live setting was edited: tell the worker."""
        self._send("set", **message.changes)

    # The run -----------------------------------------------------------------------------------------------------------

    @property
    def _live(self) -> bool:
        return self.run_data is not None and self.run_data.status.alive

    @property
    def live_run(self) -> str:
        """The name of the run that is shown, while a process works on it; else ""."""
        return self.run_data.title if self._live and self.run_data is not None else ""

    async def show_run(self, folder: RunFolder) -> None:
        """Show this run from now on."""
        workspace = await self.furnish()
        self._folder, self.run_data, self.facts = folder, None, RunFacts()
        workspace.begin_run(folder.exports_path)
        if self.starting:
            workspace.say_starting(self.starting)
        self.app.show_in_title()
        self.query_one(RunWatcher).watch_run(folder)

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        data = message.data
        if self._folder is None or data.folder != self._folder:
            return
        before = self.run_data
        self.run_data, self.starting = data, ""
        self._draw()
        self.app.show_in_title()
        if before is None or (before.status.state, before.status.alive) != (data.status.state, data.status.alive):
            self._state_changed(data)
            if before is not None and before.status.alive and data.status.state in ("finished", "stopped"):
                self._announce(data)

    def _draw(self) -> None:
        if self.run_data is not None and self._workspace is not None:
            self._workspace.show_run(self.run_data, self.facts)

    def _state_changed(self, data: RunData) -> None:
        if self.form is not None:
            self.form.run_state(live=data.status.alive)
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

    @on(RunWatcher.Failed)
    def _lost_sight(self, message: RunWatcher.Failed) -> None:
        if message.folder == self._folder:
            self.notify(message.problem, title="The run cannot be read", severity="error", timeout=10)
            self.action_close_run()

    def on_chart_options_changed(self) -> None:
        """Keep the way charts are drawn for the next session."""
        if self._workspace is not None:
            loss, gradient = self._workspace.chart_options
            self.app.remember(loss=loss, gradient=gradient)

    # Keys --------------------------------------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, called by what they would do."""
        found = super().active_bindings
        words = {}
        if self.run_data is not None and self.run_data.status.state in _RESUMABLE:
            words["bench.pause"] = "Resume"
        if self.has_class("-narrow") and self.has_class("-drawer"):
            words["bench.drawer"] = "Charts"
        for key, active in found.items():
            description = words.get(active.binding.id or "")
            if description:
                found[key] = active._replace(binding=replace(active.binding, description=description))
        return found

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only keys that do something now are shown and work."""
        if self.starting and action in ("start", "start_named", "pause", *_LIVE_ACTIONS):
            return True  # a key that is pressed too early is answered in words
        if action in _LIVE_ACTIONS:
            return self._live
        if action == "pause":
            return self._live or (self.run_data is not None and self.run_data.status.state in _RESUMABLE)
        if action in ("export", "close_run"):
            return self._folder is not None
        if action in ("start", "start_named"):
            return not self._live
        return True

    def action_start(self) -> None:
        """Start a run of the form's experiment."""
        self._start_as("")

    def action_start_named(self) -> None:
        """Ask for a name, then start."""
        from workbench.tui.screens.prompts import TextDialog

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
            self._start_wanted = True  # a key of the first second is carried out when the form is there
        elif not form.when_checked(self._start_checked):
            self.notify("The line being typed holds no value for this setting.", title="Not started", severity="error")

    def _start_checked(self) -> None:
        """The form's values are known to be what it shows: start, or show what is wrong."""
        form = self.form
        if form is None or self._live or self.starting:
            return
        if form.experiment is None:
            lines = "\n".join(str(problem) for problem in form.problems)
            self.notify(lines or "Something in the form is wrong.", title="Not started", severity="error")
            self._show_form()
            form.show_problem()
        else:
            self.begin("starting ...")
            self.app.start_experiment(form.experiment, self._name_wanted)

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
        self.app.show_in_title()
        self.refresh_bindings()

    def not_begun(self) -> None:
        """The run that was on its way will not come."""
        if self.starting:
            self.action_close_run()

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._too_early() or self._folder is None or self.run_data is None:
            return
        if not self._live:
            folder = self._folder
            self.begin("resuming ...")
            self.app.resume_run(folder)
        else:
            self._send("resume" if self.run_data.status.state == "paused" else "pause")

    def action_stop(self) -> None:
        """End the run; it keeps a checkpoint."""
        self._send("stop")

    def action_checkpoint(self) -> None:
        """Save a checkpoint."""
        self._send("checkpoint")

    def action_evaluate(self) -> None:
        """Evaluate on validation data."""
        self._send("evaluate")

    def action_learning_rate(self) -> None:
        """Ask for another learning rate and send it."""
        from workbench.tui.screens.prompts import TextDialog

        if self._too_early():
            return
        rates = self.run_data.lines.get("train/lr") if self.run_data else None
        now = f"{rates.values[-1]:g}" if rates is not None and len(rates.values) else ""
        dialog = TextDialog("Learning rate", "From the next step on (the schedule goes on from it):", now, _rate_problem, "0.001")
        self.app.push_screen(dialog, self._set_rate)

    def _set_rate(self, text: str | None) -> None:
        if not text:
            return
        change = {"optimizer.lr": read_as("float", text)}
        self._send("set", **change)
        if self._form is not None:
            self._form.accept(change)

    def _too_early(self) -> bool:
        if self.starting:
            self.notify("The run is starting; press the key again when it trains.")
        return bool(self.starting)

    def _send(self, verb: str, **arguments: Any) -> None:
        if not self._too_early() and self._folder is not None:
            self.app.send_command(self._folder, verb, **arguments)

    def action_export(self) -> None:
        """Open the export dialog."""
        if self._folder is not None:
            self.app.export_run(self._folder)

    def action_close_run(self) -> None:
        """Show no run."""
        self.query_one(RunWatcher).stop()
        self._folder, self.run_data, self.facts, self.starting = None, None, RunFacts(), ""
        if self._workspace is not None:
            self._workspace.end_run()
        self.app.show_in_title()
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


def _rate_problem(text: str) -> str | None:
    rate = read_as("float", text)
    if isinstance(rate, int | float) and 0 < rate <= 1000:  # noqa: PLR2004 - the setting's bound
        return None
    hint = number_hint(text)
    return f"got {said(text)}; expected a number above 0, for example 3e-4.{hint and ' '}{hint}"
