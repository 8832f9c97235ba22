"""What the first frame does not need: screens and the palette's providers, imported when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

__all__ = ["PALETTE", "concepts_screen", "presets_screen", "runs_screen"]


def runs_screen() -> Screen[Any]:
    """The table of runs."""
    from workbench.tui.screens.runs import RunsScreen

    return RunsScreen()


def presets_screen() -> Screen[Any]:
    """The gallery of presets."""
    from workbench.tui.screens.presets import PresetsScreen

    return PresetsScreen()


def concepts_screen() -> Screen[Any]:
    """The concept pages."""
    from workbench.tui.screens.concepts import ConceptsScreen

    return ConceptsScreen()


def _provider(name: str) -> Callable[[], type[Provider]]:
    def load() -> type[Provider]:
        from workbench.tui import palette

        found: type[Provider] = getattr(palette, name)
        return found

    return load


PALETTE: set[type[Provider] | Callable[[], type[Provider]]] = {
    _provider(name)
    for name in ("KeyCommands", "SettingCommands", "PresetCommands", "CardCommands", "ConceptCommands", "RunCommands")
}
"""What the command palette finds; not Textual's own commands, for which there are keys of ours, and ours ask before they quit."""
