"""A dialog that asks for the name and the title of a preset of the user's own."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from workbench.experiment.own_presets import is_there, preset_name_problem
from workbench.experiment.presets import own_folder
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.dialogs.prompts import Dialog
from workbench.tui.glyphs import glyphs_of

__all__ = ["SavePresetDialog"]


class SavePresetDialog(Dialog[tuple[str, str]]):
    """Name and title; returns both, or None. A name that cannot be one is explained and not taken.

    Args:
        name: the name to begin with, or "".
        title: the title to begin with.
    """

    HELP = "Type a name, `enter`, then a title and `enter`; `esc` leaves things as they are. Commands find it by its name."

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self._given = name, title

    def compose(self) -> ComposeResult:
        """Two lines, and what is to be known of the first."""
        name, title = self._given
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title, box.border_subtitle = as_is("Save as a preset"), "enter keeps, esc cancels"
            yield Words("Name, by which commands and the gallery find it", classes="question")
            yield Input(name, placeholder="letters, digits, _ and -", select_on_focus=True, id="name")
            yield Words(classes="problem")
            yield Words("Title", classes="question")
            yield Input(title, id="title")
            yield Words(f"It is written to {own_folder()}.", classes="question")

    @on(Input.Changed, "#name")
    def _say(self, event: Input.Changed) -> None:
        self._problem(event.value)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        name, title = self.query_one("#name", Input), self.query_one("#title", Input)
        if self._problem(name.value):
            self.app.bell()
            name.focus()
        elif event.input is name:
            title.focus()
        else:
            self.dismiss((name.value.strip(), title.value))

    def _problem(self, name: str) -> str:
        problem = preset_name_problem(name) or ""
        words = self.query_one(".problem", Words)
        if problem:
            words.update(f"{glyphs_of(self.app).wrong} {problem}")
        else:
            words.update("There is one of this name; you are asked before it is replaced." if is_there(name.strip()) else "")
        return problem
