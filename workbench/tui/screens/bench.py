"""Bench: choose and tweak on the left, watch on the right, and everything that can be done to the run that is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer, TabbedContent, TabPane

from workbench.tui.bindings import bindings
from workbench.tui.widgets.chart import Chart
from workbench.tui.widgets.concept_card import ConceptCard
from workbench.tui.widgets.journal import EventList, WorkerLog
from workbench.tui.widgets.predictions import Predictions
from workbench.tui.widgets.progress_line import ProgressLine
from workbench.tui.widgets.run_watcher import RunFacts, RunWatcher
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.run_data import RunData
    from workbench.tui.widgets.experiment_form import ExperimentForm

__all__ = ["BenchScreen"]

_DESCRIBE_AFTER_S = 0.4
_LIVE_ACTIONS = ("stop", "checkpoint", "evaluate", "learning_rate")
_RESUMABLE = ("paused", "stopped", "failed", "lost")


class Panels(TabbedContent):
    """The tabs below the charts."""

    ALLOW_MAXIMIZE = True
    HELP = "`left` `right` on the tabs change the panel, `m` gives it the whole screen."


class BenchScreen(Screen[None]):
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
        self._folder: RunFolder | None = None
        self._describe_timer: Timer | None = None
        self._charts_cache: Any = None

    def compose(self) -> ComposeResult:
        """The form is mounted after the first frame: its cards take longer to import than all the rest."""
        session = self.app.session
        yield TitleBar("bench")
        with Horizontal(id="body"):
            yield Vertical(id="sidebar")
            with Vertical(id="main"):
                with Horizontal(id="charts"):
                    yield Chart("loss", "loss", session.loss, id="loss")
                    yield Chart("gradient norm", "gradient-norm", session.gradient, id="gradient")
                with Panels(id="panels"):
                    yield TabPane("Concept", ConceptCard(), id="concept")
                    yield TabPane("Data", id="data")
                    yield TabPane("Predictions", Predictions(), id="predictions")
                    yield TabPane("Events", EventList(), id="events")
                    yield TabPane("Log", WorkerLog(), id="log")
                yield ProgressLine(id="progress")
        yield RunWatcher(self.app.settings.refresh_hz)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show that the charts wait for a run."""
        for chart in self.query(Chart):
            chart.hint = "F5 starts a run"
        self.query_one(ProgressLine).hint = "F5 starts the run"

    # The experiment ----------------------------------------------------------------------------------------------------

    @property
    def form(self) -> ExperimentForm | None:
        """The form, once it is there."""
        from workbench.tui.widgets.experiment_form import ExperimentForm

        return next(iter(self.query(ExperimentForm)), None)

    async def load(self, experiment: Experiment) -> None:
        """Show an experiment in the form."""
        from workbench.tui.widgets.experiment_form import ExperimentForm
        from workbench.tui.widgets.preview import DataPreview

        form = self.form
        if form is None:
            await self.query_one("#data", TabPane).mount(DataPreview())
            form = ExperimentForm(experiment)
            await self.query_one("#sidebar").mount(form)
            if self.focused is None and not self.has_class("-narrow"):
                form.query("OptionList").first().focus()
        else:
            form.load(experiment)
        self._show_experiment(experiment)

    def _show_experiment(self, experiment: Experiment) -> None:
        from workbench.tui.widgets.preview import DataPreview

        self.query_one(ConceptCard).show(experiment)
        for preview in self.query(DataPreview):
            preview.show(experiment)
        self.app.remember(experiment=experiment.to_dict())
        if self._describe_timer is not None:
            self._describe_timer.stop()
        if self._live:
            return
        self._describe_timer = self.set_timer(_DESCRIBE_AFTER_S, lambda: self.app.describe(experiment))

    @on(TabbedContent.TabActivated)
    def _panel_shown(self) -> None:
        self._show_panel()

    def form_changed(self, experiment: Experiment | None) -> None:
        """The form holds another experiment, or (None) something wrong."""
        if experiment is not None:
            self._show_experiment(experiment)
        self.refresh_bindings()

    def on_experiment_form_changed(self, message: ExperimentForm.Changed) -> None:
        """The form was edited."""
        self.form_changed(message.experiment)

    def on_experiment_form_live_changed(self, message: ExperimentForm.LiveChanged) -> None:
        """A live setting was edited: tell the worker."""
        self._send("set", **message.changes)

    # The run -----------------------------------------------------------------------------------------------------------

    @property
    def _live(self) -> bool:
        return self.run_data is not None and self.run_data.status.alive

    def show_run(self, folder: RunFolder) -> None:
        """Show this run from now on."""
        from workbench.tui.run_charts import ChartCache

        self._folder, self.run_data, self.facts = folder, None, RunFacts()
        self._charts_cache = ChartCache()
        for chart in self.query(Chart):
            chart.save_folder = folder.exports_path
            chart.hint = "starting"
        self.query_one(RunWatcher).watch_run(folder)

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        data = message.data
        if self._folder is None or data.folder != self._folder:
            return
        before = self.run_data
        self.run_data = data
        self._draw_charts()
        self.query_one(ProgressLine).show_run(data)
        self.app.show_in_title()
        self._show_panel()
        if before is None or (before.status.state, before.status.alive) != (data.status.state, data.status.alive):
            self._state_changed(data)

    def _draw_charts(self) -> None:
        from workbench.tui.run_charts import gradient_chart, loss_chart

        if self.run_data is not None:
            self.query_one("#loss", Chart).show_data(loss_chart(self.run_data, self.facts, self._charts_cache))
            self.query_one("#gradient", Chart).show_data(gradient_chart(self.run_data, self.facts, self._charts_cache))

    def _state_changed(self, data: RunData) -> None:
        if self.form is not None:
            self.form.run_state(live=data.status.alive)
        self.refresh_bindings()
        if data.status.state in ("failed", "lost") and data.events:
            self.notify(
                data.events[-1].message or data.status.state, title=f"Run {data.status.state}", severity="error", timeout=10
            )

    def _show_panel(self) -> None:
        data = self.run_data
        if data is None:
            return
        match self.query_one(Panels).active:  # hidden panels are left alone
            case "predictions":
                self.query_one(Predictions).show(data.predictions)
            case "events":
                self.query_one(EventList).show(data.events)
            case "log":
                self.query_one(WorkerLog).show(data.log)

    @on(RunWatcher.Learned)
    async def _learned(self, message: RunWatcher.Learned) -> None:
        if message.folder != self._folder:
            return
        self.facts = message.facts
        self._draw_charts()
        if message.facts.problem:
            self.notify(message.facts.problem, severity="warning")
        form, experiment = self.form, message.facts.experiment
        if experiment is not None and (form is None or form.experiment != experiment):
            await self.load(experiment)
        if form is not None:
            form.run_state(live=self._live)

    @on(RunWatcher.Failed)
    def _lost_sight(self, message: RunWatcher.Failed) -> None:
        if message.folder == self._folder:
            self.notify(message.problem, title="The run cannot be read", severity="error", timeout=10)
            self.action_close_run()

    # Charts ------------------------------------------------------------------------------------------------------------

    @on(Chart.CrosshairMoved)
    def _same_crosshair(self, message: Chart.CrosshairMoved) -> None:
        for chart in self.query(Chart):
            if chart is not message.chart:
                chart.set_crosshair(message.step)

    @on(Chart.OptionsChanged)
    def _same_options(self, message: Chart.OptionsChanged) -> None:
        options = message.options
        for chart in self.query(Chart):
            if chart is not message.chart:
                chart.set_options(replace(chart.options, smoothing=options.smoothing, axis=options.axis, log_x=options.log_x))
        self.app.remember(loss=self.query_one("#loss", Chart).options, gradient=self.query_one("#gradient", Chart).options)

    # Keys --------------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only keys that do something now are shown and work."""
        if action in _LIVE_ACTIONS:
            return self._live
        if action == "pause":
            return self._live or (self.run_data is not None and self.run_data.status.state in _RESUMABLE)
        if action in ("export", "close_run"):
            return self._folder is not None
        if action == "start":
            return not self._live
        return True

    def action_start(self) -> None:
        """Start a run of the form's experiment."""
        form = self.form
        if form is None:
            self.notify("The form is still being filled.")
        elif form.experiment is None:
            lines = "\n".join(str(problem) for problem in form.problems)
            self.notify(lines or "Something in the form is wrong.", title="Not started", severity="error")
        else:
            self.app.start_experiment(form.experiment)

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._folder is None or self.run_data is None:
            return
        if not self._live:
            self.app.resume_run(self._folder)
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

        rates = self.run_data.lines.get("train/lr") if self.run_data else None
        now = f"{rates.values[-1]:g}" if rates is not None and len(rates.values) else ""
        dialog = TextDialog("Learning rate", "From the next step on (the schedule goes on from it):", now, _rate_problem, "0.001")
        self.app.push_screen(dialog, lambda text: self._send("set", **{"optimizer.lr": float(text)}) if text else None)

    def _send(self, verb: str, **arguments: Any) -> None:
        if self._folder is not None:
            self.app.send_command(self._folder, verb, **arguments)

    def action_export(self) -> None:
        """Open the export dialog."""
        if self._folder is not None:
            self.app.export_run(self._folder)

    def action_close_run(self) -> None:
        """Show no run."""
        self.query_one(RunWatcher).stop()
        self._folder, self.run_data, self.facts = None, None, RunFacts()
        from workbench.tui.widgets.chart_data import ChartData

        for chart in self.query(Chart):
            chart.hint = "F5 starts a run"
            chart.show_data(ChartData())
        self.query_one(ProgressLine).show_run(None)
        self.app.show_in_title()
        self.query_one(Predictions).show(None)
        self.query_one(EventList).show(())
        self.query_one(WorkerLog).show("")
        if self.form is not None:
            self.form.run_state(live=False)
        self.refresh_bindings()

    def action_drawer(self) -> None:
        """Show or hide the form: a drawer over the charts where the terminal is narrow."""
        self.toggle_class("-drawer" if self.has_class("-narrow") else "-no-form")
        form = self.form
        if form is not None and form.display and self.query_one("#sidebar").display:
            form.query("OptionList").first().focus()
        elif self.focused is not None and not self.focused.is_on_screen:
            self.query_one("#loss", Chart).focus()

    def action_maximise(self) -> None:
        """Give the focused chart or the panels the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
            return
        focused = self.focused
        if focused is not None and self.query_one(Panels) in focused.ancestors:
            self.maximize(self.query_one(Panels), container=False)
        else:
            chart = focused if isinstance(focused, Chart) else self.query_one("#loss", Chart)
            chart.focus()
            self.maximize(chart, container=False)

    def action_focus_chart(self) -> None:
        """Move the focus to the next chart; where only one fits, show that one."""
        loss, gradient = self.query_one("#loss", Chart), self.query_one("#gradient", Chart)
        target = gradient if loss.has_focus else loss
        self.set_class(target is gradient, "-gradient")
        self.call_after_refresh(target.focus)


def _rate_problem(text: str) -> str | None:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    return None if 0 < rate <= 1000 else f"got '{text}'; expected a number above 0, for example 3e-4"  # noqa: PLR2004 - the setting's bound
