"""Claims as bounds, and what their runs say of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.verification.making import preset
from workbench.errors import ExperimentError, UsageError
from workbench.experiment import Experiment
from workbench.experiment.presets import list_presets
from workbench.verification.claims import Bound, CheckedClaim, Outcome, Side, Trial, claims_of
from workbench.verification.report import claim_holds, entries, markdown, verdicts_of

ACCURATE = ("test/accuracy", ">=", 0.5)


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [("<", True, False, False), ("<=", True, True, False), (">", False, False, True), (">=", False, True, True)],
)
def test_a_bound_compares_as_its_operator_says(operator: str, below: bool, equal: bool, above: bool) -> None:  # noqa: FBT001
    """Below, at and above the threshold."""
    bound = Bound("test/mse", operator, 0.25)
    assert [bound.holds(value) for value in (0.125, 0.25, 0.5)] == [below, equal, above]


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_no_bound_holds_for_a_value_that_is_none(operator: str) -> None:
    """A run that failed, or whose metric is NaN, proves nothing."""
    bound = Bound("test/mse", operator, 0.25)
    assert not bound.holds(None)
    assert not bound.holds(math.nan)


def test_every_preset_that_claims_something_is_found() -> None:
    """Without names: all claims of the gallery, each with its contrast."""
    claims = claims_of()
    assert [claim.own.preset for claim in claims] == [preset.name for preset in list_presets() if preset.claim]
    gru = next(claim for claim in claims if claim.own.preset == "gated/adding_gru")
    assert gru.contrast is not None
    assert (gru.contrast.preset, gru.contrast.needed) == ("gated/adding_elman", "test/mse >= 0.15")


def test_a_name_given_twice_is_one_claim() -> None:
    """The last part of a name and the whole name are the same preset."""
    assert [claim.own.preset for claim in claims_of(["adding_lstm", "gated/adding_lstm"])] == ["gated/adding_lstm"]


def test_a_preset_without_claim_is_named_with_the_one_it_belongs_to() -> None:
    """A contrast says whose it is."""
    with pytest.raises(UsageError, match=r"gated/adding_elman: it claims nothing.*contrast of 'gated/adding_gru'"):
        claims_of(["adding_elman"])


def test_a_contrast_needs_a_bound(tmp_path: Path) -> None:
    """Half a contrast is a problem of the file."""
    path = Path(preset(tmp_path, "half.toml", ACCURATE))
    path.write_text(path.read_text(encoding="utf-8") + 'against = "elman_echo"\n', encoding="utf-8")
    with pytest.raises(ExperimentError, match="expected against_operator and against_threshold"):
        claims_of([str(path)])


def test_a_contrast_is_looked_for_beside_its_file(tmp_path: Path) -> None:
    """A file names a file of its own folder."""
    other = preset(tmp_path, "other.toml")
    claim = claims_of([preset(tmp_path, "one.toml", ACCURATE, against=("other.toml", "<=", 0.9))])[0]
    assert claim.contrast is not None
    assert claim.contrast.preset == other


def test_needed_runs_are_both_sides_on_every_seed() -> None:
    """Own side first."""
    claim = claims_of(["adding_gru"])[0]
    own, contrast = "gated/adding_gru", "gated/adding_elman"
    assert claim.trials([4, 5]) == [Trial(own, 4), Trial(own, 5), Trial(contrast, 4), Trial(contrast, 5)]


SHORT = {"metric": "test/loss", "operator": "<=", "threshold": 0.5}


def test_further_conditions_are_read_with_their_side(tmp_path: Path) -> None:
    """Of the preset itself, or of the contrast; no run more is needed, and the file is written back with them."""
    other = preset(tmp_path, "other.toml")
    also = (SHORT, {**SHORT, "of": "contrast", "measure": "ratio"})
    path = preset(tmp_path, "one.toml", ACCURATE, against=("other.toml", "<=", 0.9), also=also)
    claim = claims_of([path])[0]
    assert [(side.preset, side.needed) for side in claim.conditions] == [
        (path, "test/accuracy >= 0.5"),
        (path, "test/loss <= 0.5"),
        (other, "test/accuracy <= 0.9"),
        (other, "test/loss ratio <= 0.5"),
    ]
    assert claim.trials([0]) == [Trial(path, 0), Trial(other, 0)]
    again = tmp_path / "again.toml"
    again.write_text(claim.own.experiment.to_toml(), encoding="utf-8")
    assert Experiment.load(again) == claim.own.experiment


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"of": "contrast"}, "got of = contrast; expected a preset in against"),
        ({"measure": "ratio"}, "got measure = ratio of the preset itself; expected of = contrast"),
    ],
)
def test_a_further_condition_must_have_something_to_bound(tmp_path: Path, more: dict[str, str], expected: str) -> None:
    """One of a contrast needs a contrast, and a ratio to itself is none."""
    with pytest.raises(ExperimentError, match=expected):
        claims_of([preset(tmp_path, "one.toml", ACCURATE, also=({**SHORT, **more},))])


def checked() -> CheckedClaim:
    """A claim with a contrast, on presets that need not be trained here."""
    own, contrast = (claim.own.experiment for claim in claims_of(["adding_gru", "adding_lstm"]))
    bound, other = Bound("test/mse", "<", 0.01), Bound("test/mse", ">=", 0.15)
    return CheckedClaim("It adds | well.", Side("good", own, bound), Side("bad", contrast, other))


def outcomes(*, good: float = 0.001, bad: float = 0.16, problem: str = "") -> dict[Trial, Outcome]:
    """What the runs of `checked` gave, on seeds 0 and 1; the problem is of the contrast's second run."""
    return {
        Trial("good", 0): Outcome({"test/mse": good}, 2.0),
        Trial("good", 1): Outcome({"test/mse": 0.002}, 3.0),
        Trial("bad", 0): Outcome({"test/mse": bad}, 4.0),
        Trial("bad", 1): Outcome({"test/mse": 0.17}, 1.0, problem),
    }


