"""How a run ended, in words: the score that counts, what a trivial predictor reaches, and whether a preset's claim held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.runs.summary import measured_by
from workbench.saying import exact

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.experiment.settings import Claim
    from workbench.tui.run.data import RunData
    from workbench.verification.claims import Bound

__all__ = ["Requirement", "requirement_of", "result_words"]


@dataclass(frozen=True)
class Requirement:
    """What a preset's claim asks of a run.

    Attributes:
        bounds: what its metrics must keep, the claim's own first.
        contrast_to: the preset whose claim the run is the contrast of, or "" where the claim is its own.
        contrast: the preset that its own claim is held against, which takes a run of its own, or "".
    """

    bounds: tuple[Bound, ...]
    contrast_to: str = ""
    contrast: str = ""

    @classmethod
    def of_own(cls, claim: Claim) -> Requirement:
        """What a claim asks of the preset that makes it."""
        from workbench.verification.claims import bounds_of

        return cls(bounds_of(claim), contrast=(claim.against or "").rpartition("/")[2])

    @classmethod
    def of_contrast(cls, claim: Claim, name: str) -> Requirement | None:
        """What the claim of a preset asks of its contrast; None where it compares two runs, of which one says nothing."""
        if claim.against_measure != "value" or claim.against_operator is None or claim.against_threshold is None:
            return None
        from workbench.verification.claims import bounds_of

        return cls(bounds_of(claim, of="contrast"), contrast_to=name.rpartition("/")[2])


def requirement_of(experiment: Experiment) -> Requirement | None:
    """What is asked of a run with the settings of a preset, its seed aside; None of other runs. Reads presets: in a thread."""
    from workbench.experiment.presets import list_presets, load_preset

    presets = list_presets(own=True)
    for preset in presets:
        if preset.title != experiment.title:
            continue
        try:
            if _without_seed(load_preset(preset.name)) != _without_seed(experiment):
                continue
            if experiment.claim is not None:
                return Requirement.of_own(experiment.claim)
            for other in presets:
                claim = load_preset(other.name).claim if _names(other.values.get("claim"), preset.name) else None
                if claim is not None and (requirement := Requirement.of_contrast(claim, other.name)) is not None:
                    return requirement
        except WorkbenchError:
            continue
    return None


def _names(claim: object, preset: str) -> bool:
    """Whether the table of a claim names a preset as its contrast."""
    return isinstance(claim, dict) and claim.get("against") in {preset, preset.rpartition("/")[2]}


def _without_seed(experiment: Experiment) -> dict[str, object]:
    values = experiment.to_dict()
    del values["inspect"]  # it has no effect on what comes out
    return {**values, "training": {**values["training"], "seed": 0}}


def result_words(run: RunData, experiment: Experiment | None, requirement: Requirement | None) -> list[str]:
    """What came out, the most important words first; nothing where nothing was measured.

    Args:
        run: the run at its end.
        experiment: what it was started with.
        requirement: what a preset's claim asks of it, or None.
    """
    claim = experiment.claim if experiment is not None else None
    metric = claim.metric if claim is not None else requirement.bounds[0].metric if requirement is not None else ""
    tag = _main_tag(run, metric)
    if not tag:
        return []
    words = [f"{tag} {exact(_last(run, tag))}"]
    best = tag.replace("test/", "test_best/", 1)
    if best != tag and best in run.lines and len(run.lines[best].values) and _last(run, best) != _last(run, tag):
        words[0] += f" (last weights), {exact(_last(run, best))} (best weights)"
    baseline = run.meta.get("baselines", {}).get(tag.rpartition("/")[2])
    changed = any(event.kind == "changed" for event in run.events)
    if requirement is not None and not changed and run.status.state == "finished":
        words.append(_verdict(run, requirement))
    if baseline:
        words.append(f"against {baseline}")
    return words


def _main_tag(run: RunData, claimed: str) -> str:
    drawn = [tag for tag, line in run.lines.items() if len(line.values)]
    main = [f"{split}/{name}" for split in ("test", "validation") if (name := measured_by(split, drawn))]
    return next((tag for tag in (claimed, *main, "train/loss") if tag in drawn), "")


def _last(run: RunData, tag: str) -> float:
    return float(run.lines[tag].values[-1])


def _verdict(run: RunData, requirement: Requirement) -> str:
    """Whether this run keeps what is asked of it."""
    failed = next((bound for bound in requirement.bounds if not bound.holds(_value(run, bound))), None)
    bound = failed or requirement.bounds[0]
    what = f"{bound.metric} {bound.operator} {bound.threshold:g}"
    name = f"as the contrast of {requirement.contrast_to}, {what}" if requirement.contrast_to else f"claim {what}"
    if failed is not None:
        return f"{name} does not hold"
    further = f"; its contrast is {requirement.contrast}" if requirement.contrast else ""
    return f"{name} holds on this seed{further}"


def _value(run: RunData, bound: Bound) -> float | None:
    """The value that a bound is about; None where the run has none."""
    line = run.lines.get(bound.tag)
    if line is None or not len(line.values):
        return None
    return float(line.values.max() if bound.is_of_highest else line.values[-1])
