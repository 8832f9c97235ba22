"""Keeps what a chart, a panel or a table shows: files in the run's folder, or the clipboard. Files are written in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.plotting.saving import write_files
from workbench.tui.base.background import start_in_thread
from workbench.tui.requests import CopyText, Notice

if TYPE_CHECKING:
    from textual.app import App

    from workbench.plotting.saving import Contents, FileKind
    from workbench.tui.requests import KeepWay

__all__ = ["keep"]

_FILES: dict[KeepWay, tuple[Sequence[FileKind], str]] = {
    "text": (("txt",), "white"),
    "svg": (("svg",), "white"),
    "svg_dark": (("svg",), "dark"),
    "csv": (("csv",), "white"),
    "all": (("svg", "txt", "csv"), "white"),
    "all_dark": (("svg", "txt", "csv"), "dark"),
}
"""Which files are written, and the ground of the figure."""


def keep(app: App[None], contents: Contents, folder: Path, way: KeepWay) -> None:
    """Keep something in a way that is not "".

    Args:
        app: told what came of it.
        contents: what is kept.
        folder: where files go.
        way: how.
    """
    if way == "copy":
        app.post_message(CopyText(contents.text, f"{contents.title}, text"))
    else:
        start_in_thread(app, "keep", partial(_keep, app, contents, folder, way))


def _keep(app: App[None], contents: Contents, folder: Path, way: KeepWay) -> None:
    if way == "copy_csv" and contents.csv is not None:
        app.post_message(CopyText(contents.csv(), f"{contents.title}, data"))
        return
    kinds, theme = _FILES[way]
    try:
        paths = write_files(folder, contents.files(kinds, theme))
    except WorkbenchError as error:
        app.post_message(Notice(str(error), problem=True))
    else:
        names = ", ".join(path.name for path in paths)
        app.post_message(Notice(f"{folder}: {names}", title=f"{contents.title} written"))
