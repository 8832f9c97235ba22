"""The first moments: what is typed before the first screen is furnished is kept, and takes effect in order afterwards."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.screen import Screen

__all__ = ["Opening"]

_AT_ONCE = ("ctrl+c", "ctrl+q")
"""Who wants to leave a program that has not opened yet waits for nothing."""


_LONGEST_S = 1.0
"""How long the key after the next one waits for a part that does not answer."""


class Opening:
    """Loses no key while the app opens."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: list[events.Event] | None = []
        self._passed: events.Event | None = None

    @property
    def is_open(self) -> bool:
        """Whether keys take effect as they are typed."""
        return self._waiting is None

    def keeps(self, event: events.Event) -> bool:
        """Keep a key or a paste as long as there is nothing that could take it; whether it was kept."""
        typed = isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.key not in _AT_ONCE)
        if self._waiting is None or not typed or event.is_forwarded or event is self._passed:
            return False
        self._waiting.append(event)
        return True

    def ready(self, screen: Screen[Any]) -> None:
        """The first screen is there, or will not come: once it has the focus, what was typed takes effect."""
        if not self.is_open:
            if screen.is_active:
                screen.call_after_refresh(self._pass_on)  # behind the focus, which waits for the same
            else:
                self._pass_on()

    def _pass_on(self) -> None:
        self._app.run_worker(self._pass_each, exclusive=True, group="opening")  # type: ignore[arg-type]  # Textual's own form

    async def _pass_each(self) -> None:
        """Pass on what was kept, each key only when the one before has taken effect: it may have moved the focus."""
        app = self._app
        while self._waiting:
            self._passed = self._waiting.pop(0)
            target: DOMNode = app.focused or app.screen
            app.post_message(self._passed)
            for node in (app, *(node for node in target.ancestors_with_self if node is not app), app):
                done = asyncio.Event()
                if node.call_later(done.set):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), _LONGEST_S)
        self._waiting = None
