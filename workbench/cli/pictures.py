"""Pictures of probes on the command line: printed page after page, as CSV, or written as an SVG file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.output import is_ascii, message

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.plotting.canvas import Canvas
    from workbench.plotting.pictures import Mode, Picture

__all__ = ["Drawing"]

_PAGES = 40
"""Pages of one picture that are printed at most."""


@dataclass(frozen=True)
class Drawing:
    """What a person wants of pictures.

    Attributes:
        width, height: columns, and lines of each page.
        as_csv: their data on stdout.
        svg: the file that they are written into, or None.
    """

    width: int
    height: int
    as_csv: bool = False
    svg: Path | None = None

    def shows(self, pictures: Sequence[Picture], subtitle: str) -> bool:
        """Write them into the file and their data on stdout, where that is asked for; True where they are to be printed instead.

        Raises:
            StoreError: the file cannot be written.
        """
        from workbench.plotting.pictures import csv_text

        if self.svg is not None:
            _write_svg(self.svg, pictures, subtitle)
        if self.as_csv:
            sys.stdout.write(csv_text(pictures))
        return self.svg is None and not self.as_csv

    def print(self, out: Console, pictures: Sequence[Picture]) -> None:
        """All of them below each other; long ones page after page."""
        from workbench.plotting.colour_roles import coloured

        mode: Mode = "ascii" if is_ascii(out.encoding) else "colour" if out.color_system and not out.no_color else "plain"
        for picture in pictures:
            for canvas in self._pages(picture, mode):
                out.print(coloured(canvas), no_wrap=True, overflow="crop")

    def _pages(self, picture: Picture, mode: Mode) -> Iterator[Canvas]:
        """The canvases of a picture from its beginning to its end."""
        wanted = picture.lines_wanted(self.width)
        lines = self.height if wanted is None else max(6, wanted) if wanted <= self.height else self.height
        rows, columns = picture.shape
        row = column = pages = 0
        while pages < _PAGES:
            drawn = picture.draw(self.width, lines, mode, (row, column))
            yield drawn.canvas
            pages += 1
            column += max(1, drawn.seen[1])
            if column >= columns or drawn.seen[1] >= columns:
                column, row = 0, row + max(1, drawn.seen[0])
            if row >= rows or (drawn.seen[0] >= rows and not column):
                return
        message(f"workbench probe: {picture.title}: more than {_PAGES} pages. --csv or --svg gives all of it.")


def _write_svg(path: Path, pictures: Sequence[Picture], subtitle: str) -> None:
    """The figures as an SVG file.

    Raises:
        StoreError: it cannot be written.
    """
    from workbench.paths import checked_path
    from workbench.plotting.pictures import svg_document
    from workbench.plotting.saving import write_named
    from workbench.saying import one_line

    path = checked_path(path, "--svg")
    written = write_named(path, svg_document(pictures, subtitle))
    message(one_line(f"{written}: written."))
