"""Plain terminal colours for the roles that lines and marks have, where there is no theme: files and the command line."""

from __future__ import annotations

from rich.text import Text

from workbench.plotting.canvas import Canvas

__all__ = ["coloured"]

_COLOURS = {
    "train": "cyan",
    "validation": "magenta",
    "other": "green",
    "level": "yellow",
    "mark": "yellow",
    "mark-changed": "yellow",
    "title": "bold",
    "": "default",
}


def coloured(canvas: Canvas) -> Text:
    """A canvas whose styles are names of roles, as Rich text in plain terminal colours."""
    named = canvas.text()
    text = Text(named.plain, no_wrap=True, end="")
    for span in named.spans:
        text.stylize(_COLOURS.get(str(span.style), "bright_black"), span.start, span.end)
    return text
