"""The bottom line: the keys that work now, as many as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content

from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import TABLE

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

__all__ = ["KeyLine", "ShownKey"]

_AROUND = 3
"""Columns of a key beside its name and its words: one at either side of the name, one behind the words."""
_RANKS = {key.id: key.rank for key in TABLE}
_HIGHEST = max(_RANKS.values())
_MAXIMISE = "bench.maximise"


@dataclass(frozen=True)
class ShownKey:
    """A key of the line.

    Attributes:
        key: what Textual calls it.
        name: as it is written here.
        words: what it does.
        enabled: whether it does that now; one that does not is dim.
        tooltip: more words, or "".
        start, stop: its first column, and the one after its last.
    """

    key: str
    name: str
    words: str
    enabled: bool
    tooltip: str
    start: int
    stop: int


class KeyLine(Words):
    """One line of keys and what they do; where it is short, the keys of the lowest rank are left out, never cut.

    Unlike Textual's footer it is a single part: keys change with every change of focus, and a part for each key would be made,
    styled and laid out anew each time.

    Attributes:
        keys: what is shown, from left to right.
    """

    DEFAULT_CSS: ClassVar[str] = """
    KeyLine {
        dock: bottom; height: 1; text-wrap: nowrap;
        color: $footer-foreground; background: $background;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[ShownKey, ...] = ()
        self._under: ShownKey | None = None

    def on_mount(self) -> None:
        """Follow what works."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is self.screen and screen.app.app_focus:
            self.call_after_refresh(self._arrange)

    def on_resize(self) -> None:
        """More or fewer keys fit."""
        self._arrange()

    def _arrange(self) -> None:
        """Show the keys that fit, in the order of the table."""
        if not self.is_attached:
            return
        keys: list[ShownKey] = []
        for active in self._fitting():
            binding, start = active.binding, keys[-1].stop if keys else 0
            name, words = self.app.get_key_display(binding), self._words(active)
            stop = start + cell_len(name) + cell_len(words) + _AROUND
            keys.append(ShownKey(binding.key, name, words, active.enabled, active.tooltip, start, stop))
        if self.keys != tuple(keys):
            self.keys = tuple(keys)
            self._under = None
            self._draw()

    def _fitting(self) -> list[ActiveBinding]:
        shown: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active)  # of several keys the first
        room = self.size.width
        fitting = set()
        for action, active in sorted(shown.items(), key=lambda item: -self._rank(item[1])):
            needed = cell_len(self.app.get_key_display(active.binding)) + cell_len(self._words(active)) + _AROUND
            if needed <= room:
                room -= needed
                fitting.add(action)
        return [active for action, active in shown.items() if action in fitting]

    def _words(self, active: ActiveBinding) -> str:
        """What a key does; the one that gave the whole screen to a part takes it back."""
        return "Back" if self._gives_back(active) else active.binding.description

    def _rank(self, active: ActiveBinding) -> int:
        return _HIGHEST if self._gives_back(active) else _RANKS.get(active.binding.id or "", 0)

    def _gives_back(self, active: ActiveBinding) -> bool:
        return active.binding.id == _MAXIMISE and self.screen.maximized is not None

    def _draw(self) -> None:
        parts: list[tuple[str, str]] = []
        for key in self.keys:
            ground = " on $block-hover-background" if key is self._under else ""
            dim = "" if key.enabled else " dim"
            parts.append((f" {key.name} ", f"bold $footer-key-foreground{dim}{ground}"))
            parts.append((f"{key.words} ", f"$footer-description-foreground{dim}{ground}"))
        self.update(Content.assemble(*parts), layout=False)  # a layout would draw the whole screen again

    # The pointer -------------------------------------------------------------------------------------------------------

    def _at(self, event: events.MouseEvent) -> ShownKey | None:
        return next((key for key in self.keys if key.start <= event.x < key.stop), None)

    def _point(self, key: ShownKey | None) -> None:
        if key is not self._under:
            self._under = key
            self.tooltip = as_is(key.tooltip) if key is not None and key.tooltip else None
            self._draw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which key a click would press, and say more about it."""
        self._point(self._at(event))

    def on_leave(self) -> None:
        """The pointer has gone."""
        self._point(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click presses the key."""
        key = self._at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()
