"""Writes what a panel shows into the run's folder: a figure, text, and its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.plotting.pictures import csv_text, svg_document
from workbench.plotting.saving import write_files
from workbench.tui.base.background import start_in_thread
from workbench.tui.requests import Notice

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.plotting.pictures import Picture
    from workbench.runs.folder import RunFolder

__all__ = ["Saved", "save"]


@dataclass(frozen=True)
class Saved:
    """What is written.

    Attributes:
        title: what it is called when that is said.
        folder: the run.
        stem: name of the files without suffix.
        pictures: what the SVG shows, and whose data the CSV file has.
        caption: what they are of: step, sample.
        text: the same as text.
    """

    title: str
    folder: RunFolder
    stem: str
    pictures: Sequence[Picture]
    caption: str
    text: str


def save(widget: Widget, saved: Saved, theme: str) -> None:
    """Write three files in a thread, the SVG on `white` or `dark` ground, and say where they are."""
    start_in_thread(widget, "save", partial(_write, widget, saved, theme))


def _write(widget: Widget, saved: Saved, theme: str) -> None:
    contents = {
        f"{saved.stem}.svg": svg_document(saved.pictures, f"{saved.folder.id}, {saved.caption}", theme),
        f"{saved.stem}.txt": saved.text,
        f"{saved.stem}.csv": csv_text(saved.pictures),
    }
    folder = saved.folder.exports_path
    try:
        paths = write_files(folder, contents)
    except WorkbenchError as error:
        widget.app.post_message(Notice(str(error), problem=True))
    else:
        names = ", ".join(path.name for path in paths)
        widget.app.post_message(Notice(f"{folder}: {names}", title=f"{saved.title} written"))
