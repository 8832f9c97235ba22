"""The first moments: what is typed before the first screen is furnished is kept, and takes effect in order afterwards."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events, work

from workbench.tui.guarded import Guarded

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen

__all__ = ["Opening"]

_AT_ONCE = ("ctrl+c", "ctrl+q")
"""Who wants to leave a program that has not opened yet waits for nothing."""


_LONGEST_S = 1.0
"""How long the key after the next one waits for a part that does not answer."""


class Opening(Guarded):
    """The part of the app that loses no key while it opens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: list[events.Event] | None = []
        self._passed: events.Event | None = None

    @property
    def is_open(self) -> bool:
        """Whether keys take effect as they are typed."""
        return self._kept is None

    async def on_event(self, event: events.Event) -> None:
        """Keep keys and pastes as long as there is nothing that could take them."""
        typed = isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.key not in _AT_ONCE)
        if self._kept is not None and typed and not event.is_forwarded and event is not self._passed:
            self._kept.append(event)
        else:
            await super().on_event(event)

    def furnished(self, screen: Screen[Any]) -> None:
        """The first screen is there, or will not come: once it has the focus, what was typed takes effect."""
        if not self.is_open:
            if screen.is_active:
                screen.call_after_refresh(self._pass_kept)  # behind the focus, which waits for the same
            else:
                self._pass_kept()

    @work(exclusive=True, group="opening")
    async def _pass_kept(self) -> None:
        """Pass on what was kept, each key only when the one before has taken effect: it may have moved the focus."""
        while self._kept:
            self._passed = self._kept.pop(0)
            target: DOMNode = self.focused or self.screen
            self.post_message(self._passed)
            for node in (self, *(node for node in target.ancestors_with_self if node is not self), self):
                done = asyncio.Event()
                if node.call_later(done.set):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), _LONGEST_S)
        self._kept = None
