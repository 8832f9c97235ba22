"""The learning rate as a function of the step."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.cards import OptimizerSettings
from workbench.training.schedules import Plateau, learning_rate


def rates(settings: OptimizerSettings, total: int) -> list[float]:
    return [learning_rate(settings, step, total, Plateau()) for step in range(total)]


def test_warm_up_rises_linearly_to_the_full_rate() -> None:
    """Over `warmup_steps` the rate grows in equal parts and then is the full one."""
    found = rates(OptimizerSettings(lr=1.0, warmup_steps=4), 6)
    assert found == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_cosine_equals_torch() -> None:
    """The cosine schedule is the one of torch.optim.lr_scheduler.CosineAnnealingLR."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=49, eta_min=0.01)
    expected = []
    for _ in range(50):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()
    assert rates(OptimizerSettings(lr=0.1, schedule="cosine", final_fraction=0.1), 50) == pytest.approx(expected, rel=1e-9)


def test_step_halves_every_so_many_steps() -> None:
    """The step schedule multiplies by its factor every `decay_every` steps."""
    found = rates(OptimizerSettings(lr=8.0, schedule="step", decay_every=2, decay_factor=0.5), 6)
    assert found == [8, 8, 4, 4, 2, 2]


def test_plateau_decays_after_patience_runs_out() -> None:
    """A validation loss that does not fall for `patience` evaluations multiplies the rate once."""
    settings = OptimizerSettings(lr=1.0, schedule="plateau", patience=2, decay_factor=0.1)
    plateau = Plateau()
    found = []
    for loss in (1.0, 0.5, 0.6, 0.7, 0.4):
        plateau.observe(loss, settings)
        found.append(learning_rate(settings, 0, 10, plateau))
    assert found == [1.0, 1.0, 1.0, 0.1, 0.1]


@given(
    schedule=st.sampled_from(["constant", "linear", "cosine", "step"]),
    total=st.integers(1, 60),
    warmup=st.integers(0, 80),
    fraction=st.floats(0, 1),
)
def test_no_schedule_leaves_its_bounds(schedule: str, total: int, warmup: int, fraction: float) -> None:
    """Whatever the settings, the rate stays between 0 and the full one, and linear and cosine end where they should."""
    settings = OptimizerSettings.model_validate(
        {"lr": 0.5, "schedule": schedule, "warmup_steps": warmup, "final_fraction": fraction}
    )
    found = rates(settings, total)
    assert all(0 <= rate <= 0.5 + 1e-12 for rate in found)
    if schedule in ("linear", "cosine") and total - 1 > warmup:
        assert math.isclose(found[-1], 0.5 * fraction, abs_tol=1e-12)
