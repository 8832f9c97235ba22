"""The form's values: changes against the preset, other cards, and which pairs are possible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.harness import example, fixed_cards
from workbench.tui.draft import Draft, check, fits


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def test_a_fresh_draft_has_no_changes() -> None:
    """What was loaded is the measure of what is changed."""
    draft = Draft(example())
    assert draft.changes() == {}
    draft.set("model.hidden_size", 128)
    draft.set("optimizer.lr", 1e-3)
    assert draft.changes() == {"model.hidden_size": 128, "optimizer.lr": 1e-3}
    draft.set("model.hidden_size", 32)
    assert draft.changes() == {"optimizer.lr": 1e-3}


def test_changing_a_copy_leaves_the_draft_alone() -> None:
    """Trying something on a copy, or in a thread, does not reach the form."""
    draft = Draft(example())
    draft.copy().set("model.hidden_size", 1)
    draft.snapshot()["model"]["hidden_size"] = 2
    assert draft.changes() == {}


def test_another_optimiser_keeps_what_both_understand() -> None:
    """The learning rate survives a change of optimiser, and the preset's own settings come back with it."""
    draft = Draft(example(optimizer__betas=[0.8, 0.9]) if "betas" in str(example().optimizer.config) else example())
    draft.set("optimizer.name", "sgd")
    assert draft.values["optimizer"]["lr"] == 5e-3
    assert draft.changes()["optimizer.name"] == "sgd"
    draft.set("optimizer.name", "adam")
    assert draft.changes() == {}


def test_another_architecture_keeps_shared_settings_that_it_accepts() -> None:
    """A setting goes along to the next card, unless that card would refuse its value."""
    draft = Draft(example())
    draft.set("model.hidden_size", -5)
    draft.choose("model", "translator")
    assert draft.name("model") == "translator"
    assert draft.values["model"] == {"name": "translator", "dropout": 0.0, "activation": "tanh", "peephole": False}


def test_wrong_values_are_kept_and_reported_at_their_field() -> None:
    """A wrong value stays as typed, with the problem located by table and key."""
    draft = Draft(example())
    draft.set("model.hidden_size", 0)
    draft.set("optimizer.lr", "fast")
    experiment, problems = check(draft.snapshot())
    assert experiment is None
    assert [(problem.table, problem.key) for problem in problems] == [("model", "hidden_size"), ("optimizer", "lr")]


def test_fits_names_what_is_possible_what_needs_a_setting_and_what_is_refused() -> None:
    """Seen from a cell: sums fit, digits fit once their view is rows, words are refused with the reason."""
    found = fits(Draft(example()).snapshot())
    assert not found.data["sums"].reason
    assert found.data["digits"].changes == {"data.view": "rows"}
    assert found.data["words"].refused
    assert "translator" in found.data["words"].reason
    assert found.model["translator"].refused


def test_what_fits_does_not_hang_on_a_wrong_value() -> None:
    """A value that is wrong for another reason leaves the lists as they were."""
    draft = Draft(example())
    draft.set("model.hidden_size", 0)
    draft.set("data.length", "many")
    assert fits(draft.snapshot()) == fits(Draft(example()).snapshot())


def test_another_card_takes_the_presets_words_away_and_the_first_one_brings_them_back() -> None:
    """Title and text of a preset are not said of another pair; a setting alone leaves them."""
    draft = Draft(example())
    draft.set("model.hidden_size", 5)
    assert draft.snapshot()["title"] == "Cell on sums"
    draft.choose("data", "digits")
    assert "title" not in draft.snapshot()
    draft.choose("data", "sums")
    assert draft.snapshot()["title"] == "Cell on sums"
