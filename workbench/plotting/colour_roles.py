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
    "run-1": "cyan",
    "run-2": "yellow",
    "run-3": "green",
    "run-4": "magenta",
    "run-5": "red",
    "run-6": "blue",
    "title": "bold",
    "value": "default",
    "": "default",
}


def coloured(canvas: Canvas) -> Text:
    """A canvas whose styles are names of roles, as Rich text in plain terminal colours; shades (`#...`) stay as they are."""
    named = canvas.text()
    text = Text(named.plain, no_wrap=True, end="")
    for span in named.spans:
        style = str(span.style)
        text.stylize(style if style.startswith("#") else _COLOURS.get(style, "bright_black"), span.start, span.end)
    return text