@pytest.mark.parametrize(
    ("given", "own", "contrast"),
    [({}, True, True), ({"good": 0.02}, False, True), ({"bad": 0.1}, False, False), ({"problem": "failed: x"}, False, False)],
)
def test_a_claim_holds_when_both_sides_hold_on_every_seed(given: dict[str, float], own: bool, contrast: bool) -> None:  # noqa: FBT001
    """The claim's entry says whether all holds, the contrast's whether its own bound does."""
    verdicts = verdicts_of(checked(), outcomes(**given), [0, 1])  # type: ignore[arg-type]  # one parameter is a text
    assert claim_holds(verdicts) is own
    mine, other = entries([verdicts])
    assert (mine["holds"], other["holds"]) == (own, contrast)
    assert (mine["contrast_of"], other["contrast_of"]) == (None, "good")
    assert mine["seconds"] == 5.0


@pytest.mark.parametrize(
    ("measure", "operator", "values", "needed"),
    [
        ("ratio", "<=", (0.001 / 0.16, 0.002 / 0.17), "test/mse ratio <= 0.1"),
        ("difference", "<=", (0.001 - 0.16, 0.002 - 0.17), "test/mse difference <= 0.1"),
        ("value", ">=", (0.16, 0.17), "test/mse >= 0.1"),
    ],
)
def test_a_contrast_may_be_relative(measure: str, operator: str, values: tuple[float, ...], needed: str) -> None:
    """Own metric divided by the contrast's, or minus it, on the same seed; the contrast's own values are kept."""
    claim = checked()
    assert claim.contrast is not None
    side = Side("bad", claim.contrast.experiment, Bound("test/mse", operator, 0.1), measure)
    both = verdicts_of(CheckedClaim("It adds.", claim.own, side), outcomes(), [0, 1])
    verdict = both[1]
    assert verdict.values == pytest.approx(values)
    assert verdict.metric_values == (0.16, 0.17)
    assert verdict.holds
    assert verdict.side.needed == needed
    assert ("(of 0.16 0.17)" in markdown([both], "workbench verify")) == (measure != "value")


