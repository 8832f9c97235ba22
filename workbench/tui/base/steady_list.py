"""Textual's OptionList without two of its crashes: a list squeezed to no width, and a page key before the list is drawn again."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Size
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.tui.bindings import bindings

__all__ = ["SteadyList"]


class SteadyList(OptionList):
    """An OptionList that survives any size and any key.

    Textual 8 wraps its options to a width that may be zero, which raises, and looks up lines that a changed option has
    made it forget, which raises as well; either would end the whole app. Both happen while a terminal is resized.
    Its strings are no markup.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]

    def __init__(self, *content: Option | str, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(*content, id=id, markup=False)

    def _padding(self) -> int | None:
        """Columns beside an option's text; None while the list has no styles: before they are applied, and when it goes."""
        try:
            return self.get_component_styles("option-list--option").padding.width
        except KeyError:
            return None

    def _text_width(self) -> int:
        padding = self._padding()
        return 0 if padding is None else self.scrollable_content_region.width - padding

    def _update_lines(self) -> None:
        if self._text_width() > 0:
            super()._update_lines()

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        self._update_lines()
        if self._heights:
            super()._move_page(direction)

    def clicked(self, event: Click) -> int | None:
        """The option that was clicked and can be chosen; None for one that has gone since it was drawn."""
        index = event.style.meta.get("option")
        return index if index is not None and index < len(self.options) and not self.options[index].disabled else None

    async def _on_click(self, event: Click) -> None:
        if self.clicked(event) is None:
            event.prevent_default()  # else Textual's own handler comes next

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines of all options; one each where there is no room for text."""
        padding = self._padding()
        if padding is None or width - padding < 1:
            return len(self.options)
        return super().get_content_height(container, viewport, width)
