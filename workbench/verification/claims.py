"""What a preset claims, as bounds on metrics of runs, and whether the runs keep it.

adding_gru   test/mse < 0.01     on every seed     and
adding_elman test/mse >= 0.15    on every seed     -> the claim holds

Each of the two may have to keep further conditions, on other metrics of the same runs. A contrast may also be relative: the
preset's metric divided by the contrast's, or minus it, on the same seed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.errors import ExperimentError, Problem, UsageError
from workbench.experiment import Experiment
from workbench.experiment.presets import find_preset, full_name, list_presets, load_preset
from workbench.experiment.settings import Claim, Condition
from workbench.verification.values import HIGHEST

__all__ = ["Bound", "CheckedClaim", "Outcome", "Side", "Trial", "Verdict", "bounds_of", "claims_of"]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Bound:
    """A condition on the last value of a metric.

    Attributes:
        metric: tag of the series (`test/accuracy`), with `max` before it for its highest value (`max train/loss`).
        operator: `<`, `<=`, `>` or `>=`.
        threshold: what the value is compared with.
    """

    metric: str
    operator: str
    threshold: float

    @property
    def tag(self) -> str:
        """The series that it is about."""
        return self.metric.removeprefix(HIGHEST)

    @property
    def is_of_highest(self) -> bool:
        """Whether it is about the series' highest value, not its last one."""
        return self.metric.startswith(HIGHEST)

    def holds(self, value: float | None) -> bool:
        """Whether a value fulfils it. A value that is missing or NaN does not."""
        return value is not None and _COMPARE[self.operator](value, self.threshold)


@dataclass(frozen=True)
class Trial:
    """One run that is needed: a preset on a seed. Two claims may need the same one, which is then trained once.

    Attributes:
        preset: its name.
        seed: seed of initialisation and batches.
    """

    preset: str
    seed: int

    def __str__(self) -> str:
        return f"{self.preset}, seed {self.seed}"


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        values: the last value of every series, and the highest one (see `values.run_values`).
        seconds: time from the start of its process to its end.
        problem: why it did not finish, in one line, or "".
        instructions: the processor's instructions that torch used (`AVX2`), on which the last digits depend; "" if unknown.
    """

    values: Mapping[str, float]
    seconds: float
    problem: str = ""
    instructions: str = ""

    def value(self, metric: str) -> float | None:
        """A metric's last value; None where the run failed or has no such metric."""
        return None if self.problem else self.values.get(metric)


@dataclass(frozen=True)
class Side:
    """One condition of a claim: a preset whose metric is to fulfil a bound on every seed.

    Attributes:
        preset: its name, or the path of its file as it was given.
        experiment: what is trained.
        bound: what is asked.
        measure: what of the metric is compared: `value`, or the preset's own metric divided by this one (`ratio`) or minus this
            one (`difference`).
    """

    preset: str
    experiment: Experiment
    bound: Bound
    measure: str = "value"

    @property
    def needed(self) -> str:
        """What is asked, in words for a table."""
        bound = self.bound
        kind = "" if self.measure == "value" else f" {self.measure}"
        return f"{bound.metric}{kind} {bound.operator} {bound.threshold:g}"

    @property
    def trivial(self) -> str:
        """A trivial predictor's score in the metric, in words, where the metric itself is compared; else ""."""
        baseline = self.experiment.task.baseline(self.bound.metric) if self.measure == "value" else None
        return baseline.words if baseline is not None else ""

    def compared(self, own: float | None, value: float | None) -> float | None:
        """What is compared with the threshold, from the preset's own metric and this side's on one seed."""
        if self.measure == "value":
            return value
        if own is None or value is None:
            return None
        if self.measure == "difference":
            return own - value
        return own / value if value else math.nan


