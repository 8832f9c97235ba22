"""Our own colours: one accent for what is active, one warm colour for the second line, everything else quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["THEMES", "rich_style"]

THEMES = (
    Theme(
        name="workbench",
        primary="#5fb3e8",
        secondary="#7f8ea3",
        accent="#f0a35e",
        warning="#e6c15c",
        error="#e2707a",
        success="#7fc48f",
        foreground="#d8dde6",
        background="#10141a",
        surface="#151a21",
        panel="#1c232d",
        dark=True,
        variables={
            "border": "#2e3846",
            "border-blurred": "#232b36",
            "block-cursor-background": "#24425a",
            "block-cursor-foreground": "#eaf3fb",
            "block-cursor-text-style": "bold",
            "footer-background": "#10141a",
            "footer-key-foreground": "#5fb3e8",
            "footer-description-foreground": "#7f8ea3",
            "input-selection-background": "#5fb3e8 35%",
        },
    ),
    Theme(
        name="workbench-light",
        primary="#1f6fa8",
        secondary="#66758a",
        accent="#b8590f",
        warning="#8f6b00",
        error="#b3303c",
        success="#2f7d46",
        foreground="#26303c",
        background="#fbfaf7",
        surface="#f3f1ec",
        panel="#e9e6df",
        dark=False,
        variables={
            "border": "#c9c4b8",
            "border-blurred": "#dcd8ce",
            "footer-background": "#fbfaf7",
            "footer-key-foreground": "#1f6fa8",
            "footer-description-foreground": "#66758a",
        },
    ),
)


def rich_style(app: App[Any], role: str) -> str:
    """A colour of the theme (`success`) as Rich writes it, or "" where it has none.

    The themes that leave colours to the terminal say `ansi_green`, which Rich does not know: drawing with it would end the app.
    """
    try:
        return Color.parse(app.theme_variables.get(role, "")).rich_color.name
    except ColorParseError:
        return ""
