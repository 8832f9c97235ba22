"""The lists for architecture and dataset: grouped by chapter, what does not fit greyed, with the reason on highlight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.cards.catalog import BrokenCard
from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.form.card_fits import Fit
from workbench.tui.glyphs import glyphs_of

__all__ = ["CardPicker"]

_FITS = Fit()
_BROKEN = "broken:"
"""How the id of a line begins that stands for a card that cannot be used."""


class CardPicker(SteadyList):
    """A list of cards by group. The chosen one has a dot; one that does not fit has a sign and is grey."""

    HELP = """
    ## Architecture and dataset

    What is trained, and on what. `up` `down` look, `enter` chooses; `tab` goes on to the next list.

    - `●` is chosen
    - `↻` fits after one setting changes, which choosing it does for you
    - `⊘` does not go with the other choice; the line below the settings says why, and `enter` offers what would
    - what cannot be used at all, such as a plug-in with a fault, stands at the end; the line below says what is wrong with it
    """
    DEFAULT_CSS = """
    CardPicker {
        height: auto; max-height: 23vh; min-height: 3; padding: 0; background: transparent;
        scrollbar-size-vertical: 1; scrollbar-color: $foreground 20%; scrollbar-background: transparent;
        border: round $border-blurred; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        &:focus { border: round $primary; border-title-color: $text-primary; background-tint: transparent 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $text-muted; text-style: none; }
        & > .option-list--option-highlighted { background: transparent; text-style: none; color: $foreground; }
        &:focus > .option-list--option-highlighted { background: $primary 25%; text-style: none; color: $foreground; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A card was chosen in a table (`model` or `data`)."""

        table: str
        name: str

    @dataclass
    class Pointed(Message):
        """The cursor is on a card; `broken` says why it cannot be used, or ""."""

        table: str
        name: str
        broken: str = ""

    def __init__(self, table: str, title: str, id: str | None = None) -> None:  # noqa: A002 - textual's own name for it
        super().__init__(id=id)
        self.border_title = as_is(title)
        self._table = table
        self._cards: Mapping[str, type[Any]] = {}
        self._chosen = ""
        self._fits: Mapping[str, Fit] = {}
        self._broken: tuple[BrokenCard, ...] = ()

    def show(
        self, cards: Mapping[str, type[Any]], chosen: str, fits: Mapping[str, Fit], broken: Sequence[BrokenCard] = ()
    ) -> None:
        """List the cards.

        Args:
            cards: name -> card.
            chosen: the name that has the dot.
            fits: name -> how it goes with the other choice; a name that is not in it is taken to fit.
            broken: what was found and cannot be used.
        """
        moved = chosen != self._chosen
        fresh = list(cards) != list(self._cards) or tuple(broken) != self._broken
        self._broken = tuple(broken)
        self._cards, self._chosen, self._fits = cards, chosen, fits
        if fresh:
            self.set_options(self._list())
        else:
            self._redraw()
        if (moved or fresh) and chosen in cards:
            self.highlighted = self.get_option_index(chosen)

    def _list(self) -> list[Option]:
        options = []
        for group in dict.fromkeys(card.group for card in self._cards.values()):
            options.append(Option(Content.assemble((group, "$foreground 60% bold")), id=f"group:{group}", disabled=True))
            for name, card in self._cards.items():
                if card.group == group:
                    options.append(Option(self._prompt(name), id=name))
        if self._broken:
            options.append(Option(Content.assemble(("Cannot be used", "$foreground 60% bold")), id="group:", disabled=True))
            options += [Option(self._broken_prompt(index), id=f"{_BROKEN}{index}") for index in range(len(self._broken))]
        return options

    def _broken_prompt(self, index: int) -> Content:
        return Content.assemble(" ", (f"{glyphs_of(self.app).wrong} {self._cut(self._broken[index].name)}", "$text-error"))

    def _cut(self, title: str) -> str:
        """As much as there is room for; the line below the settings has all of it."""
        ellipsis = glyphs_of(self.app).ellipsis
        room = (self.scrollable_content_region.width or 28) - 3
        if cell_len(title) <= room:
            return title
        return set_cell_size(title, max(1, room - len(ellipsis))).rstrip() + ellipsis

    def _prompt(self, name: str) -> Content:
        signs = glyphs_of(self.app)
        fit = self._fits.get(name, _FITS)
        sign, style, words = " ", "", ""
        if name == self._chosen:
            sign, style, words = signs.chosen, "$text-primary", "bold"
        elif fit.refused:
            sign, style, words = signs.refused, "$foreground 40%", "$foreground 40%"
        elif fit.reason:
            sign, style, words = signs.adjusts, "$foreground 60%", ""
        return Content.assemble(" ", (sign, style), " ", (self._cut(str(self._cards[name].title)), words))

    def _redraw(self) -> None:
        for index, option in enumerate(self.options):
            if option.id is not None and option.id in self._cards:
                self._replace_option_prompt(index, self._prompt(option.id))
            elif option.id is not None and option.id.startswith(_BROKEN):
                self._replace_option_prompt(index, self._broken_prompt(int(option.id.removeprefix(_BROKEN))))

    def on_resize(self) -> None:
        """Titles are cut to the width; a list of one line shows what is chosen."""
        self._redraw()
        self.call_after_refresh(self.scroll_to_highlight)

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - textual's own signature
        """Say what is under the cursor; on the way out go back to what is chosen, so that a glance shows the choice."""
        super().watch_has_focus(has_focus)
        if has_focus:
            self._point()
        elif self._chosen in self._cards:
            self.highlighted = self.get_option_index(self._chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what is under the cursor."""
        event.stop()
        if self.has_focus:
            self._point()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose it."""
        event.stop()
        if event.option.id is not None and event.option.id.startswith(_BROKEN):
            self.app.bell()
        elif event.option.id is not None and event.option.id != self._chosen:
            self.post_message(self.Chosen(self._table, event.option.id))

    def _point(self) -> None:
        option = self.highlighted_option
        if option is not None and option.id is not None and option.id in self._cards:
            self.post_message(self.Pointed(self._table, option.id))
        elif option is not None and option.id is not None and option.id.startswith(_BROKEN):
            card = self._broken[int(option.id.removeprefix(_BROKEN))]
            self.post_message(self.Pointed(self._table, card.name, card.reason))
