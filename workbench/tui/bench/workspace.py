"""The right side of Bench: charts, the panels below them, and the progress line, about a run, or several in the same charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from workbench.saying import one_line
from workbench.tui.bench.chart_area import ChartArea
from workbench.tui.bench.panel_area import PanelArea, Panels
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.bench.race_line import RaceLine
from workbench.tui.charts.chart import Chart
from workbench.tui.run.moment import Moment, moments_of
from workbench.tui.run.outcome import result_words
from workbench.tui.run.race import Race, Racer
from workbench.tui.run.watcher import RunWatcher

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData
    from workbench.tui.session import Session

__all__ = ["Workspace"]

_START_HINT = "F5 starts a run"
_FIRST_STEP = "waiting for the first step"
_OPENING = "opening the run ..."
_READY = "Ready{what}. F5 starts the run, ? shows all keys."
"""`what` is the experiment that would be started, where one is loaded."""


class Workspace(Vertical):
    """Charts, panels and progress.

    Args:
        session: what the charts showed last, and how they were drawn.
        refresh_hz: how often a run that goes on is read, in a second.

    Attributes:
        race: the runs that are shown; panels, levels and progress are those of the one in front.
        moment: the moment of the run that panels and crosshairs show, and the sample.
        charts: the charts.
        panels: the panels.
    """

    DEFAULT_CSS: ClassVar[str] = "Workspace { height: 1fr; width: 1fr; }"

    @dataclass
    class FrontTurned(Message):
        """Another one of the runs is in front."""

        racer: Racer

    def __init__(self, session: Session, refresh_hz: float) -> None:
        super().__init__(id="workspace")
        self.race = Race()
        self.moment = Moment()
        self._ready = _READY.format(what="")
        self._watcher = RunWatcher(refresh_hz)
        self._race_line = RaceLine()
        self.panels = PanelArea(id="panels")
        self.charts = ChartArea(session)
        self._progress = ProgressLine(id="progress")

    def compose(self) -> ComposeResult:
        """The runs where there are several, the charts, the panels, the progress line; the watcher is not seen."""
        yield self._race_line
        yield self.charts
        yield self.panels
        yield self._progress
        yield self._watcher

    def on_mount(self) -> None:
        """Say what the empty charts wait for."""
        self.charts.begin(_START_HINT)
        self._progress.hint = self._ready

    # What is shown -----------------------------------------------------------------------------------------------------

    @property
    def _data(self) -> RunData | None:
        """The run in front as it was read last."""
        return self.race.front.data if self.race.front is not None else None

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what an experiment is about, and samples of its data."""
        what = experiment.title or f"{experiment.model.name} on {experiment.data.name}"
        before, self._ready = self._ready, _READY.format(what=f": {one_line(what)}")
        if self._progress.hint == before:
            self._progress.say(self._ready)
        self.panels.show_experiment(experiment)
        self.charts.show_experiment(experiment)

    def begin_run(self, folder: RunFolder, beside: Sequence[RunFolder] = ()) -> None:
        """Show a run from now on, and others in the same charts; what was shown of them before stays, what was of others goes."""
        self._clear(_FIRST_STEP, _OPENING)
        self.race.show(folder, beside)
        if self.race.front is not None and not beside:  # what was known of it may be of another life
            self.race.front.data = None
        self._runs_changed()

    def turn_front(self, by: int) -> None:
        """Put the next one of several runs in front (1), or the one before (-1)."""
        self._put_in_front(self.race.turn(by))

    def take_out(self) -> None:
        """Take the run in front out of the charts; the next one is in front then."""
        left = self.race.folders[1:]
        if left:
            self.race.show(left[0], left[1:])
            self._runs_changed()
            self._put_in_front(self.race.front)

    def _put_in_front(self, racer: Racer | None) -> None:
        """Panels and progress follow; the moment that is shown stays, and with it the crosshair."""
        if racer is None:
            return
        if racer.data is None:
            self.panels.show_run(None, self.moment)
            self._progress.say(_OPENING)
        self._show(racer)
        self.post_message(self.FrontTurned(racer))

    def _runs_changed(self) -> None:
        """Read the runs that are shown, and no others."""
        self._watcher.watch_runs(self.race.folders)
        self._race_line.show_race(self.race)

    @on(RaceLine.Clicked)
    def _clicked(self, message: RaceLine.Clicked) -> None:
        racer = next((racer for racer in self.race.runs if racer.number == message.number), None)
        if racer is not None and racer is not self.race.front:
            self.race.front = racer
            self._put_in_front(racer)

    @on(RunWatcher.Read)
    def _read(self, message: RunWatcher.Read) -> None:
        """The run is shown as it is now; the message goes on to the screen."""
        if (racer := self.race.of(message.data.folder)) is not None:
            racer.data = message.data
            self._show(racer)

    @on(RunWatcher.Learned)
    def _learned(self, message: RunWatcher.Learned) -> None:
        """What a run was started with gives its charts their levels; the message goes on to the screen."""
        if (racer := self.race.of(message.folder)) is not None:
            racer.facts = message.facts
            if racer.data is not None:
                self._show(racer)

    @on(RunWatcher.Failed)
    def _failed(self, message: RunWatcher.Failed) -> None:
        """A run beside the one in front cannot be read any more: it goes; of the one in front the screen says so."""
        racer = self.race.of(message.folder)
        if racer is not None and racer is not self.race.front:
            folder, *beside = (other for other in self.race.folders if other != message.folder)
            self.race.show(folder, beside)
            self._runs_changed()
            self.notify(message.problem, title="No longer drawn", severity="warning")
            self._show_front()

    def _show(self, racer: Racer) -> None:
        """Show a run as it is now; hidden panels are left alone."""
        self.race.call()
        data, facts = racer.data, racer.facts
        if racer is self.race.front and data is not None:
            self._progress.show_run(data, () if data.status.alive else result_words(data, facts.experiment, facts.requirement))
            self.panels.show_run(data, self.moment)
        self._race_line.show_race(self.race)
        front = self.race.front
        if front is not None and front.data is not None:
            self.charts.show_run(front.data, front.facts, self.race if self.race.is_on else None)

    def _show_front(self) -> None:
        if self.race.front is not None:
            self._show(self.race.front)

    def say_starting(self, words: str) -> None:
        """Show that a run is on its way; one that is known already is read from now on."""
        self._clear(words, words)

    def end_run(self) -> None:
        """Show no run, and read none."""
        self.race.show(None)
        self._runs_changed()
        self._clear(_START_HINT, self._ready)

    def _clear(self, in_charts: str, in_progress: str) -> None:
        self.charts.begin(in_charts)
        self._progress.say(in_progress)
        self.moment = Moment()
        self.panels.show_run(None, self.moment)

    # The moment ----------------------------------------------------------------------------------------------------------

    @property
    def moments(self) -> tuple[int, ...]:
        """The steps at which the run has something to look at."""
        return moments_of(self._data.probes.values()) if self._data is not None else ()

    @property
    def pointed_step(self) -> int | None:
        """The step under the crosshair, which stands at the moment shown unless it was moved since; None is the newest."""
        crosshair = self.charts.crosshair
        return self.moment.step if crosshair is None else max(0, round(crosshair))

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
        """What `m` gives the whole screen: the panel just turned to, the chart or panel with the focus, else the first chart."""
        if (panels := self.panels.in_use(focused)) is not None:
            return panels
        return focused if isinstance(focused, Chart) else self.charts.first
