"""A dialog that asks how something that is shown is kept: as text, SVG or CSV, in a file or in the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.tui.dialogs.prompts import Choice, ChoiceDialog

if TYPE_CHECKING:
    from workbench.plotting.saving import Contents

__all__ = ["RUN", "KeepDialog"]

RUN = "run"
"""The answer that leads to the export of the run itself."""


class KeepDialog(ChoiceDialog):
    """One line for each way that there is; returns a `KeepWay` or `RUN`, or None.

    Args:
        contents: what is kept.
        folder: where files go.
        of_run: whether a run is shown that can be exported itself.
    """

    HELP = (
        "`up` `down` move, `enter` keeps it in that way, `esc` leaves things as they are. "
        "`C` copies the text and `w` writes all three files without asking; `W` does so with the figure on dark ground."
    )

    def __init__(self, contents: Contents, folder: Path, *, of_run: bool) -> None:
        stem = contents.stem
        choices = [Choice("copy", "Copy as text")]
        if contents.csv is not None:
            choices.append(Choice("copy_csv", "Copy the data as CSV"))
        choices.append(Choice("text", "Text file", f"{stem}.txt"))
        if contents.svg is not None:
            choices += [
                Choice("svg", "Figure on white (SVG)", f"{stem}.svg"),
                Choice("svg_dark", "Figure on dark ground (SVG)", f"{stem}-dark.svg"),
            ]
        if contents.csv is not None:
            choices.append(Choice("csv", "Data (CSV)", f"{stem}.csv"))
        if of_run:
            choices.append(Choice(RUN, "The run itself ...", "A checkpoint, or all of its metrics."))
        super().__init__(f"Keep: {contents.title}", f"Files go to {folder}.", choices)
