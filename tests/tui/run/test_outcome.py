"""What is announced when a run has ended: its score, the claim's verdict and the baseline, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.experiment.settings import Claim
from workbench.runs.folder import RunFolder
from workbench.runs.records import Event, Status
from workbench.tui.run.data import Line, RunData
from workbench.tui.run.outcome import Requirement, requirement_of, result_words

BASELINES = {"baselines": {"accuracy": "random guess: 0.5"}}


def ended(
    values: dict[str, list[float]], *, state: str = "finished", meta: dict[str, Any] | None = None, changed: bool = False
) -> RunData:
    """A run at its end, with series of these values."""
    lines = {tag: Line(np.arange(1, len(line) + 1), np.array(line)) for tag, line in values.items()}
    events = (Event(1, 5, 0.0, "changed", "lr 0.1", {}),) if changed else ()
    status = Status(state, 100, 100, 0.0, None, False, 0)
    return RunData(RunFolder(Path("runs/none")), status, meta=meta or {}, lines=lines, events=events)


def claim(**values: Any) -> Claim:
    """A claim: the test accuracy is above 0.9, and below 0.6 in the contrast."""
    told = {"sentence": "It learns.", "metric": "test/accuracy", "operator": ">", "threshold": 0.9}
    against = {"against": "recurrent/plain", "against_operator": "<", "against_threshold": 0.6}
    return Claim.model_validate({**told, **against, **values})


@pytest.fixture
def claimed() -> Experiment:
    """A preset with a claim of its own."""
    return load_preset("jordan_parity")


def test_a_claim_that_holds_is_said_with_score_and_baseline(claimed: Experiment) -> None:
    """0.95 is above 0.9."""
    run = ended({"test/accuracy": [0.95]}, meta=BASELINES)
    assert result_words(run, claimed, Requirement.of_own(claim())) == [
        "test/accuracy 0.95",
        "claim test/accuracy > 0.9 holds on this seed; its contrast is plain",
        "against random guess: 0.5",
    ]


@pytest.mark.parametrize("value", [0.9, 0.4, float("nan")], ids=["at the bound", "below", "no number"])
def test_a_claim_that_does_not_hold_is_said(claimed: Experiment, value: float) -> None:
    """0.9 itself is not above 0.9, and what is no number keeps no bound."""
    words = result_words(ended({"test/accuracy": [value]}), claimed, Requirement.of_own(claim()))
    assert words[1:] == ["claim test/accuracy > 0.9 does not hold"]


def test_the_further_bound_that_fails_is_named(claimed: Experiment) -> None:
    """The first bound holds, the second does not: the highest norm is 7, below 10 at its end alone."""
    also = [{"metric": "max train/grad_norm", "operator": "<", "threshold": 5}]
    run = ended({"test/accuracy": [0.95], "train/grad_norm": [1, 7, 1]})
    assert result_words(run, claimed, Requirement.of_own(claim(also=also)))[1] == "claim max train/grad_norm < 5 does not hold"
    run = ended({"test/accuracy": [0.95], "train/grad_norm": [1, 4, 1]})
    assert "holds on this seed" in result_words(run, claimed, Requirement.of_own(claim(also=also)))[1]


def test_a_contrast_is_held_to_its_own_bound() -> None:
    """The plain network is to stay below 0.6: 0.5 does, 0.7 does not; bounds on the preset itself are none of its."""
    also = [
        {"metric": "test/loss", "operator": "<", "threshold": 0.1},
        {"metric": "test/loss", "operator": ">", "threshold": 0.6, "of": "contrast"},
    ]
    requirement = Requirement.of_contrast(claim(also=also), "gated/clever")
    assert requirement is not None
    said = [result_words(ended({"test/accuracy": [value], "test/loss": [0.69]}), None, requirement) for value in (0.5, 0.7)]
    assert said[0] == ["test/accuracy 0.5", "as the contrast of clever, test/accuracy < 0.6 holds on this seed"]
    assert said[1] == ["test/accuracy 0.7", "as the contrast of clever, test/accuracy < 0.6 does not hold"]
    run = ended({"test/accuracy": [0.5], "test/loss": [0.2]})
    assert result_words(run, None, requirement)[1] == "as the contrast of clever, test/loss > 0.6 does not hold"


def test_what_compares_two_runs_is_not_asked_of_one() -> None:
    """A contrast that is bounded by a ratio says nothing by itself."""
    assert Requirement.of_contrast(claim(against_measure="ratio"), "gated/clever") is None


@pytest.mark.parametrize("how", [{"state": "stopped"}, {"changed": True}], ids=["stopped", "changed meanwhile"])
def test_a_run_that_is_not_the_presets_has_no_verdict(claimed: Experiment, how: dict[str, Any]) -> None:
    """One that was stopped, or whose settings were changed while it went on, is not what the claim is about."""
    run = ended({"test/accuracy": [0.95]}, meta=BASELINES, **how)
    assert result_words(run, claimed, Requirement.of_own(claim())) == ["test/accuracy 0.95", "against random guess: 0.5"]


def test_last_and_best_weights_are_told_apart_where_they_differ() -> None:
    """Both scores with their weights; one alone where they are the same."""
    run = ended({"test/mse": [0.25], "test_best/mse": [0.125]})
    assert result_words(run, None, None) == ["test/mse 0.25 (last weights), 0.125 (best weights)"]
    run = ended({"test/mse": [0.25], "test_best/mse": [0.25]})
    assert result_words(run, None, None) == ["test/mse 0.25"]


def test_without_test_values_the_next_best_is_told() -> None:
    """Validation, else the training loss, else nothing."""
    assert result_words(ended({"validation/loss": [0.5, 0.25], "train/loss": [1.0]}), None, None) == ["validation/loss 0.25"]
    assert result_words(ended({"train/loss": [1.0, 0.5]}), None, None) == ["train/loss 0.5"]
    assert result_words(ended({}), None, None) == []


def test_presets_are_known_by_their_settings() -> None:
    """A preset with a claim, its contrast, the same on another seed; not with another number of steps."""
    own, contrast = requirement_of(load_preset("jordan_parity")), requirement_of(load_preset("elman_parity"))
    assert own is not None
    assert (own.bounds[0].metric, own.contrast, own.contrast_to) == ("test/accuracy", "elman_parity", "")
    assert contrast is not None
    assert contrast.contrast_to == "jordan_parity"
    assert requirement_of(load_preset("jordan_parity", {"training.seed": 7})) == own
    assert requirement_of(load_preset("jordan_parity", {"training.steps": 7})) is None
