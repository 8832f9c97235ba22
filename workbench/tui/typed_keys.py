"""Keys take effect in the order in which they are typed, each on what the one before has made of the screen.

What is typed before the first screen is furnished is kept. Afterwards too a key waits while the one before is on its way: it may
move the focus, or open a dialog, and what is typed quickly behind it is meant for that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ScreenStackError

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.screen import Screen

__all__ = ["TypedKeys"]

_AT_ONCE = ("ctrl+c", "ctrl+q")
"""Who wants to leave waits for nothing."""
_LONGEST_S = 1.0
"""How long the next key waits for a part that does not answer."""
_A_MOMENT_S = 0.01


class TypedKeys:
    """Loses no key, and lets none overtake another."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: deque[events.Event] = deque()
        self._passed: events.Event | None = None
        self._is_passing = True  # until the first screen is there
        self._is_ready = False
        self.is_open = False
        """Whether the first screen is there, and what was typed before has taken effect."""

    def keeps(self, event: events.Event) -> bool:
        """Keep a key or a paste while there is nothing that could take it, or another is on its way; whether it was kept."""
        typed = isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.key not in _AT_ONCE)
        if not typed or event.is_forwarded or event is self._passed:
            return False
        if self._is_passing:
            self._waiting.append(event)
            return True
        self._is_passing = True
        screen = self._seen
        self._begin(partial(self._pass_each, screen, self._app.focused or screen))
        return False

    def ready(self, screen: Screen[Any]) -> None:
        """The first screen is there, or will not come: once it has the focus, what was typed takes effect."""
        if self._is_ready:
            return
        self._is_ready = True
        if screen.is_active:
            screen.call_after_refresh(self._open)  # behind the focus, which waits for the same
        else:
            self._open()

    def _open(self) -> None:
        self._begin(self._pass_each)

    def _begin(self, passing: Callable[[], Awaitable[None]]) -> None:
        self._app.run_worker(passing, group="keys")

    @property
    def _seen(self) -> Screen[Any] | None:
        """The screen that is seen; None while it is only being made."""
        try:
            return self._app.screen
        except ScreenStackError:
            return None

    async def _pass_each(self, screen: Screen[Any] | None = None, taker: DOMNode | None = None) -> None:
        """Pass on what was kept, each key only when the one before has taken effect.

        Args:
            screen, taker: where a key is on its way already.
        """
        try:
            if screen is not None and taker is not None:
                await self._effect(screen, taker)
            while self._waiting and not self._app._exit:  # noqa: SLF001 - an app that is being left has no screen
                screen = self._seen
                if screen is None:
                    await asyncio.sleep(_A_MOMENT_S)
                    continue
                taker = self._app.focused or screen
                self._passed = self._waiting.popleft()
                self._app.post_message(self._passed)
                await self._effect(screen, taker)
        finally:
            self._is_passing, self.is_open = False, True

    async def _effect(self, screen: Screen[Any], taker: DOMNode) -> None:
        """Wait until a key has gone its way, from the part that takes it to the app, and what it has asked for is done."""
        app = self._app
        for node in (app, *(node for node in taker.ancestors_with_self if node is not app), app):
            await _done(node.call_later)
        after = self._seen
        if after is not None and after is not screen:  # its parts, and the focus among them, come with its first picture
            await _done(after.call_after_refresh)
            if screen not in app.screen_stack and after.is_modal:
                self._waiting.clear()  # what was typed at a dialog that has gone answers no other one


async def _done(call: Callable[[Callable[[], None]], bool]) -> None:
    """Wait until a part has handled what it was sent so far; one that is going handles nothing more."""
    done = asyncio.Event()
    if call(done.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), _LONGEST_S)
