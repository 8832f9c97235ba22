"""What is to be known of the whole form before a run is started: what is wrong at no one setting, and what has no effect."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.glyphs import glyphs_of

__all__ = ["FormNotes"]

_SHOWN = 2
"""Warnings in full; the others are counted, and stand at their settings."""


class FormNotes(Words):
    """A few lines that are there only when there is something to say. The tooltip has all of it."""

    DEFAULT_CSS = """
    FormNotes { height: auto; max-height: 5; padding: 0 1; display: none; }
    FormNotes.-shown { display: block; }
    """

    def say(self, problems: Sequence[str], warnings: Sequence[str]) -> None:
        """Say what is wrong, and below it what is allowed and yet hardly meant; nothing of either takes the lines away."""
        signs = glyphs_of(self.app)
        shown = [*warnings[:_SHOWN], *([f"and {len(warnings) - _SHOWN} more like this"] if len(warnings) > _SHOWN else [])]
        lines = [
            *((f"{signs.wrong} {line}", "$text-error") for line in problems),
            *((f"{signs.warning} {line}", "$text-warning") for line in shown),
        ]
        self.set_class(bool(lines), "-shown")
        self.update(Content("\n").join(Content.assemble(line) for line in lines))
        self.tooltip = as_is("\n".join([*problems, *warnings])) if lines else None
