"""The right side of Bench: charts, the panels below them, and the progress line, about at most one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from workbench.saying import one_line
from workbench.tui.bench.chart_area import ChartArea
from workbench.tui.bench.panel_area import PanelArea, Panels
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.charts.chart import Chart
from workbench.tui.run.moment import Moment, moments_of
from workbench.tui.run.outcome import result_words
from workbench.tui.run.watcher import RunFacts, RunWatcher

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData
    from workbench.tui.session import Session

__all__ = ["Workspace"]

_START_HINT = "F5 starts a run"
_READY = "Ready{what}. F5 starts the run, ? shows all keys."
"""`what` is the experiment that would be started, where one is loaded."""


class Workspace(Vertical):
    """Charts, panels and progress.

    Args:
        session: what the charts showed last, and how they were drawn.
        refresh_hz: how often a run that goes on is read, in a second.

    Attributes:
        moment: the moment of the run that panels and crosshairs show, and the sample.
        charts: the charts.
        panels: the panels.
    """

    DEFAULT_CSS: ClassVar[str] = "Workspace { height: 1fr; width: 1fr; }"

    def __init__(self, session: Session, refresh_hz: float) -> None:
        super().__init__(id="workspace")
        self._folder: RunFolder | None = None
        self._data: RunData | None = None
        self._facts = RunFacts()
        self.moment = Moment()
        self._ready = _READY.format(what="")
        self._watcher = RunWatcher(refresh_hz)
        self.panels = PanelArea(id="panels")
        self.charts = ChartArea(session)
        self._progress = ProgressLine(id="progress")

    def compose(self) -> ComposeResult:
        """The charts, the panels, the progress line; the watcher is not seen."""
        yield self.charts
        yield self.panels
        yield self._progress
        yield self._watcher

    def on_mount(self) -> None:
        """Say what the empty charts wait for."""
        self.charts.begin(_START_HINT)
        self._progress.hint = self._ready

    # What is shown -----------------------------------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what an experiment is about, and samples of its data."""
        what = experiment.title or f"{experiment.model.name} on {experiment.data.name}"
        before, self._ready = self._ready, _READY.format(what=f": {one_line(what)}")
        if self._progress.hint == before:
            self._progress.say(self._ready)
        self.panels.show_experiment(experiment)
        self.charts.show_experiment(experiment)

    def begin_run(self, folder: RunFolder) -> None:
        """Show another run from now on; charts are saved into its folder."""
        self._clear("waiting for the first step", "opening the run ...", folder)
        self._folder, self._facts = folder, RunFacts()
        self._watcher.watch_run(folder)

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        """The run is shown as it is now; the message goes on to the screen."""
        if message.data.folder == self._folder:
            self._show_run(message.data)

    @on(RunWatcher.Learned)
    def _learned(self, message: RunWatcher.Learned) -> None:
        """What a run was started with gives its charts their levels; the message goes on to the screen."""
        if message.folder == self._folder:
            self._facts = message.facts
            if self._data is not None:
                self._show_run(self._data)

    def _show_run(self, data: RunData) -> None:
        """Show the run as it is now; hidden panels are left alone."""
        self._data, facts = data, self._facts
        self.charts.show_run(data, facts)
        self._progress.show_run(data, () if data.status.alive else result_words(data, facts.experiment, facts.requirement))
        self.panels.show_run(data, self.moment)

    def say_starting(self, words: str) -> None:
        """Show no run, and that one is on its way."""
        self._clear(words, words)

    def end_run(self) -> None:
        """Show no run, and read none."""
        self._watcher.stop()
        self._folder = None
        self._clear(_START_HINT, self._ready)

    def _clear(self, in_charts: str, in_progress: str, folder: RunFolder | None = None) -> None:
        self._data = None
        self.charts.begin(in_charts, folder)
        self._progress.say(in_progress)
        self.moment = Moment()
        self.panels.show_run(None, self.moment)

    # The moment ----------------------------------------------------------------------------------------------------------

    @property
    def moments(self) -> tuple[int, ...]:
        """The steps at which the run has something to look at."""
        return moments_of(self._data.probes.values()) if self._data is not None else ()

    def show_moment(self, moment: Moment) -> None:
        """Show panels, and the crosshairs of all charts, at a moment of the run."""
        if self._data is None or moment == self.moment:
            return
        if moment.step != self.moment.step:
            self.charts.set_crosshair(moment.step)
        self.moment = moment
        self.panels.show_run(self._data, moment)

    @on(Chart.StepChosen)
    def _step_chosen(self, message: Chart.StepChosen) -> None:
        if self.moments:
            self.show_moment(self.moment.at(message.step))

    @on(Chart.CrosshairMoved)
    def _crosshair_moved(self, message: Chart.CrosshairMoved) -> None:
        """A crosshair that is taken away goes back to the moment that is shown; the message goes on to the screen."""
        if message.step is None and self.moment.step is not None:
            self.charts.set_crosshair(self.moment.step)

    def to_maximise(self, focused: Widget | None) -> Chart | Panels:
        """What `m` gives the whole screen: the chart or the panel with the focus, else the first chart."""
        if (panels := self.panels.around(focused)) is not None:
            return panels
        return focused if isinstance(focused, Chart) else self.charts.first
