"""Claims whose runs take less than three seconds each are put to the test here, contrasts included, on one seed."""

from __future__ import annotations

import pytest

from tests.training.driving import run_all, state_of
from workbench.training.events import Evaluated
from workbench.verification.claims import Outcome, Trial, claims_of
from workbench.verification.report import claim_holds, entries, verdicts_of

QUICK = (
    "bidirectional_lookahead",
    "elman_echo",
    "gradient_flow",
    "gradient_flow_05",
    "gradient_flow_09",
    "gradient_flow_10",
    "gradient_flow_11",
    "jordan_recall",
    "tdnn_shift",
    "untied_length",
)
"""By measured time: no run of theirs, or of their contrasts, takes longer on a core of its own."""
SEED = 7


@pytest.mark.slow
@pytest.mark.parametrize("preset", QUICK)
def test_a_quick_claim_holds(preset: str) -> None:
    """Every condition of the claim, on the metrics of the whole test set at the end of the run."""
    claim = claims_of([preset])[0]
    outcomes = {}
    for side in claim.sides:
        wanted = side.experiment.with_changes({"training.seed": SEED, "training.eval_every": 0, "training.device": "cpu"})
        values = {
            tag: v for event in run_all(state_of(wanted)) if isinstance(event, Evaluated) for tag, v in event.scalars.items()
        }
        outcomes[Trial(side.preset, SEED)] = Outcome(values, 0.0)
    verdicts = verdicts_of(claim, outcomes, [SEED])
    assert claim_holds(verdicts), entries([verdicts])
