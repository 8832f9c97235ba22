"""A few lines on what is under the cursor, in a box of fixed height."""

from __future__ import annotations

from textual.content import Content

from workbench.tui.base.untrusted_text import Words
from workbench.tui.glyphs import glyphs_of

__all__ = ["Hint"]


class Hint(Words):
    """A text of which as many lines are shown as have room; a sign at the end says that there is more, which the tooltip has."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self._text = Content()

    def say(self, text: Content) -> None:
        """Show another text."""
        self._text = text
        self.tooltip = text if text.plain else None
        self._fit()

    def on_resize(self) -> None:
        """More or less of it fits."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.content_size
        lines = self._text.wrap(width) if width and height else []
        if len(lines) > height:
            more = glyphs_of(self.app).ellipsis
            last = lines[height - 1].rstrip().truncate(width - len(more))
            self.update(Content("\n").join([*lines[: height - 1], Content.assemble(last, more)]))
        else:
            self.update(self._text)
