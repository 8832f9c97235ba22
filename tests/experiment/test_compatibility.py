"""Settings that an architecture has no use for: what is said to have no effect has none."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.driving import experiment, run_all, state_of
from workbench.cards import catalog
from workbench.experiment.compatibility import unused
from workbench.experiment.settings import TrainingConfig

OTHERS: dict[str, Any] = {
    "optimizer__lr": 0.5,
    "optimizer__schedule": "cosine",
    "optimizer__warmup_steps": 3,
    "optimizer__final_fraction": 0.5,
    "optimizer__weight_decay": 0.1,
    "training__clip_norm": 1e-3,
    "training__clip_value": 1e-3,
    "training__label_smoothing": 0.2,
    "training__sampling_schedule": "linear",
}
CLOSED = sorted(name for name, card in catalog.architectures().items() if card.closed_form)


def _weights(**changes: Any) -> dict[str, torch.Tensor]:
    state = state_of(experiment(model__name=CLOSED[0], training__steps=3, training__eval_every=0, **changes))
    run_all(state)
    return {name: value.clone() for name, value in state.model.state_dict().items()}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_a_setting_without_effect_changes_no_weight(name: str) -> None:
    """The solution of a model that is fitted in closed form is the same to the bit with another value."""
    table, _, key = name.partition("__")
    assert unused(catalog.architectures()[CLOSED[0]], table, key)
    before, after = _weights(), _weights(**{name: OTHERS[name]})
    assert all(torch.equal(before[each], after[each]) for each in before)


@pytest.mark.parametrize("name", ["training__batch_size", "training__accumulate", "training__seed"])
def test_a_setting_with_effect_is_not_called_idle(name: str) -> None:
    """What gives other data or another reservoir counts for it too."""
    table, _, key = name.partition("__")
    assert not unused(catalog.architectures()[CLOSED[0]], table, key)
    before, after = _weights(), _weights(**{name: 5})
    assert not all(torch.equal(before[each], after[each]) for each in before)


@pytest.mark.parametrize("name", sorted(catalog.architectures()))
def test_what_is_searched_needs_its_optimiser(name: str) -> None:
    """Only a model in closed form has no use for a learning rate; only one with recurrent layers for a cut through time."""
    card = catalog.architectures()[name]
    assert bool(unused(card, "optimizer", "lr")) == card.closed_form
    assert bool(unused(card, "training", "truncate")) == (not card.recurrent)
    assert not any(unused(card, "training", key) for key in ("steps", "batch_size", "seed", "eval_every"))
    assert not any(unused(card, "model", key) for key in TrainingConfig.model_fields)
