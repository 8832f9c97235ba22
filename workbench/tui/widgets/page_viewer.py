"""A page in Markdown whose links lead to concept pages, presets and addresses: what concepts and lessons are read in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Markdown, MarkdownViewer
from textual.widgets.markdown import MarkdownFence

from workbench.tui.bindings import bindings
from workbench.tui.requests import LoadPreset, ShowConcept

__all__ = ["PRESET_LINK", "PageViewer"]

PRESET_LINK = "preset:"
"""How a link to a preset begins."""


class _Equations(MarkdownFence):
    """Equations and drawings as plain text: highlighting takes the sign of a derivative for the start of a string."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:  # noqa: ARG003, FBT001, FBT002 - Textual's signature
        """The text as it is."""
        return Content(code)


class PageViewer(MarkdownViewer):
    """Follows links: another page, a preset, or an address. Equations are as they are written."""

    DEFAULT_CSS = """
    PageViewer {
        & Markdown { max-width: 104; padding: 0 1; }
        & MarkdownFence > Label { padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("page")]

    def on_mount(self) -> None:
        """Equations are no programs."""
        self.document.BLOCKS = {**Markdown.BLOCKS, "fence": _Equations, "code_block": _Equations}

    async def go(self, location: object) -> None:
        """Follow a link of the page."""
        target = str(location)
        if target.startswith(("http://", "https://")):
            self.app.open_url(target)
        elif target.startswith(PRESET_LINK):
            self.app.post_message(LoadPreset(target.removeprefix(PRESET_LINK)))
        else:
            self.app.post_message(ShowConcept(target.removesuffix(".md")))
