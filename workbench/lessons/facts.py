"""What a lesson can say of an experiment before it has run: its settings, and what trivial predictors score."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.experiment.experiment import Experiment
from workbench.lessons.expressions import BASELINE, Values, is_setting

__all__ = ["facts_of"]


def facts_of(experiment: Experiment, names: Iterable[str]) -> Values:
    """Values of settings and trivial predictors, by name; other names are left out."""
    known: dict[str, float] = {}
    for name in names:
        if name.startswith(BASELINE):
            baseline = experiment.task.baseline(f"test/{name.removeprefix(BASELINE)}")
            known |= {} if baseline is None else {name: baseline.value}
        elif is_setting(name):
            known[name] = float(experiment.value(name))
    return known
