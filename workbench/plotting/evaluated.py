"""An evaluation as pictures: confusion, calibration, scores by class, length and position, the worst samples, a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.plotting.confused import confusion_pictures
from workbench.plotting.figure import Level, Series
from workbench.plotting.pictures import Gallery, Picture, Plot, Scale, Sheet, Tile
from workbench.saying import number, short

if TYPE_CHECKING:
    from workbench.runs.evaluations import Evaluation, Group, Measure

__all__ = ["MEASURE_COLUMNS", "evaluation_pictures", "interval_words", "measure_row", "measures_sheet", "sweep_pictures"]

_BRIGHTEST = 255.0
_LISTED = 20
"""Parts up to which their scores are listed; more of them are drawn as a line."""


def interval_words(measure: Measure | Group) -> str:
    """`.91 to .94`, or "" where there is no interval."""
    if measure.low is None or measure.high is None:
        return ""
    return f"{number(measure.low)} to {number(measure.high)}"


MEASURE_COLUMNS = ("metric", "value", "95 %", "baseline", "method")
"""What `measure_row` tells."""


def measure_row(measure: Measure) -> tuple[str, ...]:
    """A metric with its interval, beside what a trivial predictor reaches, as texts of a table."""
    baseline = "" if measure.baseline is None else f"{number(measure.baseline)} ({measure.baseline_is})"
    return measure.name, number(measure.value), interval_words(measure), baseline, measure.method


def measures_sheet(evaluations: Sequence[Evaluation]) -> Sheet:
    """The metrics of an evaluation; of several each with the settings of its data before it."""
    first, keys = evaluations[0], list(evaluations[0].changes)
    rows = [(*(str(one.changes[key]) for key in keys), *measure_row(measure)) for one in evaluations for measure in one.measures]
    columns = (*(key.removeprefix("data.") for key in keys), *MEASURE_COLUMNS)
    return Sheet(f"{first.split} set, {first.samples:,} samples", columns, rows)


def evaluation_pictures(evaluation: Evaluation) -> list[Picture]:
    """All that an evaluation has to show besides its metrics."""
    score = evaluation.score
    pictures: list[Picture] = []
    if evaluation.confusion is not None:
        pictures += confusion_pictures(np.array(evaluation.confusion, dtype=np.float64), evaluation.classes)
    if evaluation.reliability is not None:
        pictures.append(_reliability(evaluation))
    parts = (
        (f"{'recall' if evaluation.confusion is not None else score} by class", "class", evaluation.by_class),
        (f"{score} by length", "length", evaluation.by_length),
        (f"{'mse' if score in ('nrmse', 'mse') else 'fraction right'} by position", "step", evaluation.by_position),
    )
    pictures += [_parts(title, name, groups) for title, name, groups in parts if groups]
    if evaluation.worst:
        pictures.append(_worst(evaluation))
    return pictures


def _reliability(evaluation: Evaluation) -> Picture:
    """Accuracy over confidence, with the line on which both are equal."""
    told = evaluation.reliability
    if told is None:
        return Sheet("calibration", ("confidence", "accuracy"), [])
    pairs = [(sure, right) for sure, right in zip(told.confidence, told.accuracy, strict=True) if None not in (sure, right)]
    x, y = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    diagonal = np.array([0.0, 1.0])
    lines = (
        Series("perfectly calibrated", diagonal, diagonal, colour="other", faint=True),
        Series("this model", x, y, colour="train", marker="●"),
    )
    return Plot(f"accuracy, calibration error {number(told.error)}", lines, x_name="confidence")


def _parts(title: str, name: str, groups: Sequence[Group]) -> Picture:
    """Scores of parts: a list of few, lines of many."""
    if len(groups) <= _LISTED:
        rows = [(one.name, f"{one.count:,.0f}", number(one.value), interval_words(one), one.method) for one in groups]
        return Sheet(title, (name, "count", "value", "95 %", "method"), rows)
    x = np.array([float(one.name.partition(" ")[0]) for one in groups])
    lines = [
        Series(label, x, np.array([getattr(one, end) for one in groups]), colour=colour, faint=label != "value")
        for label, end, colour in (("95 %, low", "low", "other"), ("95 %, high", "high", "other"), ("value", "value", "train"))
    ]
    return Plot(title, tuple(lines), x_name=name)


def _worst(evaluation: Evaluation) -> Picture:
    """The worst samples, with their place in the set; images as small pictures."""
    if all("picture" in one for one in evaluation.worst):
        tiles = [
            Tile(
                (f"{one['target']} → {one['predicted']}", f"{evaluation.split}:{one['place']}"),
                f"true {one['target']}, predicted {one['predicted']}: {evaluation.split}:{one['place']}",
                np.array(one["picture"], dtype=np.float64),
            )
            for one in evaluation.worst
        ]
        return Gallery("worst samples", tiles, Scale(0.0, _BRIGHTEST))
    rows = [
        (f"{evaluation.split}:{one['place']}", number(one["score"]), one["target"], one["predicted"], one["input"])
        for one in evaluation.worst
    ]
    return Sheet("worst samples", ("sample", evaluation.score, "target", "predicted", "input"), rows)


def _is_told_by_another(evaluations: Sequence[Evaluation]) -> bool:
    """Whether the loss is a metric that has a name of its own (a squared error)."""
    losses = [one.measure("loss") for one in evaluations]
    others = {measure.name for one in evaluations for measure in one.measures} - {"loss"}
    return any(
        all(
            loss is not None and (told := one.measure(name)) is not None and told.value == loss.value
            for one, loss in zip(evaluations, losses, strict=True)
        )
        for name in others
    )


def sweep_pictures(key: str, values: Sequence[object], evaluations: Sequence[Evaluation]) -> list[Picture]:
    """Each metric over the values of one setting of the data, with its interval and the baseline.

    Args:
        key: the setting.
        values: its values, one for each evaluation.
        evaluations: what was measured.
    """
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    pictures: list[Picture] = []
    for measure in evaluations[0].measures:
        told = [one.measure(measure.name) for one in evaluations]
        if measure.low is None or any(one is None for one in told):
            continue
        if measure.name == "loss" and _is_told_by_another(evaluations):
            continue
        there = [one for one in told if one is not None]
        if not numeric or len(values) < 3:  # noqa: PLR2004 - a line of two points says nothing
            continue
        x = np.array(values, dtype=np.float64)
        order = np.argsort(x)
        ends = (("95 %, low", "low", "other"), ("95 %, high", "high", "other"), (measure.name, "value", "train"))
        lines = []
        for label, end, colour in ends:
            y = np.array([np.nan if getattr(one, end) is None else getattr(one, end) for one in there], dtype=np.float64)
            marker = "●" if end == "value" else ""
            lines.append(Series(label, x[order], y[order], colour=colour, marker=marker, faint=end != "value"))
        baselines = {one.baseline for one in there}
        level = (
            [Level(measure.baseline, f"{short(measure.baseline)} {measure.baseline_is}", "level")]
            if (measure.baseline is not None and len(baselines) == 1)
            else []
        )
        positive = bool(np.all(x > 0)) and float(x.max()) >= 10 * float(x.min())
        pictures.append(Plot(f"{measure.name} over {key}", tuple(lines), log_x=positive, x_name=key, levels=tuple(level)))
    return pictures
