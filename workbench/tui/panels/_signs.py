"""How right and wrong predictions are shown on this terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.plotting.predictions import PredictionSigns
from workbench.tui.glyphs import glyphs_of
from workbench.tui.themes import rich_style

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["prediction_signs"]


def prediction_signs(app: App[Any]) -> PredictionSigns:
    """Its signs, in the colours of its theme."""
    signs = glyphs_of(app)
    return PredictionSigns(signs.right, signs.wrong, signs.dot, rich_style(app, "success"), rich_style(app, "error"))
