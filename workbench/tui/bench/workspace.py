"""The right side of Bench: two charts, the panels below them, and the progress line, about at most one run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.plotting.saving import save_chart
from workbench.tui.base.background import in_thread
from workbench.tui.base.plain import as_is
from workbench.tui.bench.panel_area import PanelArea, Panels
from workbench.tui.bench.progress_line import ProgressLine
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.data import ChartData
from workbench.tui.charts.options import ChartOptions
from workbench.tui.charts.run_charts import gradient_chart, loss_chart
from workbench.tui.run.moment import Moment, moments_of
from workbench.tui.run.outcome import result_words
from workbench.tui.run.watcher import RunFacts, RunWatcher

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.experiment import Experiment
    from workbench.plotting import Series
    from workbench.plotting.svg import Figure
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData
    from workbench.tui.settings import Session

__all__ = ["Workspace"]

_BETWEEN_CHARTS_S = 0.08
"""Time between drawing one live chart and the next, so that a key waits for one of them at most."""
_NO_VALUES = "not recorded in this run"
_START_HINT = "F5 starts a run"
_CLOSED_FORM = "Fitted in closed form: there is no gradient"
_READY = "Ready. F5 starts the run, ? shows all keys."


class Workspace(Vertical):
    """Charts, panels and progress.

    Args:
        session: how the charts were drawn last.
        refresh_hz: how often a run that goes on is read, in a second.

    Attributes:
        moment: the moment of the run that panels and crosshairs show, and the sample.
    """

    @dataclass
    class Saved(Message):
        """A chart was written to files, or could not be (`problem`)."""

        paths: list[Path]
        problem: str = ""

    DEFAULT_CSS: ClassVar[str] = "Workspace { height: 1fr; width: 1fr; }"

    def __init__(self, session: Session, refresh_hz: float) -> None:
        super().__init__(id="workspace")
        self._folder: RunFolder | None = None
        self._save_folder = Path("charts")
        self._data: RunData | None = None
        self._facts = RunFacts()
        self.moment = Moment()
        self._watcher = RunWatcher(refresh_hz)
        self.panels = PanelArea(id="panels")
        self.loss = Chart("loss", "loss", session.loss, id="loss")
        self.gradient = Chart("gradient norm", "gradient-norm", session.gradient, id="gradient")
        self._charts = (self.loss, self.gradient)
        self._progress = ProgressLine(id="progress")

    def compose(self) -> ComposeResult:
        """Two charts side by side or stacked, the panels, the progress line; the watcher is not seen."""
        with Horizontal(id="charts"):
            yield from self._charts
        yield self.panels
        yield self._progress
        yield self._watcher

    def on_mount(self) -> None:
        """Say what the empty charts wait for."""
        for chart in self._charts:
            chart.hint = _START_HINT
        self._progress.hint = _READY

    @property
    def chart_options(self) -> tuple[ChartOptions, ChartOptions]:
        """How the two charts are drawn."""
        return self.loss.view.options, self.gradient.view.options

    # What is shown -----------------------------------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what an experiment is about, and samples of its data."""
        self.panels.show_experiment(experiment)

    def begin_run(self, folder: RunFolder) -> None:
        """Show another run from now on; charts are saved into its folder."""
        self._clear("waiting for the first step", "opening the run ...")
        self._folder, self._save_folder, self._facts = folder, folder.exports_path, RunFacts()
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
        self.loss.show_data(loss_chart(data, facts))
        gradient = gradient_chart(data, facts)
        if not data.status.alive:
            self.loss.hint = self.gradient.hint = _NO_VALUES  # a run at rest waits for nothing
        if facts.experiment is not None and facts.experiment.architecture.closed_form:
            self.gradient.hint = _CLOSED_FORM
        if data.status.alive:
            self.set_timer(_BETWEEN_CHARTS_S, lambda: self._show_gradient(data, gradient))
        else:
            self.gradient.show_data(gradient)
        self._progress.show_run(data, () if data.status.alive else result_words(data, facts.experiment, facts.requirement))
        self.panels.show_run(data, self.moment)

    def _show_gradient(self, data: RunData, chart: ChartData) -> None:
        if data is self._data:  # a newer state, or another run, shows itself
            self.gradient.show_data(chart)

    def say_starting(self, words: str) -> None:
        """Show no run, and that one is on its way."""
        self._clear(words, words)

    def end_run(self) -> None:
        """Show no run, and read none."""
        self._watcher.stop()
        self._folder = None
        self._clear(_START_HINT, _READY)

    def _clear(self, in_charts: str, in_progress: str) -> None:
        self._data = None
        for chart in self._charts:
            chart.begin(in_charts)
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
            for chart in self._charts:
                chart.set_crosshair(moment.step)
        self.moment = moment
        self.panels.show_run(self._data, moment)

    # Charts ------------------------------------------------------------------------------------------------------------

    @on(Chart.CrosshairMoved)
    def _same_crosshair(self, message: Chart.CrosshairMoved) -> None:
        for chart in self._charts:
            if chart is not message.chart:
                chart.set_crosshair(message.step)

    @on(Chart.OptionsChanged)
    def _same_options(self, message: Chart.OptionsChanged) -> None:
        """Smoothing and the x axis are shared; the message goes on to the screen."""
        options = message.options
        for chart in self._charts:
            if chart is not message.chart:
                chart.set_options(
                    replace(chart.view.options, smoothing=options.smoothing, axis=options.axis, log_x=options.log_x)
                )

    @on(Chart.SaveWanted)
    def _save_chart(self, message: Chart.SaveWanted) -> None:
        chart = message.chart
        run = clean(self._data.title) if self._data is not None else ""
        text = chart.figure_text().partition("\n")[2]  # the title is written with the run's name
        self._write(self._save_folder, chart.stem, chart.view.figure(chart.title, run), text, chart.view.series(), message.theme)

    @in_thread("save")
    def _write(self, folder: Path, stem: str, figure: Figure, text: str, series: list[Series], theme: str) -> None:  # noqa: PLR0913, PLR0917 - one call
        try:
            paths = save_chart(folder, stem, figure, text, series, theme=theme)
        except WorkbenchError as error:
            self.post_message(self.Saved([], str(error)))
        else:
            self.post_message(self.Saved(paths))

    @on(Saved)
    def _saved(self, message: Saved) -> None:
        if message.problem:
            self.notify(message.problem, severity="error")
        else:
            names = ", ".join(path.name for path in message.paths)
            self.notify(f"{message.paths[0].parent}: {names}", title="Chart written")

    def to_maximise(self, focused: Widget | None) -> Chart | Panels:
        """What `m` gives the whole screen: the chart or the panel with the focus, else the loss chart."""
        if (panels := self.panels.around(focused)) is not None:
            return panels
        return focused if isinstance(focused, Chart) else self.loss

    def say_alone(self, *, alone: bool) -> None:
        """Say in the charts' titles that there is room for one of them only, and which key shows the other."""
        charts = (self.loss, self.gradient)
        for place, chart in enumerate(charts, 1):
            other = charts[place % len(charts)].title
            chart.border_title = as_is(f"{chart.title}  {place}/{len(charts)}, g: {other}" if alone else chart.title)

    def next_chart(self) -> Chart:
        """The chart after the one with the focus."""
        return self.gradient if self.loss.has_focus else self.loss