def test_a_relative_contrast_needs_both_values() -> None:
    """A run that failed on either side, or a division by zero, is no proof."""
    side = Side("bad", checked().own.experiment, Bound("test/mse", "<=", 0.1), "ratio")
    assert side.compared(None, 0.5) is None
    assert side.compared(0.5, None) is None
    assert not side.bound.holds(side.compared(0.5, 0.0))


@pytest.mark.parametrize(
    ("of", "threshold", "own", "contrast"), [("own", 2, True, True), ("own", 1, False, True), ("bad", 1, False, False)]
)
def test_a_claim_holds_when_its_further_conditions_do(of: str, threshold: float, own: bool, contrast: bool) -> None:  # noqa: FBT001
    """Each is told with its values; the contrast's entry is about the contrast's conditions alone."""
    claim = checked()
    side = claim.own if of == "own" else claim.contrast
    assert side is not None
    more = Side(side.preset, side.experiment, Bound("test/loss", "<=", threshold))
    claim = CheckedClaim(claim.sentence, claim.own, claim.contrast, (more,))
    found = {trial: Outcome({**out.values, "test/loss": 2.0}, out.seconds) for trial, out in outcomes().items()}
    verdicts = verdicts_of(claim, found, [0, 1])
    assert claim_holds(verdicts) is own
    rows = entries([verdicts])
    assert [row["holds"] for row in rows] == [own, contrast]
    expected = {"metric": "test/loss", "operator": "<=", "threshold": threshold, "measure": "value"}
    values = {"values": [2.0, 2.0], "metric_values": [2.0, 2.0], "baseline": "predicting 1: 0.1667", "holds": threshold == 2}
    assert [row["also"] for row in rows] == ([[expected | values], []] if of == "own" else [[], [expected | values]])
    table = markdown([verdicts], "verify")
    assert f"| `{side.preset}` | and, of the same runs | `test/loss <= {threshold}` | 2 2 (predicting 1: 0.1667) |" in table


def test_a_run_that_failed_is_told_of_once() -> None:
    """However many conditions it was to keep."""
    claim = checked()
    more = Side("good", claim.own.experiment, Bound("test/loss", "<=", 1))
    found = {trial: Outcome({}, 1.0, "lost: gone.") for trial in outcomes()}
    verdicts = verdicts_of(CheckedClaim(claim.sentence, claim.own, None, (more,)), found, [0, 1])
    assert entries([verdicts])[0]["problems"] == ["good, seed 0: lost: gone.", "good, seed 1: lost: gone."]


def test_a_failed_run_gives_no_value_and_says_why() -> None:
    """None stands in its place, and the reason with preset and seed."""
    other = entries([verdicts_of(checked(), outcomes(problem="lost: gone."), [0, 1])])[1]
    assert other["values"] == [0.16, None]
    assert other["problems"] == ["bad, seed 1: lost: gone."]


def test_a_metric_that_a_run_does_not_have_is_a_problem() -> None:
    """The message lists what there is."""
    found = {trial: Outcome({"test/loss": 0.1}, 1.0) for trial in outcomes()}
    mine = verdicts_of(checked(), found, [0, 1])[0]
    assert mine.values == (None, None)
    assert "no metric 'test/mse'; the run has test/loss" in mine.problems[0]


def test_the_markdown_has_a_row_for_each_side_and_can_be_made_again() -> None:
    """Command, versions, bounds, values and verdicts; a bar in a sentence does not break the table."""
    text = markdown([verdicts_of(checked(), outcomes(problem="failed: no."), [0, 1])], "workbench verify --seeds 2")
    assert "    workbench verify --seeds 2\n" in text
    assert "torch 2" in text
    assert "| `good` | It adds \\| well. | `test/mse < 0.01` | 0.001 0.002 (predicting 1: 0.1667) | holds | 5 |" in text
    assert "| `bad` | contrast to `good` | `test/mse >= 0.15` | 0.16 - (predicting 1: 0.1667) | **fails** | 5 |" in text
    assert "- bad, seed 1: failed: no." in text
    assert text.startswith("# Claims, tested\n\n0 of 1 claim holds.")
