"""The part of the app that keeps it whole: what others wrote is no markup, no order to the terminal; palettes are steady."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.notifications import Notification, Notify
from textual.theme import ThemeProvider

from workbench.tui.base.steady_screen import SteadyPalette
from workbench.tui.base.untrusted_text import AsciiLines, NoControls

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.command import Provider
    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel

__all__ = ["Guarded"]

_READ_AFTER_S = 1.0
"""How long something that is told stands there at least, whatever is pressed."""


class Guarded(App[None]):
    """An app whose notifications, tables and lines are what they are."""

    ascii_only = False
    """Whether the terminal shows ASCII alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._no_controls, self._ascii_lines = NoControls(), AsciiLines()
        self.console._markup = False  # noqa: SLF001 - strings in Rich's tables are read as markup by the console that draws them

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, after them one that draws with ASCII where that is wanted, and one that no control passes."""
        ours = [self._ascii_lines] if self.ascii_only else []
        return [*super().get_line_filters(), *ours, self._no_controls]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - nothing that is said here is markup
    ) -> None:
        """Say something in a corner of the screen, as it is written."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def get_key_display(self, binding: Binding) -> str:
        """How the bottom line writes a key: function keys as on the keyboard, F6, whichever of an action's keys is shown."""
        shown = super().get_key_display(binding)
        return shown.upper() if shown[:1] == "f" and shown[1:].isdigit() else shown

    def tell(self, message: str, title: str, severity: SeverityLevel, timeout: float = 8) -> Notification:
        """Say something that can be taken back once it is no longer so."""
        notification = Notification(message, title, severity, timeout=timeout, markup=False)
        self.post_message(Notify(notification))
        return notification

    async def on_event(self, event: events.Event) -> None:
        """Who presses a key has gone on: what was merely told, and has stood there for a moment, goes.

        An app that is being left takes no input any more: it has no screen to take it.
        """
        if isinstance(event, events.InputEvent) and self._exit:
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            for notification in list(self._notifications):
                if notification.severity == "information" and time() - notification.raised_at > _READ_AFTER_S:
                    self._unnotify(notification)
        await super().on_event(event)

    def order(self, text: str) -> None:
        """Write an order of ours to the terminal, as Textual does for the bell; nothing where there is no terminal."""
        if text and not self.is_headless and self._driver is not None:
            self._driver.write(text)

    def take_back(self, notification: Notification) -> None:
        """What was told is no longer so."""
        if notification in self._notifications:
            self._unnotify(notification)

    def uncover(self) -> None:
        """Leave what is open over the screen, as esc does: help, a palette, or a dialog, whose question is not answered then.

        Who goes to another screen, or asks for the palette, is done with it; left behind it would stand there at the return.
        """
        while len(self.screen_stack) > 1:
            top = self.screen
            top.dismiss(None)
            if self.screen is top:
                return

    async def open_palette(self, placeholder: str, *providers: type[Provider]) -> None:
        """Open a palette, unless one is open; with everything that the app offers where no provider is named.

        It offers what can be done on the screen itself, so help and dialogs over it are left first.

        Called while the app handles a message of its own: a palette asks for the screen below it when it is put together, so it
        must be there before the app reads the next key, which may lead to another screen.
        """
        if not isinstance(self.screen, SteadyPalette):
            self.uncover()
            await self.push_screen(SteadyPalette(list(providers) or None, placeholder=placeholder))

    async def action_command_palette(self) -> None:  # type: ignore[override]  # Textual waits for an action
        """Open the palette, unless it is open."""
        await self.open_palette("Search for commands ...")

    async def action_change_theme(self) -> None:  # type: ignore[override]  # the same
        """Open a palette of the colours."""
        await self.open_palette("Search for themes ...", ThemeProvider)
