"""The form's values: changes against the preset, other cards, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.harness import example, fixed_cards
from workbench.tui.form.state import FormState
from workbench.tui.form.validation import validate


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def test_a_fresh_form_state_has_no_changes() -> None:
    """What was loaded is the measure of what is changed."""
    form_state = FormState(example())
    assert form_state.changes() == {}
    form_state.set("model.hidden_size", 128)
    form_state.set("optimizer.lr", 1e-3)
    assert form_state.changes() == {"model.hidden_size": 128, "optimizer.lr": 1e-3}
    form_state.set("model.hidden_size", 32)
    assert form_state.changes() == {"optimizer.lr": 1e-3}


def test_changing_a_copy_leaves_the_first_alone() -> None:
    """Trying something on a copy, or in a thread, does not reach the form."""
    form_state = FormState(example())
    form_state.copy().set("model.hidden_size", 1)
    form_state.snapshot()["model"]["hidden_size"] = 2
    assert form_state.changes() == {}


def test_another_optimiser_keeps_what_both_understand() -> None:
    """The learning rate survives a change of optimiser, and the preset's own settings come back with it."""
    form_state = FormState(example(optimizer__betas=[0.8, 0.9]) if "betas" in str(example().optimizer.config) else example())
    form_state.set("optimizer.name", "sgd")
    assert form_state.values["optimizer"]["lr"] == 5e-3
    assert form_state.changes()["optimizer.name"] == "sgd"
    form_state.set("optimizer.name", "adam")
    assert form_state.changes() == {}


def test_another_architecture_keeps_shared_settings_that_it_accepts() -> None:
    """A setting goes along to the next card, unless that card would refuse its value."""
    form_state = FormState(example())
    form_state.set("model.hidden_size", -5)
    form_state.choose("model", "translator")
    assert form_state.name("model") == "translator"
    assert form_state.values["model"] == {"name": "translator", "dropout": 0.0, "activation": "tanh", "peephole": False}


def test_wrong_values_are_kept_and_reported_at_their_field() -> None:
    """A wrong value stays as typed, with the problem located by table and key."""
    form_state = FormState(example())
    form_state.set("model.hidden_size", 0)
    form_state.set("optimizer.lr", "fast")
    validation = validate(form_state.snapshot())
    assert validation.experiment is None
    assert [(problem.table, problem.key) for problem in validation.problems] == [("model", "hidden_size"), ("optimizer", "lr")]


def test_another_card_takes_the_presets_words_away_and_the_first_one_brings_them_back() -> None:
    """Title and text of a preset are not said of another pair; a setting alone leaves them."""
    form_state = FormState(example())
    form_state.set("model.hidden_size", 5)
    assert form_state.snapshot()["title"] == "Cell on sums"
    form_state.choose("data", "digits")
    assert "title" not in form_state.snapshot()
    form_state.choose("data", "sums")
    assert form_state.snapshot()["title"] == "Cell on sums"
