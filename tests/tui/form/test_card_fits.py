"""Which cards go together: what is possible, what needs a setting, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.harness import example, fixed_cards
from workbench.tui.form.card_fits import fits
from workbench.tui.form.state import FormState


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def test_fits_names_what_is_possible_what_needs_a_setting_and_what_is_refused() -> None:
    """Seen from a cell: sums fit, digits fit once their view is rows, words are refused with the reason."""
    card_fits = fits(FormState(example()).snapshot())
    assert not card_fits.data["sums"].reason
    assert card_fits.data["digits"].changes == {"data.view": "rows"}
    assert card_fits.data["words"].refused
    assert "translator" in card_fits.data["words"].reason
    assert card_fits.model["translator"].refused


def test_what_fits_does_not_hang_on_a_wrong_value() -> None:
    """A value that is wrong for another reason leaves the lists as they were."""
    form_state = FormState(example())
    form_state.set("model.hidden_size", 0)
    form_state.set("data.length", "many")
    assert fits(form_state.snapshot()) == fits(FormState(example()).snapshot())
