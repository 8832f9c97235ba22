"""Screens that nothing breaks which comes at the wrong moment: a size, a click or an answer that others have overtaken."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from textual import work
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.events import Event, InputEvent, Mount, Paste, Resize
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType

from workbench.tui.base.steady_list import SteadyList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Offset
    from textual.timer import Timer, TimerCallback
    from textual.widget import Widget

__all__ = ["SteadyModalScreen", "SteadyPalette", "SteadyScreen"]


class SteadyScreen(Screen[ScreenResultType]):
    """A screen without some faults of Textual 8, each of which would end the app or keep it busy for ever.

    While it is being taken away its parts go before it does: what reaches it then (answers of threads, messages of its parts,
    keys, and what was to be done after a refresh) is passed over, so that no handler has to ask whether the parts are there.
    """

    async def _dispatch_message(self, message: Message) -> None:
        if not (self._pruning and _asks_for_parts(message)):
            await super()._dispatch_message(message)

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Do something once what has changed is drawn, unless the screen is going by then."""
        return super().call_after_refresh(self._while_here(callback), *args, **kwargs)

    def set_timer(
        self, delay: float, callback: TimerCallback | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        """Do something in a while, unless the screen is going by then."""
        return super().set_timer(delay, callback and self._while_here(callback), name=name, pause=pause)

    def _while_here(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """The same, but nothing once the screen is being taken away."""

        def unless_gone(*args: Any, **kwargs: Any) -> Any:
            return None if self._pruning else callback(*args, **kwargs)  # what it awaits, Textual awaits

        return unless_gone

    async def _on_resize(self, event: Resize) -> None:
        """Take no size but the newest one that the app was told.

        A screen that lays itself out for a size tells itself of it once more. Where two sizes wait in its queue with anything
        between them, each is laid out, told again and laid out again, in turn and for ever: only neighbours are joined.
        """
        if event.size != self.app.size:
            event.stop()
            event.prevent_default()  # else Textual's own handler comes next

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this screen, if it is the one that is seen.

        Two keys in one moment may both close a dialog, and a click may come when another screen is shown. Textual would then
        take away whatever is on top, or find nothing to take away.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """What text could be selected at a place; not of a part that is drawn still, but has been taken away.

        Textual draws the part's line to see what stands there, and a part that was taken away has no styles and no screen.
        """
        try:
            widget, _ = self.get_widget_at(x, y)
        except NoWidget:
            return None, None
        return super().get_widget_and_offset_at(x, y) if widget.is_attached else (None, None)


def _asks_for_parts(message: Message) -> bool:
    """Whether a handler of ours may look for parts on account of it; what Textual needs to end a screen is let through."""
    if isinstance(message, Event):
        return isinstance(message, InputEvent | Paste | Resize)
    return type(message).__module__ != "textual.messages"


class SteadyModalScreen(ModalScreen[ScreenResultType], SteadyScreen[ScreenResultType]):
    """The same for a screen over the others."""


class _Commands(CommandList, SteadyList):
    """The palette's list, steady as well."""


class SteadyPalette(CommandPalette, SteadyScreen[None]):
    """The same for the palette, which searches on for a moment when its parts have gone already."""

    def compose(self) -> ComposeResult:
        """Textual's parts, with a list of ours."""
        for part in super().compose():
            yield _Commands() if isinstance(part, CommandList) else part

    def _on_mount(self, event: Mount) -> None:
        """Begin with the screen below it, unless another screen was asked for before it was put together."""
        if self not in self.app.screen_stack:
            event.prevent_default()  # else Textual's own handler comes next

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)  # noqa: SLF001 - what cancels the search calls it so
    async def _gather_commands(self, search_value: str) -> None:
        search: Callable[[CommandPalette, str], Awaitable[None]] = inspect.unwrap(CommandPalette._gather_commands)  # noqa: SLF001
        with self._unless_gone():
            await search(self, search_value)

    async def _watch__show_busy(self) -> None:
        with self._unless_gone():
            await super()._watch__show_busy()

    def _watch__list_visible(self) -> None:
        with self._unless_gone():
            super()._watch__list_visible()

    @contextmanager
    def _unless_gone(self) -> Iterator[None]:
        """Pass over what fails for want of the palette's parts, or of its styles, which go last of all."""
        try:
            yield
        except (NoMatches, KeyError):
            if self.is_attached and not self._pruning:
                raise
