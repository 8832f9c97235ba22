"""A chart as files: text, SVG, and its data as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from workbench.errors import StoreError
from workbench.plotting.canvas import clean
from workbench.plotting.figure import Series

__all__ = ["save_chart", "table"]


def table(series: Sequence[Series], x_name: str = "step") -> str:
    """The data of a chart as CSV text: one row a point, columns `series`, the x axis' name and `value`."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["series", x_name, "value"])
    for line in series:
        rows = zip(line.x.tolist(), line.y.tolist(), strict=True)
        writer.writerows((clean(line.name), f"{x:.17g}", f"{y:.17g}") for x, y in rows)
    return buffer.getvalue()


def save_chart(  # noqa: PLR0913 - what is named by every call
    folder: Path, stem: str, drawing: Text, series: Sequence[Series], *, title: str, x_name: str = "step"
) -> list[Path]:
    """Write `stem`.svg, `stem`.txt and `stem`.csv into the folder, which is made where it is missing.

    Raises:
        StoreError: the folder cannot be written.
    """
    width = max((len(line) for line in drawing.plain.split("\n")), default=1)
    console = Console(width=max(1, width), record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(drawing, no_wrap=True, overflow="crop", crop=True)
    contents = {
        "svg": console.export_svg(title=clean(title)),
        "txt": f"{clean(title)}\n{drawing.plain}\n",
        "csv": table(series, x_name),
    }
    paths = [folder / f"{stem}.{suffix}" for suffix in contents]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, contents.values(), strict=True):
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}. Choose another folder or make room.") from error
    return paths
