"""A chart as files: a figure for a report (SVG), text, and its data as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from workbench.errors import StoreError
from workbench.plotting.canvas import clean
from workbench.plotting.figure import Series
from workbench.plotting.svg import Figure, figure_svg

__all__ = ["save_chart", "table", "write_files", "write_named"]


def table(series: Sequence[Series], x_name: str = "step") -> str:
    """The data of a chart as CSV text: one row a point, columns `series`, the x axis' name and `value`; ends of ranges too."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["series", x_name, "value"])
    for line in (each for one in series for each in (one, *one.ends)):
        rows = zip(line.x.tolist(), line.y.tolist(), strict=True)
        writer.writerows((clean(line.name), f"{x:.17g}", f"{y:.17g}") for x, y in rows)
    return buffer.getvalue()


def save_chart(  # noqa: PLR0913 - what is named by every call
    folder: Path, stem: str, figure: Figure, drawing: str, data: Sequence[Series], *, theme: str = "white"
) -> list[Path]:
    """Write `stem`.svg, `stem`.txt and `stem`.csv into the folder, which is made where it is missing.

    Args:
        folder: where the files go.
        stem: their name without suffix.
        figure: what the SVG shows.
        drawing: the chart as text.
        data: every line with all its points, for the CSV file.
        theme: what the figure stands on, `white` or `dark`.
    Raises:
        StoreError: the folder cannot be written.
    """
    head = " - ".join(clean(part) for part in (figure.title, figure.subtitle) if part)
    return write_files(
        folder,
        {
            f"{stem}.svg": figure_svg(figure, theme),
            f"{stem}.txt": f"{head}\n{drawing}\n",
            f"{stem}.csv": table(data, figure.x_name),
        },
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
