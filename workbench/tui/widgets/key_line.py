"""The bottom line: the keys that work now, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from workbench.tui.bindings import TABLE

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

__all__ = ["KeyLine"]

_AROUND = 3
"""Columns of a key beside its name and its words: one at either side of the name, one behind the words."""
_RANKS = {key.id: key.rank for key in TABLE}


class KeyLine(Footer):
    """Textual's footer, but whole: where the line is short, the keys of the lowest rank are left out, never cut."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        """The keys that fit, in the order of the table."""
        if not self._bindings_ready:
            return
        for active in self._fitting():
            _, binding, enabled, tooltip = active
            yield FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                binding.action,
                disabled=not enabled,
                tooltip=tooltip,
            ).data_bind(compact=Footer.compact)

    def on_resize(self) -> None:
        """More or fewer keys fit."""
        self.call_after_refresh(self.recompose)

    def _fitting(self) -> list[ActiveBinding]:
        shown: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active)  # of several keys the first
        room = self.size.width
        fitting = set()
        for action, active in sorted(shown.items(), key=lambda item: -_RANKS.get(item[1].binding.id or "", 0)):
            needed = cell_len(self.app.get_key_display(active.binding)) + cell_len(active.binding.description) + _AROUND
            if needed <= room:
                room -= needed
                fitting.add(action)
        return [active for action, active in shown.items() if action in fitting]
