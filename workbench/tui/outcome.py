"""How a run ended, in words: the score that counts, what a trivial predictor reaches, and whether the preset's claim held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.plotting import exact

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.settings import Claim, Condition
    from workbench.tui.run_data import RunData

__all__ = ["claim_of", "result_words"]

_METRICS = ("exact_match", "accuracy", "nrmse", "mse", "nll", "loss")


def claim_of(experiment: Experiment) -> str:
    """The name of the preset whose settings, claim included, a run has (its seed aside), or "". Reads presets: in a thread."""
    from workbench.presets import list_presets, load_preset

    if experiment.claim is None:
        return ""
    for preset in list_presets():
        if preset.title == experiment.title:
            try:
                known = load_preset(preset.name)
            except WorkbenchError:
                continue
            if _without_seed(known) == _without_seed(experiment):
                return preset.name
    return ""


def _without_seed(experiment: Experiment) -> dict[str, object]:
    values = experiment.to_dict()
    return {**values, "training": {**values["training"], "seed": 0}}


def result_words(run: RunData, experiment: Experiment | None, preset: str) -> list[str]:
    """What came out, the most important words first; nothing where nothing was measured.

    Args:
        run: the run at its end.
        experiment: what it was started with.
        preset: the preset whose claim it can be held to (see `claim_of`), or "".
    """
    claim = experiment.claim if experiment is not None else None
    tag = _main_tag(run, claim.metric if claim is not None else "")
    if not tag:
        return []
    words = [f"{tag} {exact(_last(run, tag))}"]
    best = tag.replace("test/", "test_best/", 1)
    if best != tag and best in run.lines and len(run.lines[best].values) and _last(run, best) != _last(run, tag):
        words[0] += f" (last weights), {exact(_last(run, best))} (best weights)"
    baseline = run.meta.get("baselines", {}).get(tag.rpartition("/")[2])
    changed = any(event.kind == "changed" for event in run.events)
    if claim is not None and preset and not changed and run.status.state == "finished":
        words.append(_verdict(run, experiment))
    if baseline:
        words.append(f"against {baseline}")
    return words


def _main_tag(run: RunData, claimed: str) -> str:
    tags = [claimed, *(f"{split}/{metric}" for split in ("test", "validation") for metric in _METRICS), "train/loss"]
    return next((tag for tag in tags if tag in run.lines and len(run.lines[tag].values)), "")


def _last(run: RunData, tag: str) -> float:
    return float(run.lines[tag].values[-1])


def _verdict(run: RunData, experiment: Experiment | None) -> str:
    """Whether this run keeps the bounds that the claim sets to the preset's own runs."""
    from workbench.verification.claims import Bound

    claim = experiment.claim if experiment is not None else None
    if claim is None:
        return ""
    asked_for: list[Claim | Condition] = [claim, *(condition for condition in claim.also if condition.of == "preset")]
    for asked in asked_for:
        tag = asked.metric.removeprefix("max ")
        line = run.lines.get(tag)
        value = None
        if line is not None and len(line.values):
            value = float(line.values.max() if tag != asked.metric else line.values[-1])
        if not Bound(asked.metric, asked.operator, asked.threshold).holds(value):
            return f"claim {asked.metric} {asked.operator} {asked.threshold:g} does not hold"
    return f"claim {claim.metric} {claim.operator} {claim.threshold:g} holds on this seed"
