"""Help: what the focused part is for, then every key, the ones of this screen first."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Markdown

from workbench.tui.bindings import TABLE
from workbench.tui.steady_screen import SteadyModalScreen

__all__ = ["HelpScreen", "help_text"]

_GROUPS = {
    "bench": "Bench: the run",
    "runs": "Runs",
    "presets": "Presets",
    "concepts": "Concepts",
    "form": "The form",
    "chart": "A chart",
    "app": "Everywhere",
}
_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
}


class HelpScreen(SteadyModalScreen[None]):
    """A page over the screen; arrows and page keys scroll it, `?`, `q` or Esc close it.

    Args:
        focused: the part that has the focus, whose help comes first; None for none.
        mode: the screen's mode, whose keys come before the others.
        keymap: keys that a person has chosen, by id.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "Close", id="help.close"),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > VerticalScroll {
            width: 84; max-width: 96%; height: 90%; padding: 0 1; background: $surface;
            border: round $primary; border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & Markdown { background: transparent; padding: 0 1; margin: 0; }
    }
    """

    def __init__(self, focused: Widget | None, mode: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._text = help_text(focused, mode, keymap)

    def compose(self) -> ComposeResult:
        """The page."""
        with VerticalScroll() as page:
            page.border_title, page.border_subtitle = "Help", "esc closes"
            yield Markdown(self._text)


def help_text(focused: Widget | None, mode: str, keymap: Mapping[str, str]) -> str:
    """The page as Markdown: the focused part's own words, then the keys by group, those of the screen first."""
    parts = []
    ours = next(
        (part for part in (focused.ancestors_with_self if focused else []) if isinstance(part, Widget) and part.HELP), None
    )
    if ours is not None and ours.HELP:
        parts.append(inspect.cleandoc(ours.HELP))
    groups = sorted(dict.fromkeys(key.group for key in TABLE), key=lambda group: (group != mode, group == "app"))
    for group in groups:
        keys = [key for key in TABLE if key.group == group]
        rows = [f"| {_keys(keymap.get(key.id, key.keys))} | {key.description} | {key.tooltip} |" for key in keys]
        parts.append("\n".join([f"## {_GROUPS.get(group, group)}", "", "| key | | |", "| --- | --- | --- |", *rows]))
    return "\n\n".join(parts)


def _keys(keys: str) -> str:
    """Keys, separated by commas, as a person reads them."""
    names = [_NAMES.get(name, name).replace("ctrl+", "^").replace("|", "\\|") for name in keys.split(",")]
    return " ".join(f"`{name}`" for name in names)
