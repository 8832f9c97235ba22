"""The one place where the form's values are checked: the experiment that they make, or what is wrong with them, and what fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import ExperimentError, Problem
from workbench.experiment import Experiment
from workbench.tui.form.card_fits import Fits, fits
from workbench.tui.form.state import Values

__all__ = ["Validation", "validate"]


@dataclass(frozen=True)
class Validation:
    """What is known of the form's values.

    Attributes:
        experiment: the experiment that they make, or None where something is wrong.
        problems: what is wrong.
        fits: how each card goes with the other one chosen.
        effectless: settings that have no effect as things stand ("table.key" -> why).
    """

    experiment: Experiment | None
    problems: tuple[Problem, ...] = ()
    fits: Fits = field(default_factory=lambda: Fits({}, {}))
    effectless: Mapping[str, str] = field(default_factory=dict)


def validate(values: Values) -> Validation:
    """Check the values, and which cards would fit them. May read files, since a dataset may read some for its task."""
    experiment: Experiment | None = None
    problems: tuple[Problem, ...] = ()
    try:
        experiment = Experiment.from_dict(values)
    except ExperimentError as error:
        problems = error.problems
    effectless = {f"{table}.{key}": why for table, key, why in experiment.effectless} if experiment is not None else {}
    return Validation(experiment, problems, fits(values), effectless)
