"""A dialog in which a data file, a folder or an experiment's TOML file is chosen: in a tree, or by typing its path."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import DirectoryTree, Input
from textual.widgets._directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from workbench.experiment.proposal import is_data_file
from workbench.paths import path_problem
from workbench.plotting.canvas import clean
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.dialogs.prompts import Dialog
from workbench.tui.glyphs import glyphs_of

__all__ = ["OpenFileDialog"]


class FileTree(DirectoryTree):
    """The tree of files. Hidden ones are left out; names are shown without signs that a terminal would obey."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Files and folders that are not hidden."""
        return [path for path in paths if not path.name.startswith(".")]

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        """Textual's, of a name that is safe to show."""
        label = super().render_label(node, base_style, style)
        label.plain = clean(label.plain)
        return label


class OpenFileDialog(Dialog[str]):
    """A data file, a folder or an experiment's TOML file of the user's; returns its path, or None.

    Args:
        start: folder that the tree begins in.
    """

    HELP = (
        "`up` `down` move in the tree, `enter` opens a folder or takes a file, `space` unfolds; `tab` goes to the line, where a "
        "path can be typed: `enter` there takes it, a folder too. `esc` leaves things as they are."
    )
    AUTO_FOCUS = "FileTree"
    DEFAULT_CSS = """
    OpenFileDialog {
        & > .dialog { width: 80; height: 80%; }
        & FileTree { height: 1fr; min-height: 4; background: transparent; padding: 0; }
        & Input { margin-top: 1; }
    }
    """

    def __init__(self, start: Path) -> None:
        super().__init__()
        self._start = start

    def compose(self) -> ComposeResult:
        """The tree, the line, and what is wrong with it."""
        with Vertical(classes="dialog") as box:
            box.border_title, box.border_subtitle = as_is("Open a data file or an experiment"), "enter opens, esc cancels"
            yield FileTree(self._start)
            yield Input(placeholder="or type a path: a text, sentence pairs, a folder of images, a TOML file ...")
            yield Words(classes="problem")

    @on(DirectoryTree.FileSelected)
    def _chosen(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self.dismiss(str(event.path))

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        path = self._start / Path(event.value.strip()).expanduser() if not path_problem(event.value) else None
        if path is not None and (is_data_file(path) or (path.suffix == ".toml" and path.is_file())):
            self.dismiss(str(path))
            return
        self.app.bell()
        problem = path_problem(event.value) or "no such file or folder; expected one that is there."
        self.query_one(".problem", Words).update(f"{glyphs_of(self.app).wrong} {problem}")
