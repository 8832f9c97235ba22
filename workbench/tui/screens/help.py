"""Help: what the focused part is for, then every key, the ones of this screen first, in as many columns as there is room for."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import ClassVar

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from workbench.plotting.marked import Room, beside, wrapped
from workbench.tui.base.steady_screen import SteadyModalScreen
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import TABLE
from workbench.tui.panels._scrolled import Scrolled
from workbench.tui.wording import key_names

__all__ = ["HelpScreen", "KeyGroup", "help_words", "key_groups", "laid_out"]

_TITLES = {
    "bench": "On Bench",
    "chart": "In a chart (g goes there)",
    "grid": "In the grid of all metrics (M shows it)",
    "form": "In the form (d shows it)",
    "predictions": "In Predictions",
    "probe": "In a panel with figures",
    "picture": "In a figure",
    "keep": "In a chart, a panel or the table of runs",
    "list": "In a list",
    "page": "In a panel or page that scrolls",
    "runs": "In Runs (F3)",
    "compare": "In Compare (x in Runs)",
    "evaluate": "In Evaluate (E in Runs)",
    "presets": "In Presets (F4)",
    "concepts": "In Concepts (c)",
    "lessons": "In Lessons (F7)",
    "playground": "In the Playground (F6)",
    "typed": "In a line that is typed",
    "canvas": "In a drawing",
    "steps": "In a series",
    "decoding": "In how symbols are chosen",
    "app": "Everywhere",
}
_PARTS = {
    "bench": ("bench", "chart", "form", "grid", "keep", "list", "page", "predictions", "probe", "picture"),
    "runs": ("runs", "keep", "list"),
    "compare": ("compare", "keep", "picture"),
    "evaluate": ("evaluate", "keep", "picture"),
    "presets": ("presets", "list"),
    "concepts": ("concepts", "list", "page"),
    "lessons": ("lessons", "list", "page"),
    "playground": ("playground", "typed", "canvas", "steps", "decoding", "picture"),
}
"""Groups of keys of a screen that is made of parts."""
_COLUMN = 50
"""Columns that a group of keys needs, so that most sentences stand in one line."""
_GAP = 3


@dataclass(frozen=True)
class KeyGroup:
    """Keys that work in one part of the interface.

    Attributes:
        title: where they work.
        keys: names of the keys, and what they do.
    """

    title: str
    keys: Sequence[tuple[str, str]]

    def lines(self, width: int) -> list[Text]:
        """The title, and a line or more for each key."""
        names = max(len(name) for name, _ in self.keys)
        lines = [Text(self.title, "bold underline")]
        for name, sentence in self.keys:
            words = wrapped(sentence, width - names - 2, Room(whole=True))
            lines += beside([[Text(name, "bold")], words], [names, width - names - 2])
        return lines


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
        & > Scrolled {
            width: 98%; max-width: 196; height: auto; max-height: 94%; padding: 0 1; background: $surface;
            scrollbar-gutter: stable; border: round $primary; border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & Words { height: auto; }
    }
    """

    def __init__(self, focused: Widget | None, mode: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._words, self._groups = help_words(focused), key_groups(mode, keymap)

    def compose(self) -> ComposeResult:
        """The page."""
        with Scrolled() as page:
            page.border_title, page.border_subtitle = "Help", "^p is ctrl+p; up down scroll, esc closes"
            yield Words()

    def on_mount(self) -> None:
        """Draw the first time, once there is a width."""
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Another width has room for more columns, or fewer."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = self.query_one(Scrolled).scrollable_content_region.width
        if width > 0:
            self.query_one(Words).update(Text("\n").join(laid_out(self._words, self._groups, width)))


def help_words(focused: Widget | None) -> str:
    """What the part with the focus says of itself, or the next part around it that says anything."""
    parts = focused.ancestors_with_self if focused else []
    ours = next((part for part in parts if isinstance(part, Widget) and part.HELP), None)
    return inspect.cleandoc(ours.HELP or "") if ours is not None else ""


def key_groups(mode: str, keymap: Mapping[str, str]) -> list[KeyGroup]:
    """Every key of the interface: first those of the screen and its parts, then those that work everywhere, then the rest."""
    first = [*_PARTS.get(mode, (mode,)), "app"]
    groups = dict.fromkeys(key.group for key in TABLE)
    order = sorted(groups, key=lambda group: first.index(group) if group in first else len(first))
    return [
        KeyGroup(
            _TITLES.get(group, group),
            [(key_names(keymap.get(key.id, key.keys)), key.tooltip) for key in TABLE if key.group == group],
        )
        for group in order
    ]


def laid_out(words: str, groups: Sequence[KeyGroup], width: int) -> list[Text]:
    """The page: words over the whole width, then groups of keys in columns, each new one where there is most room.

    Args:
        words: paragraphs, headings (`## `) and list items (`- `), with keys in backticks.
        groups: keys, the most important ones first.
        width: columns of the page.
    """
    num_columns = max(1, (width + _GAP) // (_COLUMN + _GAP))
    each = max(1, (width - _GAP * (num_columns - 1)) // num_columns)
    columns: list[list[Text]] = [[] for _ in range(num_columns)]
    for group in groups:
        shortest = min(columns, key=len)
        shortest += [*([Text()] if shortest else []), *group.lines(each)]
    return [*_paragraphs(words, width), Text(), *beside(columns, [each] * num_columns, _GAP)]


def _paragraphs(words: str, width: int) -> list[Text]:
    """Words in lines: paragraphs are filled up, keys stand out, and a list item's further lines begin below its first word."""
    blocks: list[str] = []
    for line in words.splitlines():
        text = line.strip()
        if not text or text.startswith(("## ", "- ")) or not blocks or not blocks[-1] or blocks[-1].startswith("## "):
            blocks.append(text)
        else:
            blocks[-1] += f" {text}"
    console, drawn = Console(width=max(1, width), file=StringIO()), list[Text]()
    for block in filter(None, blocks):
        if block.startswith("## "):
            drawn.append(Text(block.removeprefix("## "), "bold underline"))
            continue
        sign = "- " if block.startswith("- ") else ""
        parts = block.removeprefix(sign).split("`")
        filled = Text.assemble(*((part, "bold" if place % 2 else "") for place, part in enumerate(parts)))
        lines = filled.wrap(console, max(1, width - len(sign)))
        drawn += [Text.assemble("  "[: len(sign)] if place else sign, line) for place, line in enumerate(lines)]
    return drawn
