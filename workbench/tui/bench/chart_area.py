"""The charts of Bench: what each shows of the run, what they share, and how one is written to files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.plotting.charted import ChartedMetric, charted_metrics, direction, metric_of, spans_decades, title_of
from workbench.plotting.saving import save_chart
from workbench.tui.base.background import in_thread
from workbench.tui.base.plain import as_is
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.options import ChartOptions
from workbench.tui.charts.run_charts import GRADIENT, LOSS, main_metric, metric_chart
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog
from workbench.tui.run.watcher import RunFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.experiment import Experiment
    from workbench.plotting import Series
    from workbench.plotting.svg import Figure
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData
    from workbench.tui.settings import Session

__all__ = ["ChartArea"]

_BETWEEN_CHARTS_S = 0.08
"""Time between drawing one live chart and the next, so that a key waits for one of them at most."""
_NO_VALUES = "not recorded in this run"
_FIRST_STEP = "waiting for the first step"
_FIRST_EVALUATION = "waiting for the first evaluation"
_CLOSED_FORM = "Fitted in closed form: there is no gradient"
_OF_STEPS = (LOSS, GRADIENT, "lr")
"""What a step measures; all else comes with an evaluation."""
_LEFT_TO_RUN = "left to the run"


class ChartArea(Horizontal):
    """Two charts side by side or stacked.

    Args:
        session: what they showed last, and how they were drawn.

    Attributes:
        first, second: the charts.
        folder: where charts are saved.
    """

    @dataclass
    class Chosen(Message):
        """Other metrics were chosen, or charts are drawn in another way: to be kept for the next session."""

        metrics: tuple[str, str]
        charts: Mapping[str, ChartOptions]

    @dataclass
    class Saved(Message):
        """A chart was written to files, or could not be (`problem`)."""

        paths: list[Path]
        problem: str = ""

    def __init__(self, session: Session) -> None:
        super().__init__(id="charts")
        self.folder = Path("charts")
        self._options = dict(session.charts)
        self._chosen = list(session.metrics)
        self._experiment: Experiment | None = None
        self._run: RunData | None = None
        self._facts = RunFacts()
        self._hint = ""
        self._alone = False
        self.first = Chart(LOSS, self._drawn_as(LOSS), id="first-chart")
        self.second = Chart(GRADIENT, self._drawn_as(GRADIENT), id="second-chart")
        self._charts = (self.first, self.second)
        self._turn_charts()

    def compose(self) -> ComposeResult:
        """The charts."""
        yield from self._charts

    # The run -----------------------------------------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        """While no run is shown, the charts are those that a run of this experiment would have."""
        if self._facts.experiment is None and self._run is None:
            self._experiment = experiment
            self._turn_charts()

    def begin(self, hint: str, folder: RunFolder | None = None) -> None:
        """Show no run, or wait for another one's data."""
        self._run, self._facts, self._hint = None, RunFacts(), hint
        if folder is not None:
            self.folder = folder.exports_path
        for chart in self._charts:
            chart.begin(hint)

    def show_run(self, run: RunData, facts: RunFacts) -> None:
        """Show the run as it is now; the second chart a moment later, while the run goes on."""
        self._run, self._facts = run, facts
        self._experiment = facts.experiment or self._experiment
        self._turn_charts()
        self._show(self.first)
        if run.status.alive:
            self.set_timer(_BETWEEN_CHARTS_S, lambda: self._show(self.second) if self._run is run else None)
        else:
            self._show(self.second)

    def _show(self, chart: Chart) -> None:
        if self._run is not None:
            chart.hint = self._waits_for(chart.metric, self._run)
            chart.show_data(metric_chart(chart.metric, self._run, self._facts))

    def _waits_for(self, metric: str, run: RunData) -> str:
        if metric == GRADIENT and self._experiment is not None and self._experiment.architecture.closed_form:
            return _CLOSED_FORM
        if not run.status.alive:
            return _NO_VALUES  # a run at rest waits for nothing
        return _FIRST_STEP if metric in _OF_STEPS else _FIRST_EVALUATION

    # Metrics -----------------------------------------------------------------------------------------------------------

    def _metrics(self) -> list[ChartedMetric]:
        """Everything that the run has recorded; while it goes on, or before, also what its experiment will measure."""
        tags = {tag for tag, line in self._run.lines.items() if len(line.values)} if self._run is not None else set()
        if self._experiment is not None and (self._run is None or self._run.status.alive):
            fitted = self._experiment.architecture.closed_form
            tags |= {f"train/{name}" for name in _OF_STEPS if name == LOSS or not fitted}
            tags |= {f"validation/{name}" for name in self._experiment.metrics}
        return charted_metrics(tags)

    def _opens_on(self, place: int) -> str:
        """What a chart shows by itself."""
        if place == 0 or self._experiment is None:
            return (LOSS, GRADIENT)[place]
        return main_metric(self._experiment, self._facts.requirement)

    def _turn_charts(self) -> None:
        """Each chart shows what was chosen for it, where the run has that, else what it opens on."""
        names = {metric_of(tag) for tag in self._run.lines} if self._run is not None else set()
        for place, chart in enumerate(self._charts):
            chosen = self._chosen[place]
            if chosen and chosen not in names and chosen not in {metric.name for metric in self._metrics()}:
                chosen = ""
            metric = chosen or self._opens_on(place)
            if metric != chart.metric:
                chart.turn_to(metric, self._drawn_as(metric))
                self.say_alone(alone=self._alone)

    def _choose(self, chart: Chart, metric: str) -> None:
        """Show a metric in a chart from now on, or ("") leave that to the run."""
        self._chosen[self._charts.index(chart)] = metric
        self._turn_charts()
        self._show(chart)
        self._tell()

    def turn_to_gradient(self, chart: Chart) -> None:
        """Show the gradient norm in a chart, or again what it opens on."""
        place = self._charts.index(chart)
        if chart.metric != GRADIENT:
            self._choose(chart, GRADIENT)
        elif self._opens_on(place) != GRADIENT:
            self._choose(chart, "")
        else:
            self.notify("The loss is what this task is about; v chooses another metric.", title="Gradient norm")

    @on(Chart.MetricWanted)
    def _ask_metric(self, message: Chart.MetricWanted) -> None:
        chart = message.chart
        own = self._opens_on(self._charts.index(chart))
        choices = [Choice(metric.name, _entry(metric), _about(metric)) for metric in self._metrics()]
        choices.append(Choice(_LEFT_TO_RUN, "what a run is about", f"for this one {title_of(own)}; for each other run its own"))

        def choose(name: str | None) -> None:
            if name is not None:
                self._choose(chart, "" if name == _LEFT_TO_RUN else name)

        self.app.push_screen(ChoiceDialog("Metric", "", choices, chosen=chart.metric), choose)

    # How they are drawn ------------------------------------------------------------------------------------------------

    def _drawn_as(self, metric: str) -> ChartOptions:
        """How the chart of a metric was drawn last; one that was never drawn shares what all charts share."""
        shared = next(iter(self._options.values()), ChartOptions())
        return self._options.get(metric) or replace(shared, log_y=spans_decades(metric), clip_outliers=False)

    def _tell(self) -> None:
        self.post_message(self.Chosen((self._chosen[0], self._chosen[1]), dict(self._options)))

    @on(Chart.OptionsChanged)
    def _same_options(self, message: Chart.OptionsChanged) -> None:
        """Smoothing and the x axis are shared by all charts, seen or not; the rest is each metric's own."""
        options = message.options
        self._options[message.chart.metric] = options
        for metric, other in self._options.items():
            self._options[metric] = replace(other, smoothing=options.smoothing, axis=options.axis, log_x=options.log_x)
        for chart in self._charts:
            if chart is not message.chart:
                chart.set_options(self._drawn_as(chart.metric))
        self._tell()

    def set_crosshair(self, step: float | None) -> None:
        """Put the crosshair of every chart at a step of training, or (None) take it away."""
        for chart in self._charts:
            chart.set_crosshair(step)

    @on(Chart.CrosshairMoved)
    def _same_crosshair(self, message: Chart.CrosshairMoved) -> None:
        """All charts show the same moment; the message goes on to the workspace and the screen."""
        self.set_crosshair(message.step)

    def say_alone(self, *, alone: bool) -> None:
        """Say in the charts' titles whether there is room for one of them only, and then which key shows the other."""
        self._alone = alone
        for place, chart in enumerate(self._charts, 1):
            other = self._charts[place % len(self._charts)].title
            chart.border_title = as_is(f"{chart.title}  {place}/{len(self._charts)}, g: {other}" if alone else chart.title)

    def next_chart(self) -> Chart:
        """The chart after the one with the focus."""
        return self.second if self.first.has_focus else self.first

    # Files -------------------------------------------------------------------------------------------------------------

    @on(Chart.SaveWanted)
    def _save_chart(self, message: Chart.SaveWanted) -> None:
        chart = message.chart
        run = clean(self._run.title) if self._run is not None else ""
        text = chart.figure_text().partition("\n")[2]  # the title is written with the run's name
        self._write(self.folder, chart.stem, chart.view.figure(chart.title, run), text, chart.view.series(), message.theme)

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


def _entry(metric: ChartedMetric) -> str:
    """A metric in a line of the picker: its name, and on what it was measured."""
    title = title_of(metric.name)
    name = metric.name if title == metric.name else f"{title} ({metric.name})"
    return "   ".join(part for part in (name, ", ".join(split.label for split in metric.splits)) if part)


def _about(metric: ChartedMetric) -> str:
    """What it is, and what of it is better."""
    return "; ".join(part for part in (metric.meaning, direction(metric.name)) if part)