@dataclass(frozen=True)
class CheckedClaim:
    """A preset's claim, with everything that is needed to test it.

    Attributes:
        sentence: the claim in words.
        own: the preset's own side.
        contrast: the side of the preset that it is held against, or None.
        also: further conditions on the same runs.
    """

    sentence: str
    own: Side
    contrast: Side | None = None
    also: tuple[Side, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """Its own side, and the contrast's where there is one."""
        return (self.own,) if self.contrast is None else (self.own, self.contrast)

    @property
    def conditions(self) -> tuple[Side, ...]:
        """All that must hold: each side, followed by the further conditions on its runs."""
        return tuple(one for side in self.sides for one in (side, *(more for more in self.also if more.preset == side.preset)))

    def trials(self, seeds: Sequence[int]) -> list[Trial]:
        """The runs that it needs."""
        return [Trial(side.preset, seed) for side in self.sides for seed in seeds]


@dataclass(frozen=True)
class Verdict:
    """One condition of a claim and what its runs gave.

    Attributes:
        claim: the claim.
        side: which condition of it.
        seeds: seeds of the runs.
        outcomes: the runs of this side, one for each seed.
        own: the runs of the claim's own side.
    """

    claim: CheckedClaim
    side: Side
    seeds: tuple[int, ...]
    outcomes: tuple[Outcome, ...]
    own: tuple[Outcome, ...]

    @property
    def is_contrast(self) -> bool:
        """Whether it is about the runs that the claim is held against."""
        return self.claim.contrast is not None and self.side.preset == self.claim.contrast.preset

    @property
    def is_further(self) -> bool:
        """Whether it is a further condition on runs that another one is about already."""
        return not any(self.side is side for side in self.claim.sides)

    @cached_property
    def metric_values(self) -> tuple[float | None, ...]:
        """This side's metric on each seed; None where the run failed or has no such metric."""
        return tuple(outcome.value(self.side.bound.metric) for outcome in self.outcomes)

    @cached_property
    def values(self) -> tuple[float | None, ...]:
        """What is compared with the threshold on each seed: the metric, or its ratio or difference to the claim's own."""
        own = [outcome.value(self.side.bound.metric) for outcome in self.own]
        return tuple(self.side.compared(*pair) for pair in zip(own, self.metric_values, strict=True))

    @property
    def holds(self) -> bool:
        """Whether every seed fulfils the bound."""
        return all(self.side.bound.holds(value) for value in self.values)

    @property
    def seconds(self) -> float:
        """Time that its runs took, one after the other."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def problems(self) -> list[str]:
        """What kept a run from giving a value, one line each; a run that failed is told of once, not for each condition."""
        problems = []
        for seed, outcome, value in zip(self.seeds, self.outcomes, self.metric_values, strict=True):
            trial = Trial(self.side.preset, seed)
            if outcome.problem:
                problems += [] if self.is_further else [f"{trial}: {outcome.problem}"]
            elif value is None:
                known = ", ".join(sorted(tag for tag in outcome.values if not tag.startswith(HIGHEST)))
                problems.append(f"{trial}: no metric '{self.side.bound.metric}'; the run has {known}.")
        return problems


def bounds_of(claim: Claim, of: str = "preset") -> tuple[Bound, ...]:
    """What a claim asks of the runs of one preset, its own bound first.

    Args:
        claim: the claim; of a contrast it must compare values, with a bound.
        of: `preset`, which makes the claim, or `contrast`, which it is held against.
    """
    if of == "preset":
        first = Bound(claim.metric, claim.operator, claim.threshold)
    else:
        first = Bound(claim.metric, claim.against_operator or "", claim.against_threshold or 0.0)
    further = (more for more in claim.also if more.of == of and more.measure == "value")
    return (first, *(Bound(more.metric, more.operator, more.threshold) for more in further))


def claims_of(names: Sequence[str] = ()) -> list[CheckedClaim]:
    """The claims of presets, with their contrasts loaded.

    Args:
        names: presets by name, last part of the name or path; all that claim something when there are none.
    Raises:
        UsageError: a preset that was named claims nothing.
        ExperimentError: a preset, or one that it is held against, is unknown or does not hold together.
    """
    chosen = list(dict.fromkeys(full_name(name) or name for name in names)) or [p.name for p in list_presets() if p.claim]
    return [_checked(name) for name in chosen]


def _checked(name: str) -> CheckedClaim:
    experiment = load_preset(name)
    claim = experiment.claim
    if claim is None:
        contrasted = [p.name for p in list_presets() if p.values.get("claim", {}).get("against") == name]
        hint = f"It is the contrast of '{contrasted[0]}'." if contrasted else "'workbench presets NAME' shows a preset's claim."
        raise UsageError(f"{name}: it claims nothing; expected a preset with a table [claim]. {hint}")
    own = Side(name, experiment, Bound(claim.metric, claim.operator, claim.threshold))
    contrast = _contrast(name, claim)
    return CheckedClaim(claim.sentence, own, contrast, tuple(_further(more, own, contrast) for more in claim.also))


def _contrast(name: str, claim: Claim) -> Side | None:
    """The side that a preset's claim is held against."""
    if claim.against is None:
        return None
    if claim.against_operator is None or claim.against_threshold is None:
        message = "got a contrast without a bound; expected against_operator and against_threshold beside against."
        raise ExperimentError([Problem(name, "claim", "against", message)])
    against = _beside(name, claim.against)
    contrast = full_name(against) or against
    bound = Bound(claim.metric, claim.against_operator, claim.against_threshold)
    return Side(contrast, load_preset(contrast), bound, claim.against_measure)


def _further(more: Condition, own: Side, contrast: Side | None) -> Side:
    """A further condition as a side of its own."""
    bound = Bound(more.metric, more.operator, more.threshold)
    if more.of == "contrast" and contrast is None:
        message = "got of = contrast; expected a preset in against. Name one, or leave of out."
        raise ExperimentError([Problem(own.preset, "claim", "also", message)])
    if more.of == "preset" and more.measure != "value":
        message = f"got measure = {more.measure} of the preset itself; expected of = contrast. Set it, or leave measure out."
        raise ExperimentError([Problem(own.preset, "claim", "also", message)])
    side = contrast if more.of == "contrast" and contrast is not None else own
    return Side(side.preset, side.experiment, bound, more.measure)


def _beside(name: str, against: str) -> str:
    """A contrast given as a file is looked for beside the file that names it."""
    return str(find_preset(name).parent / against) if against.endswith(".toml") else against
