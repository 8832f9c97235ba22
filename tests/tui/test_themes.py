"""Colours of any theme in what Rich draws."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.theme import BUILTIN_THEMES

from tests.tui.harness import Harness
from workbench.tui.themes import THEMES, rich_style

_ROLES = ("primary", "success", "warning", "error", "foreground", "nothing", "")


@pytest.mark.parametrize("name", [*(theme.name for theme in THEMES), *sorted(BUILTIN_THEMES)])
async def test_the_colours_of_every_theme_can_be_drawn(name: str) -> None:
    """Each theme that can be chosen gives styles that Rich reads, those of the terminal's own colours too."""
    app = Harness()
    async with app.run_test():
        app.theme = name
        styles = [rich_style(app, role) for role in _ROLES]
    assert all(styles[:5])
    assert styles[5:] == ["", ""]
    assert [Style.parse(style) for style in styles]
