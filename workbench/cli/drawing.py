"""What drawings of curves on the command line share: legends in lines, axes, and figures in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.output import message
from workbench.saying import one_line

if TYPE_CHECKING:
    from rich.text import Text

    from workbench.plotting.svg import Figure

__all__ = ["packed", "write_figures"]


def packed(words: Sequence[Text], width: int, gap: int = 3) -> Text:
    """Words beside each other, `gap` blanks apart; one without room begins a new line, one too wide for it is cut."""
    from rich.text import Text

    lines: list[Text] = []
    for word in words:
        if lines and lines[-1].cell_len + gap + word.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], " " * gap, word)
        else:
            lines.append(word)
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)


def write_figures(path: Path, figures: Sequence[Figure], whose: str, what: str) -> None:
    """Figures below each other in one SVG file; those without a line are left out.

    Args:
        path: the file.
        figures: the figures.
        whose, what: the run, or runs, and what is drawn of them, for the error.
    Raises:
        UsageError: there are no values yet.
        StoreError: the file cannot be written.
    """
    from workbench.errors import UsageError
    from workbench.paths import checked_path
    from workbench.plotting.saving import write_named
    from workbench.plotting.svg import FIGURE_HEIGHT, figure_svg, stacked_svg

    drawn = [(FIGURE_HEIGHT, figure_svg(figure)) for figure in figures if figure.series]
    if not drawn:
        raise UsageError(f"{whose}: got no values of {what}; expected a run with some. Wait for its first step.")
    path = checked_path(path, "--svg")
    written = write_named(path, stacked_svg(drawn))
    message(one_line(f"{written}: written."))
