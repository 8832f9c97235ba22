"""Architecture and dataset: the two lists, and what is done where the chosen pair is impossible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from workbench.cards.catalog import broken_cards
from workbench.tui.base.background import in_thread
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog
from workbench.tui.form.card_fits import Fit, Fits, fits
from workbench.tui.form.hints import adjustment
from workbench.tui.form.pickers import CardPicker
from workbench.tui.form.state import FormState, Values, cards_of

__all__ = ["CardPickers"]

_LISTS = {"model": "#architectures", "data": "#datasets"}
_OTHER = {"model": "data", "data": "model"}
_WORDS = {"model": "architecture", "data": "dataset"}
_OFFERED = 5


class CardPickers(Vertical):
    """Two lists of cards. A card that fits after a change brings the change; one that does not fit asks what to do.

    Args:
        values: the form's values.
    """

    @dataclass
    class Chosen(Message):
        """A card was chosen.

        Attributes:
            table, name: the card (`model` or `data`, and which).
            values: what becomes of the form's values, in order: the card itself, and what makes it fit ("data.view" -> "rows").
        """

        table: str
        name: str
        values: Mapping[str, Any]

    @dataclass
    class _Offers(Message):
        table: str
        name: str
        fit: Fit
        offers: Mapping[str, Fit]

    def __init__(self, values: FormState, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self._values, self._fits, self._live = values, Fits({}, {}), False

    def compose(self) -> ComposeResult:
        """The lists."""
        yield CardPicker("model", "Architecture", id="architectures")
        yield CardPicker("data", "Dataset", id="datasets")

    def show(self, values: FormState, card_fits: Fits, *, live: bool) -> None:
        """Show what is chosen and what fits.

        Args:
            values: the form's values.
            card_fits: how each card goes with the other one chosen.
            live: a run goes on, whose cards cannot change.
        """
        self._values, self._fits, self._live = values, card_fits, live
        for table, id in _LISTS.items():  # noqa: A001 - textual's own name
            picker = self.query_one(id, CardPicker)
            picker.show(cards_of(table), values.name(table), getattr(card_fits, table), broken_cards(table))

    def fit(self, table: str, name: str) -> Fit:
        """How a card goes with the other one chosen."""
        fit: Fit = getattr(self._fits, table).get(name, Fit())
        return fit

    def choose(self, table: str, name: str) -> None:
        """Choose an architecture (`model`) or a dataset (`data`), as a click in the list does."""
        if self._values.name(table) == name:
            return
        if self._live:
            self.app.notify(f"The {_WORDS[table]} can change when the run has ended.", severity="warning")
            return
        fit = self.fit(table, name)
        if fit.refused:
            trial = self._values.copy()
            trial.choose(table, name)
            self._find_offers(table, name, fit, trial.snapshot())
            return
        if fit.changes:
            self.app.notify(adjustment(fit), title=f"{cards_of(table)[name].title}")
        self.post_message(self.Chosen(table, name, {f"{table}.name": name, **fit.changes}))

    @on(CardPicker.Chosen)
    def _picked(self, event: CardPicker.Chosen) -> None:
        event.stop()
        self.choose(event.table, event.name)

    # Pairs that are impossible -------------------------------------------------------------------------------------------

    @in_thread("form-offer", exclusive=True)
    def _find_offers(self, table: str, name: str, fit: Fit, values: Values) -> None:
        """Find the other side's cards that would do. In a thread, since a dataset may read files for its task."""
        possible: Mapping[str, Fit] = getattr(fits(values), _OTHER[table])
        able = sorted((card for card, its in possible.items() if not its.refused), key=lambda card: bool(possible[card].reason))
        offers = {card: possible[card] for card in able[:_OFFERED]}
        if not get_current_worker().is_cancelled:
            self.post_message(self._Offers(table, name, fit, offers))

    @on(_Offers)
    def _ask_offers(self, event: _Offers) -> None:
        """Say why the pair is impossible, and offer what would do."""
        event.stop()
        other, title = _OTHER[event.table], str(cards_of(event.table)[event.name].title)
        choices = [Choice(card, f"Switch the {_WORDS[other]} to {cards_of(other)[card].title}") for card in event.offers]
        choices.append(Choice("", "Keep things as they are"))
        dialog = ChoiceDialog(f"{title} does not fit here", event.fit.reason, choices)
        self.app.push_screen(dialog, partial(self._answered, event))

    def _answered(self, event: _Offers, card: str | None) -> None:
        """Switch both cards, if one of those offered was taken."""
        if card:
            values = {f"{_OTHER[event.table]}.name": card, **event.offers[card].changes, f"{event.table}.name": event.name}
            self.post_message(self.Chosen(event.table, event.name, values))
