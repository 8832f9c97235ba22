"""What is shown as files: a figure for a report (SVG), text, and its data as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.errors import StoreError
from workbench.plotting.canvas import clean
from workbench.plotting.figure import Series
from workbench.plotting.pictures import Picture, Sheet, csv_text, svg_document, text_of
from workbench.plotting.svg import Figure, figure_svg

__all__ = [
    "Contents",
    "FileKind",
    "chart_contents",
    "picture_contents",
    "rows_csv",
    "sheet_contents",
    "table",
    "write_files",
    "write_named",
]

_SHEET_WIDTH = 160
"""Columns of a table as text."""


def table(series: Sequence[Series], x_name: str = "step") -> str:
    """The data of a chart as CSV text: one row a point, columns `series`, the x axis' name and `value`; ends of ranges too."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["series", x_name, "value"])
    for line in (each for one in series for each in (one, *one.ends)):
        rows = zip(line.x.tolist(), line.y.tolist(), strict=True)
        writer.writerows((clean(line.name), f"{x:.17g}", f"{y:.17g}") for x, y in rows)
    return buffer.getvalue()


def rows_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of texts and numbers as CSV text, one row a row."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([clean(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return buffer.getvalue()


FileKind: TypeAlias = Literal["txt", "svg", "csv"]


@dataclass(frozen=True)
class Contents:
    """What a chart, a panel or a table shows, outside of the screen. What takes long is made when it is asked for.

    Attributes:
        title: what it is called.
        stem: name of its files without suffix.
        text: the same as text.
        csv: makes the data as CSV, None where there are none.
        svg: makes a figure on `white` or `dark` ground, None where there is none.
    """

    title: str
    stem: str
    text: str
    csv: Callable[[], str] | None = None
    svg: Callable[[str], str] | None = None

    def files(self, kinds: Sequence[FileKind], theme: str = "white") -> dict[str, str]:
        """Texts by the names of files; kinds that there are not are left out.

        Args:
            kinds: which files.
            theme: what the figure stands on, `white` or `dark`.
        """
        makers: dict[FileKind, Callable[[], str] | None] = {
            "txt": lambda: self.text,
            "svg": None if self.svg is None else partial(self.svg, theme),
            "csv": self.csv,
        }
        ground = "-dark" if theme == "dark" else ""  # beside the figure on white, not in its place
        return {
            f"{self.stem}{ground if kind == 'svg' else ''}.{kind}": make() for kind in kinds if (make := makers[kind]) is not None
        }


def chart_contents(stem: str, figure: Figure, drawing: str, data: Sequence[Series]) -> Contents:
    """What a chart shows.

    Args:
        stem: name of its files without suffix.
        figure: what the SVG shows.
        drawing: the chart as text.
        data: every line with all its points, for the CSV file.
    """
    head = " - ".join(clean(part) for part in (figure.title, figure.subtitle) if part)
    return Contents(
        clean(figure.title),
        stem,
        f"{head}\n{drawing}\n",
        partial(table, data, figure.x_name),
        partial(figure_svg, figure),
    )


def picture_contents(title: str, stem: str, text: str, pictures: Sequence[Picture], caption: str) -> Contents:
    """What a panel with pictures shows.

    Args:
        title: what it is called.
        stem: name of its files without suffix.
        text: the same as text.
        pictures: what the SVG shows, and whose data the CSV file has.
        caption: whose they are: run, step, sample.
    """
    return Contents(title, stem, text, partial(csv_text, pictures), partial(svg_document, pictures, caption))


def sheet_contents(
    title: str, stem: str, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = ""
) -> Contents:
    """What a table shows.

    Args:
        title: what it is called.
        stem: name of its files without suffix.
        columns: their names.
        rows: a text or a number for each column.
        caption: whose it is.
    """
    sheet = Sheet(title, columns, [["" if cell is None else str(cell) for cell in row] for row in rows])
    drawn = sheet.draw(_SHEET_WIDTH, sheet.lines_wanted(_SHEET_WIDTH) or 1, "ascii")
    head = f"{clean(caption)}\n" if caption else ""
    return Contents(
        title,
        stem,
        f"{head}{text_of(drawn)}\n",
        partial(rows_csv, columns, rows),
        partial(svg_document, [sheet], caption),
    )


def write_named(path: Path, text: str) -> Path:
    """Write the file that a person named; its folder is made where it is missing.

    Returns:
        Where it is.
    Raises:
        StoreError: the name is a folder's, or it cannot be written.
    """
    if path.is_dir():
        raise StoreError(f"{path}: cannot be written: it is a folder; expected a file. Name one in it.")
    (written,) = write_files(path.parent, {path.name: text})
    return written


def write_files(folder: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Write texts, or bytes, into files of a folder, which is made where it is missing.

    Args:
        folder: where the files go.
        contents: what is written, by the files' names.
    Raises:
        StoreError: the folder cannot be written.
    """
    paths = [folder / name for name in contents]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, contents.values(), strict=True):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}. Choose another folder or make room.") from error
    return paths
