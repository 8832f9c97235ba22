"""Bench: choose and tweak on the left, watch on the right, and everything that can be done to the run that is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from workbench.tui.base.guarded import Guarded
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.bench.body import BenchBody
from workbench.tui.bench.clock import Clock
from workbench.tui.bench.display import RunDisplay
from workbench.tui.bench.starting import Starting
from workbench.tui.bench.steering import Steering
from workbench.tui.bindings import bindings
from workbench.tui.requests import DescribeModel, ExportRun, LoadPreset, ResumeRun, ScreenReady
from workbench.tui.run.shown_run import ShownRun
from workbench.tui.run.watcher import RunWatcher
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.bench.chart_area import ChartArea
    from workbench.tui.bench.workspace import Workspace
    from workbench.tui.charts.chart import Chart
    from workbench.tui.form.experiment_form import ExperimentForm
    from workbench.tui.session import SessionStore

__all__ = ["BenchScreen"]

_DESCRIBE_AFTER_S = 0.4


class BenchScreen(SteadyScreen[None]):
    """The form, two charts, panels and a progress line, about a run, or several in the same charts.

    Most methods are handlers of keys and messages, which Textual looks for on the screen; what they do is done by its parts.

    Args:
        app: the app that the screen is for.
        store: what the next session begins with: the form's experiment, what charts show and how.
        refresh_hz: how often a run that goes on is read, in a second.

    Attributes:
        run: the run that is shown.
        run_display: keeps what is shown of it up to date.
        steering: what can be asked of it.
        clock: what can be done with its clock.
    """

    HELP = """
    ## Bench

    Choose an architecture and a dataset on the left, change what you like, and press `F5`. Loss and score draw while the run
    goes on, and `v` chooses what else a chart shows; settings marked as live can be changed meanwhile. The run goes on when
    you leave. `F5` once more starts another run beside it, in the queue for a free core, or after it.

    Several runs in the same charts carry their numbers on their lines. The one with a sign before its number is in front: panels,
    levels and keys are about it. `b`, or a click, puts another one in front, `B` takes it out, `t` in a chart turns to another
    split of the data. Where a run trains on other data, the line above the charts says that scores do not compare.

    `R` brings the run back to the step under the crosshair, `n` takes a step, `V` computes the run once more and compares.
    """
    AUTO_FOCUS = ""  # the form takes the focus once it is there
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("bench")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (170, "-wide")]  # noqa: RUF012 - Textual's name and type
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (32, "-tall")]  # noqa: RUF012 - Textual's name and type

    def __init__(self, app: Guarded, store: SessionStore, refresh_hz: float) -> None:
        super().__init__()
        self._store = store
        self._body = BenchBody(store, refresh_hz)
        self.run = ShownRun()
        self.run_display = RunDisplay(self, self._body, self.run)
        self.steering = Steering(self, self.run, self.run_display.show_changes)
        self.clock = Clock(self, self.run, self.steering)
        self._starting = Starting(app, self.run, self._going_on, self.run_display.begin)
        self._describe_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, body, bottom line."""
        yield TitleBar("bench")
        yield self._body
        yield KeyLine()

    def on_resize(self) -> None:
        """Another size may have room for one chart more or less."""
        self.call_after_refresh(self._body.say_alone)

    # The form ------------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> ExperimentForm | None:
        """The form, once it is there."""
        return self._body.form

    @property
    def workspace(self) -> Workspace | None:
        """Charts and panels, once they are there."""
        return self._body.workspace

    @property
    def awaits_form(self) -> bool:
        """Whether a form is still to come, with the experiment of the run that is shown."""
        return self.form is None and self.run.folder is not None

    async def load(self, experiment: Experiment) -> None:
        """Show an experiment in the form."""
        await self._body.furnish()
        await self._body.load(experiment, live=self.run.live)
        self._show_experiment(experiment)

    def _show_experiment(self, experiment: Experiment) -> None:
        if self.workspace is not None:
            self.workspace.show_experiment(experiment)
        self._store.remember(experiment=experiment.to_dict(pinned=False))
        if self._describe_timer is not None:
            self._describe_timer.stop()
        if not self.run.live:  # measuring would take the processor from the run
            self._describe_timer = self.set_timer(_DESCRIBE_AFTER_S, lambda: self.app.post_message(DescribeModel(experiment)))

    def on_experiment_form_changed(self, message: ExperimentForm.Changed) -> None:
        """The form was edited."""
        if message.experiment is not None:
            self._starting.take_back_refusal()
            self._show_experiment(message.experiment)
            self._store.remember(typed=None)
        elif self.form is not None:
            self._store.remember(typed=self.form.typed)
        self.refresh_bindings()

    def on_experiment_form_live_changed(self, message: ExperimentForm.LiveChanged) -> None:
        """A live setting was edited: tell the worker."""
        self.steering.change(message.changes)

    def _show_form(self) -> None:
        if self.has_class("-narrow"):
            self.add_class("-drawer")
        self.remove_class("-no-form")

    def point_at(self, name: str) -> None:
        """Show the form and move the focus to one of its settings ("optimizer.lr")."""
        if self.form is not None:
            self._show_form()
            self.form.point_at(name)
            self.refresh_bindings()

    def _show_wrong(self) -> None:
        """Show the form and move the focus to what is wrong in it."""
        self._show_form()
        if self.form is not None:
            self.form.show_problem()

    # The run -------------------------------------------------------------------------------------------------------------

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        if self.run.folder is not None and message.data.folder == self.run.folder:
            if not message.data.status.alive:
                self.steering.run_ended()
            self.run_display.take(message.data)

    @on(RunWatcher.Learned)
    async def _learned(self, message: RunWatcher.Learned) -> None:
        if message.folder != self.run.folder:
            return
        self.run_display.learn(message.facts)
        experiment = message.facts.experiment
        await self._load_of_run(experiment)
        self.run_display.show_changes()
        self.app.post_message(ScreenReady(self))

    async def _load_of_run(self, experiment: Experiment | None) -> None:
        """The form shows what the run in front was started with, once; and not where it is the next run's."""
        display, folder = self.run_display, self.run.folder
        if experiment is None or (self.form is not None and (display.form_is_free or display.form_shows == folder)):
            return
        display.form_shows = folder
        if self.form is None or self.form.experiment != experiment:
            await self.load(experiment)

    async def on_workspace_front_turned(self, message: Workspace.FrontTurned) -> None:
        """Another one of the runs in the charts is in front."""
        self.run_display.turn_to(message.racer)
        await self._load_of_run(message.racer.facts.experiment)
        self.run_display.show_changes()

    def _going_on(self) -> tuple[RunFolder, ...]:
        """The runs on Bench, where a process works on one of them."""
        race = self.workspace.race if self.workspace is not None else None
        return race.folders if race is not None and race.live else ()

    @on(RunWatcher.Failed)
    def _lost_sight(self, message: RunWatcher.Failed) -> None:
        if message.folder == self.run.folder:
            self.notify(message.problem, title="The run cannot be read", severity="error", timeout=10)
            self.run_display.close()
            self.app.post_message(ScreenReady(self))

    def on_chart_area_chosen(self, message: ChartArea.Chosen) -> None:
        """Keep for the next session what charts show, and how they are drawn."""
        self._store.remember(metrics=message.metrics, charts=message.charts)

    # Keys ----------------------------------------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, called by what they would do."""
        bindings_now = super().active_bindings
        words = {}
        if self.run.resumable:
            words["bench.pause"] = "Resume"
        if self.run.live:
            words["bench.start"] = "Another"
        if self.has_class("-narrow") and self.has_class("-drawer"):
            words["bench.drawer"] = "Charts"
        for key, active in bindings_now.items():
            description = words.get(active.binding.id or "")
            if description:
                bindings_now[key] = active._replace(binding=replace(active.binding, description=description))
            elif active.binding.id == "bench.step" and not self.run.resumable:  # it answers in words: no room for that below
                bindings_now[key] = active._replace(binding=replace(active.binding, show=False))
        return bindings_now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only keys that do something now are shown and work."""
        if action in ("turn_front", "take_out"):
            return self.workspace is not None and self.workspace.race.is_on
        return self.run.allows(action)

    def action_start(self) -> None:
        """Start a run of the form's experiment."""
        self._start_as("")

    def action_start_queued(self) -> None:
        """Start a run that waits for a free core."""
        if not self.steering.too_early():
            self._starting.start(self.form, "", self._show_wrong, queued=True)

    def action_start_named(self) -> None:
        """Ask for a name, then start."""
        if not self.steering.too_early():
            self._starting.ask_name(self._start_as)

    def _start_as(self, name: str) -> None:
        if not self.steering.too_early():
            self._starting.start(self.form, name, self._show_wrong)

    def action_open_file(self) -> None:
        """Choose a data file, and show an experiment on it."""
        from workbench.tui.dialogs.open_file import OpenFileDialog  # here: the first frame needs no dialog

        def opened(path: str | None) -> None:
            if path is not None:
                self.app.post_message(LoadPreset(path))

        self.app.push_screen(OpenFileDialog(Path.cwd()), opened)

    def action_pause(self) -> None:
        """Pause, or go on."""
        folder = self.run.folder
        if self.steering.too_early() or folder is None or self.run.data is None:
            return
        if not self.run.live:
            if self.workspace is None or not self.workspace.race.is_on:
                self.run_display.begin("resuming ...")
            self.app.post_message(ResumeRun(folder))
        else:
            self.steering.send("resume" if self.run.paused else "pause")

    def action_take_step(self) -> None:
        """Let the run take one step."""
        self.clock.take_step()

    def action_steer(self, verb: str) -> None:
        """Ask the run's worker for something that needs no words: `stop`, `checkpoint`, `evaluate`."""
        self.steering.send(verb)

    def action_learning_rate(self) -> None:
        """Ask for another learning rate and send it."""
        self.steering.ask_rate()

    def action_export(self) -> None:
        """Open the export dialog."""
        if self.run.folder is not None:
            self.app.post_message(ExportRun(self.run.folder))

    def action_fork(self) -> None:
        """Ask what is to be different, and begin a new run at the step that is pointed at."""
        if self.workspace is not None:
            self.steering.ask_fork(self.workspace.pointed_step)

    def action_rewind(self) -> None:
        """Bring the run back to the step that is pointed at, once confirmed."""
        if self.workspace is not None:
            self.clock.ask_rewind(self.workspace.pointed_step)

    def action_replay(self) -> None:
        """Compute the run once more, and compare."""
        if self.workspace is not None:
            self.clock.ask_replay(self.workspace.pointed_step)

    def action_turn_front(self, by: int) -> None:
        """Put the next one of several runs in front."""
        if self.workspace is not None:
            self.workspace.turn_front(by)

    def action_take_out(self) -> None:
        """Take the run in front out of the charts."""
        if self.workspace is not None:
            self.workspace.take_out()
            self.refresh_bindings()

    def action_close_run(self) -> None:
        """Show no run."""
        self.run_display.close()

    def action_drawer(self) -> None:
        """Show or hide the form: in place of the charts where the terminal is narrow."""
        narrow = self.has_class("-narrow")
        self.toggle_class("-drawer" if narrow else "-no-form")
        shown = self.has_class("-drawer") if narrow else not self.has_class("-no-form")
        if shown:
            self._body.focus_form()
        elif self.workspace is not None:
            self.workspace.charts.first.focus()
        self.refresh_bindings()

    def action_maximise(self) -> None:
        """Give the focused chart or panel the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.workspace is not None:
            widget = self.workspace.to_maximise(self.focused)
            widget.focus()  # else keys would go to what is not seen any more
            self.maximize(widget, container=False)
        self.refresh_bindings()

    def action_turn_panel(self, by: int) -> None:
        """Show the next panel, or the one before."""
        if self.workspace is not None:
            self.workspace.panels.turn(by, self.focused)

    def action_scrub(self, by: int) -> None:
        """Show panels and charts so many snapshots later (1) or earlier (-1)."""
        if self.workspace is not None:
            self.workspace.show_moment(self.workspace.moment.moved(self.workspace.moments, by))

    def action_scrub_to_end(self) -> None:
        """Show the newest of everything."""
        if self.workspace is not None:
            self.workspace.show_moment(self.workspace.moment.live)

    def action_turn_sample(self, by: int) -> None:
        """Show another sample of the snapshots."""
        if self.workspace is not None:
            self.workspace.show_moment(self.workspace.moment.of_sample(by))

    def action_focus_chart(self) -> None:
        """Move the focus to the next chart; where only one fits, show that one."""
        if self.workspace is not None:
            self._go_to(self.workspace.charts.next_chart())

    def action_gradient(self) -> None:
        """Turn the chart in use, else the second one, to the gradient norm or back; where only one fits, show it."""
        if self.workspace is not None:
            self._go_to(self.workspace.charts.turn_to_gradient())

    def action_grid(self) -> None:
        """Show all metrics as small charts in place of charts and panels, or take them back."""
        if self.workspace is not None:
            self.minimize()
            self.workspace.charts.turn_grid()
            self.set_class(self.workspace.charts.in_grid, "-grid")

    def on_chart_area_left(self, message: ChartArea.Left) -> None:
        """From the grid back to a chart."""
        self.remove_class("-grid")
        self._go_to(message.chart)

    def _go_to(self, chart: Chart | None) -> None:
        if chart is not None:
            self.set_class(chart.id == "second-chart", "-second")
            self.call_after_refresh(chart.focus)
