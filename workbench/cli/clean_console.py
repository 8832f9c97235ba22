"""Rich's console, through which no control sign passes that is not Rich's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from workbench.saying import clean

__all__ = ["CleanConsole"]


class CleanConsole(Console):
    """Cleans texts before they are laid out, and once more every piece that is about to be written, whatever it came from."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; plain texts and Rich's texts are cleaned."""
        super().print(*(_cleaned(item) for item in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of anything, cleaned; Rich's own control codes are kept apart from text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)


def _cleaned(item: Any) -> Any:
    if isinstance(item, str):
        return clean(item)
    if isinstance(item, Text) and (plain := clean(item.plain)) != item.plain:
        return Text(plain, style=item.style)  # spans would be shifted
    return item
