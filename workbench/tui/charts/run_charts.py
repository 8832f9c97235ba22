"""Which of a run's series stand in which chart, with their levels and marks."""

from __future__ import annotations

import numpy as np

from workbench.tui.charts.data import ChartData, ChartLine, Clock, StepMark
from workbench.tui.run.data import Line, RunData
from workbench.tui.run.watcher import RunFacts

__all__ = ["clip_norm", "gradient_chart", "loss_chart"]

_SMOOTH_FROM = 40
"""Points from which smoothing a line helps."""
_ABSURD = 1e300
_NONE = Line(np.zeros(0, np.int64), np.zeros(0))


def loss_chart(run: RunData, facts: RunFacts) -> ChartData:
    """Training and validation loss, the trivial predictor's loss, changes and checkpoints."""
    lines = (_line(run, "train/loss", "train"), _line(run, "validation/loss", "validation", "●"))
    baselines = facts.experiment.task.baselines if facts.experiment else ()
    levels = [(base.value, f"{base.value:.3g} {base.sentence}") for base in baselines if base.metric in ("loss", "mse")]
    return ChartData(lines, _marks(run), tuple(levels[:1]), _clock(run, facts))


def gradient_chart(run: RunData, facts: RunFacts) -> ChartData:
    """Norm of the gradient before clipping, with the threshold."""
    threshold = clip_norm(run, facts)
    levels = ((threshold, f"clip {threshold:g}"),) if threshold > 0 else ()
    return ChartData((_line(run, "train/grad_norm", "norm"),), _marks(run), levels, _clock(run, facts))


def clip_norm(run: RunData, facts: RunFacts) -> float:
    """The clip threshold now: the experiment's, or the newest change of it; 0 is off."""
    for event in reversed(run.events):
        if event.kind == "changed" and "training.clip_norm" in event.data:
            given = event.data["training.clip_norm"]
            return float(given) if isinstance(given, int | float) and abs(given) < _ABSURD else 0.0
    return facts.experiment.training.clip_norm if facts.experiment else 0.0


def _line(run: RunData, tag: str, name: str, marker: str = "") -> ChartLine:
    """The series of a tag under a name; a line that did not grow has the same arrays as before, and is not smoothed again."""
    line = run.lines.get(tag, _NONE)
    role = "validation" if tag.startswith("validation/") else "train"
    return ChartLine(name, role, line.steps, line.values, marker, smooth=not marker and len(line.steps) >= _SMOOTH_FROM)


def _marks(run: RunData) -> tuple[StepMark, ...]:
    return tuple(
        StepMark(event.step, event.kind, event.message) for event in run.events if event.kind in ("changed", "checkpoint")
    )


def _clock(run: RunData, facts: RunFacts) -> Clock:
    return Clock(run.clock_steps, run.clock_seconds, facts.steps_per_epoch)
