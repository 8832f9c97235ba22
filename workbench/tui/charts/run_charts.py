"""Which of a run's series stand in the chart of a metric, with their levels and marks; and which metric a chart opens on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cards import catalog
from workbench.plotting.charted import SPLITS, baseline_level, bound_level, metric_of
from workbench.plotting.clock import Clock
from workbench.plotting.race import race_role, race_sign
from workbench.tui.charts.data import ChartData, ChartLine, StepMark
from workbench.tui.run.outcome import Requirement

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.tui.run.data import RunData
    from workbench.tui.run.race import Race
    from workbench.tui.run.watcher import RunFacts

__all__ = ["GRADIENT", "LOSS", "clip_norm", "main_metric", "metric_chart", "race_chart"]

LOSS, GRADIENT = "loss", "grad_norm"
_SMOOTH_FROM = 40
"""Points from which smoothing a line helps."""
_ABSURD = 1e300


def metric_chart(name: str, run: RunData, facts: RunFacts) -> ChartData:
    """A metric on every split that the run measured it on, its levels (`_levels`), changes and checkpoints.

    Args:
        name: the metric without a split, or a whole tag of unknown split.
        run: the run as it is now; a line that did not grow has the same arrays as before, and is not smoothed again.
        facts: what the run was started with.
    """
    series = [(split.label, split.role, split.marker, f"{split.name}/{name}") for split in SPLITS]
    lines = tuple(
        ChartLine(label, role, line.steps, line.values, marker, smooth=not marker and len(line.steps) >= _SMOOTH_FROM)
        for label, role, marker, tag in [*series, (name, "other", "", name)]
        if (line := run.lines.get(tag)) is not None
    )
    return ChartData(lines, _marks(run), _levels(name, run, facts), _clock(run, facts))


def race_chart(name: str, race: Race) -> ChartData:
    """A metric of all runs that recorded it, one split at a time; levels, changes and checkpoints are those of the run in front.

    Args:
        name: the metric without a split, or a whole tag of unknown split.
        race: the runs as they are now.
    """
    front = race.front
    if front is None or front.data is None:
        return ChartData()
    read = [(racer, racer.data, _clock(racer.data, racer.facts)) for racer in race.runs if racer.data is not None]
    lines = tuple(
        ChartLine(
            racer.name,
            race_role(racer.number),
            line.steps,
            line.values,
            smooth=len(line.steps) >= _SMOOTH_FROM,
            label=race_sign(racer.number),
            group=group,
            clock=clock,
        )
        for group, tag in [*((split.label, f"{split.name}/{name}") for split in SPLITS), ("", name)]
        for racer, run, clock in read
        if (line := run.lines.get(tag)) is not None
    )
    levels, clock = _levels(name, front.data, front.facts), _clock(front.data, front.facts)
    return ChartData(lines, _marks(front.data), levels, clock, race.is_group)


def main_metric(experiment: Experiment, requirement: Requirement | None) -> str:
    """The metric that an experiment is about: its claim's, else its task's headline; the gradient's norm where that is the loss.

    Args:
        experiment: the experiment.
        requirement: what a preset's claim asks of it, also as a contrast, or None.
    """
    claimed = metric_of(requirement.bounds[0].tag) if requirement is not None else ""
    if not claimed and experiment.claim is not None:
        claimed = metric_of(experiment.claim.metric)
    headline = catalog.task_kinds()[experiment.task.kind].headline
    return next((name for name in (claimed, headline) if name not in {"", LOSS}), GRADIENT)


def clip_norm(run: RunData, facts: RunFacts) -> float:
    """The clip threshold now: the experiment's, or the newest change of it; 0 is off."""
    for event in reversed(run.events):
        if event.kind == "changed" and "training.clip_norm" in event.data:
            given = event.data["training.clip_norm"]
            return float(given) if isinstance(given, int | float) and abs(given) < _ABSURD else 0.0
    return facts.experiment.training.clip_norm if facts.experiment else 0.0


def _levels(name: str, run: RunData, facts: RunFacts) -> tuple[tuple[float, str], ...]:
    """The threshold of clipping, what a trivial predictor reaches, and what the claim asks, where the metric has them."""
    if name == GRADIENT:
        threshold = clip_norm(run, facts)
        return ((threshold, f"clip {threshold:g}"),) if threshold > 0 else ()
    experiment = facts.experiment
    if experiment is None:
        return ()
    levels = [baseline_level(name, experiment.task)]
    requirement = facts.requirement
    if requirement is None and experiment.claim is not None:
        requirement = Requirement.of_own(experiment.claim)
    if requirement is not None:
        whose = f"as contrast of {requirement.contrast_to}" if requirement.contrast_to else "claim"
        levels += [bound_level(name, bound.metric, bound.operator, bound.threshold, whose) for bound in requirement.bounds]
    return tuple(level for level in levels if level is not None)


def _marks(run: RunData) -> tuple[StepMark, ...]:
    """Changes, and the checkpoints that are left: of others nothing can be computed."""
    return tuple(
        StepMark(event.step, event.kind, event.message)
        for event in run.events
        if event.kind == "changed" or (event.kind == "checkpoint" and event.step in run.checkpoints)
    )


def _clock(run: RunData, facts: RunFacts) -> Clock:
    return Clock(run.clock_steps, run.clock_seconds, facts.steps_per_epoch, run.clock_samples)
