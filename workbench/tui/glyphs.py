"""The signs of the form, the pickers and the dialogs, and what stands for them on a terminal that knows ASCII alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["ASCII", "UNICODE", "Glyphs", "glyphs_of", "is_ascii"]


@dataclass(frozen=True)
class Glyphs:
    """One sign for each thing to be told apart without colour."""

    changed: str
    live: str
    wrong: str
    warning: str
    right: str
    less: str
    more: str
    chosen: str
    refused: str
    adjusts: str
    opened: str
    folded: str
    ellipsis: str
    dot: str
    times: str
    arrow: str
    rule: str


UNICODE = Glyphs("•", "▲", "✗", "!", "✓", "◂", "▸", "●", "⊘", "↻", "▾", "▸", "…", "·", "×", "→", "─")
ASCII = Glyphs("*", "^", "!", "?", "ok", "<", ">", "@", "x", "~", "-", "+", "..", "-", "x", "->", "-")


def is_ascii(app: App[Any]) -> bool:
    """Whether the app draws with ASCII alone (`ascii_only` on the app)."""
    return bool(getattr(app, "ascii_only", False))


def glyphs_of(app: App[Any]) -> Glyphs:
    """The signs to draw with."""
    return ASCII if is_ascii(app) else UNICODE
