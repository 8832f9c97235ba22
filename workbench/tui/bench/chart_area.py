"""The charts of Bench: what each shows of the run, and what they share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from workbench.plotting.canvas import clean
from workbench.plotting.charted import ChartedMetric, charted_metrics, direction, metric_of, spans_decades, title_of
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bench.metric_grid import MetricGrid
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.data import ChartData
from workbench.tui.charts.options import ChartOptions
from workbench.tui.charts.run_charts import GRADIENT, LOSS, main_metric, metric_chart, race_chart
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog
from workbench.tui.run.watcher import RunFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.timer import Timer

    from workbench.experiment import Experiment
    from workbench.tui.run.data import RunData
    from workbench.tui.run.race import Race
    from workbench.tui.session import Session

__all__ = ["ChartArea"]

_BETWEEN_CHARTS_S = 0.08
"""Time between drawing one live chart and the next, where these are few."""
_ROUND_S = 0.2
"""Time in which all live charts are drawn once, where these are many."""
_NO_VALUES = "not recorded in this run"
_FIRST_STEP = "waiting for the first step"
_FIRST_EVALUATION = "waiting for the first evaluation"
_CLOSED_FORM = "Fitted in closed form: there is no gradient"
_OF_STEPS = (LOSS, GRADIENT, "lr")
"""What a step measures; all else comes with an evaluation."""
_LEFT_TO_RUN = "left to the run"


class ChartArea(Horizontal):
    """Two charts side by side or stacked, or in their place a grid of all metrics (class `-grid`).

    Args:
        session: what they showed last, and how they were drawn.

    Attributes:
        first, second: the charts.
    """

    @dataclass
    class Chosen(Message):
        """Other metrics were chosen, or charts are drawn in another way: to be kept for the next session."""

        metrics: tuple[str, str]
        charts: Mapping[str, ChartOptions]

    @dataclass
    class Left(Message):
        """The grid was left, for a chart."""

        chart: Chart

    def __init__(self, session: Session) -> None:
        super().__init__(id="charts")
        self._options = dict(session.charts)
        self._chosen = list(session.metrics)
        self._experiment: Experiment | None = None
        self._run: RunData | None = None
        self._race: Race | None = None
        self._facts = RunFacts()
        self._hint = ""
        self._alone = False
        self.first = Chart(LOSS, self._drawn_as(LOSS), id="first-chart")
        self.second = Chart(GRADIENT, self._drawn_as(GRADIENT), id="second-chart")
        self._charts = (self.first, self.second)
        self._grid = MetricGrid(self._drawn_as)
        self._opens_in = self.second
        self._crosshair: float | None = None
        self._turns: list[Chart] = []
        self._turn_timer: Timer | None = None
        self._turn_charts()

    def compose(self) -> ComposeResult:
        """The charts and the grid, of which one is seen."""
        yield from self._charts
        yield self._grid

    @property
    def in_grid(self) -> bool:
        """Whether the grid is seen."""
        return self.has_class("-grid")

    @property
    def _seen(self) -> Sequence[Chart]:
        return self._grid.charts if self.in_grid else self._charts

    # The run -----------------------------------------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        """While no run is shown, the charts are those that a run of this experiment would have."""
        if self._facts.experiment is None and self._run is None:
            self._experiment = experiment
            self._turn_charts()

    def begin(self, hint: str) -> None:
        """Show no run, or wait for another one's data."""
        self._run, self._race, self._facts, self._hint = None, None, RunFacts(), hint
        self._crosshair, self._turns = None, []
        for chart in (*self._charts, *self._grid.charts):
            chart.begin(hint)

    def show_run(self, run: RunData, facts: RunFacts, race: Race | None = None) -> None:
        """Show the run as it is now: charts that are seen, while a run goes on one after the other.

        Args:
            run: the run in front.
            facts: what of it does not change.
            race: all runs, where there are several.
        """
        self._run, self._facts, self._race = run, facts, race
        self._experiment = facts.experiment or self._experiment
        self._turn_charts()
        if self.in_grid:
            self._grid.show_metrics(self._names())
        if run.status.alive or (race is not None and race.live):
            self._turns = [
                *(chart for chart in self._turns if chart in self._seen),
                *(c for c in self._seen if c not in self._turns),
            ]
            if self._turn_timer is None:
                self._take_turn()
        else:
            self._turns = []
            for chart in self._seen:
                self._show(chart)

    def _take_turn(self) -> None:
        """Draw the chart that has waited longest, and the next one a moment later: a key waits for one of them at most."""
        if self._turns:
            self._show(self._turns.pop(0))
        between = min(_BETWEEN_CHARTS_S, _ROUND_S / max(1, len(self._seen)))
        self._turn_timer = self.set_timer(between, self._take_turn) if self._turns else None

    def _show(self, chart: Chart) -> None:
        """Show the run as it is now in a chart, or that there is none."""
        run = self._run
        chart.hint = self._waits_for(chart.metric, run) if run is not None else self._hint
        chart.owner = ", ".join(clean(each.title) for each in self._runs)
        if self._race is not None:
            chart.show_data(race_chart(chart.metric, self._race))
        else:
            chart.show_data(metric_chart(chart.metric, run, self._facts) if run is not None else ChartData())
        chart.set_crosshair(self._crosshair)

    def _waits_for(self, metric: str, run: RunData) -> str:
        if metric == GRADIENT and self._experiment is not None and self._experiment.architecture.closed_form:
            return _CLOSED_FORM
        if not run.status.alive:
            return _NO_VALUES  # a run at rest waits for nothing
        return _FIRST_STEP if metric in _OF_STEPS else _FIRST_EVALUATION

    # Metrics -----------------------------------------------------------------------------------------------------------

    @property
    def _runs(self) -> Sequence[RunData]:
        """All runs that are shown."""
        if self._race is not None:
            return [racer.data for racer in self._race.runs if racer.data is not None]
        return [] if self._run is None else [self._run]

    def _metrics(self) -> list[ChartedMetric]:
        """Everything that a run has recorded; while it goes on, or before, also what its experiment will measure."""
        tags = {tag for run in self._runs for tag, line in run.lines.items() if len(line.values)}
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
        names = {metric_of(tag) for run in self._runs for tag in run.lines}
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

    def turn_to_gradient(self) -> Chart | None:
        """Show the gradient norm in the chart with the focus, else in the second one, or again what it opens on.

        Returns:
            The chart; None in the grid, which has a chart of its own for it.
        """
        if self.in_grid:
            self._grid.go_to(GRADIENT)
            return None
        chart = self.first if self.first.has_focus else self.second
        place = self._charts.index(chart)
        if chart.metric != GRADIENT:
            self._choose(chart, GRADIENT)
        elif self._opens_on(place) != GRADIENT:
            self._choose(chart, "")
        else:
            self.notify("The loss is what this task is about; v chooses another metric.", title="Gradient norm")
        return chart

    @on(Chart.MetricWanted)
    def _ask_metric(self, message: Chart.MetricWanted) -> None:
        chart = message.chart
        choices = [Choice(metric.name, _entry(metric), _about(metric)) for metric in self._metrics()]
        if chart in self._charts:
            own = title_of(self._opens_on(self._charts.index(chart)))
            choices.append(Choice(_LEFT_TO_RUN, "what a run is about", f"for this one {own}; for each other run its own"))

        def choose(name: str | None) -> None:
            if name is not None and chart in self._charts:
                self._choose(chart, "" if name == _LEFT_TO_RUN else name)
            elif name is not None:
                self._grid.go_to(name)

        self.app.push_screen(ChoiceDialog("Metric", "", choices, chosen=chart.metric), choose)

    # The grid ----------------------------------------------------------------------------------------------------------

    def turn_grid(self) -> None:
        """Show all metrics as small charts, or again the two charts; the metric with the focus keeps it."""
        if self.in_grid:
            self._leave_grid(self._opens_in)
            return
        self._opens_in = self.first if self.first.has_focus else self.second
        self.add_class("-grid")
        self._grid.show_metrics(self._names())
        self._grid.call_after_refresh(self._grid.go_to, self._opens_in.metric)

    def _leave_grid(self, chart: Chart) -> None:
        self.remove_class("-grid")
        for each in self._charts:
            self._show(each)
        self.post_message(self.Left(chart))

    @on(MetricGrid.Opened)
    def _open(self, message: MetricGrid.Opened) -> None:
        """The metric stands in the chart from which the grid was opened."""
        self._choose(self._opens_in, message.metric)
        self._leave_grid(self._opens_in)

    @on(MetricGrid.Turned)
    def _fill_grid(self) -> None:
        for chart in self._grid.charts:
            self._show(chart)

    def _names(self) -> list[str]:
        return [metric.name for metric in self._metrics()]

    # How they are drawn ------------------------------------------------------------------------------------------------

    def _drawn_as(self, metric: str) -> ChartOptions:
        """How the chart of a metric was drawn last; one that was never drawn shares what all charts share."""
        shared = next(iter(self._options.values()), ChartOptions())
        return self._options.get(metric) or replace(shared, log_y=spans_decades(metric), clip_outliers=False)

    def _tell(self) -> None:
        self.post_message(self.Chosen((self._chosen[0], self._chosen[1]), dict(self._options)))

    @on(Chart.OptionsChanged)
    def _same_options(self, message: Chart.OptionsChanged) -> None:
        """Smoothing, bands and the x axis are shared by all charts, seen or not; the rest is each metric's own."""
        options = message.options
        self._options[message.chart.metric] = options
        for metric, other in self._options.items():
            shared = replace(other, smoothing=options.smoothing, axis=options.axis, log_x=options.log_x)
            self._options[metric] = replace(shared, band=options.band)
        for chart in (*self._charts, *self._grid.charts):
            if chart is not message.chart:
                chart.set_options(self._drawn_as(chart.metric))
        self._tell()

    @property
    def crosshair(self) -> float | None:
        """The step of training under the crosshair, or None."""
        return self._crosshair

    def set_crosshair(self, step: float | None) -> None:
        """Put the crosshair of every chart at a step of training, or (None) take it away."""
        self._crosshair = step
        for chart in self._seen:
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

    def next_chart(self) -> Chart | None:
        """The chart after the one with the focus; in the grid None: the focus has been moved there."""
        if self.in_grid:
            self._grid.focus_next()
            return None
        return self.second if self.first.has_focus else self.first


def _entry(metric: ChartedMetric) -> str:
    """A metric in a line of the picker: its name, and on what it was measured."""
    title = title_of(metric.name)
    name = metric.name if title == metric.name else f"{title} ({metric.name})"
    return "   ".join(part for part in (name, ", ".join(split.label for split in metric.splits)) if part)


def _about(metric: ChartedMetric) -> str:
    """What it is, and what of it is better."""
    return "; ".join(part for part in (metric.meaning, direction(metric.name)) if part)
