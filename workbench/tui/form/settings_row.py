"""How one setting is drawn in one line (mark, label, value, live sign), and the line editor for its value."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from workbench.tui.form.fields import Field, show_value
from workbench.tui.glyphs import Glyphs

__all__ = ["LineEditor", "RowState", "draw_row"]


@dataclass
class LineEditor:
    """A line of text being typed, with a cursor. It knows keys and nothing of widgets.

    Attributes:
        text: what stands there.
        cursor: where the next character goes, 0..len(text).
        fresh: the first character typed replaces the whole text.
    """

    text: str
    cursor: int
    fresh: bool = False

    def insert(self, words: str) -> None:
        """Type or paste characters; line breaks and other control characters are left out."""
        words = "".join(character for character in words if character.isprintable())
        if self.fresh:
            self.text, self.cursor, self.fresh = "", 0, False
        self.text = self.text[: self.cursor] + words + self.text[self.cursor :]
        self.cursor += len(words)

    def key(self, key: str) -> bool:
        """Apply an editing key; whether it was one."""
        start, end = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "ctrl+u":
                self.text, self.cursor = end, 0
            case "ctrl+k":
                self.text = start
            case "backspace":
                if self.fresh:
                    self.text, self.cursor = "", 0
                else:
                    self.text, self.cursor = start[:-1] + end, max(0, self.cursor - 1)
            case "delete":
                self.text = start + end[1:]
            case _:
                return False
        self.fresh = False
        return True


@dataclass(frozen=True)
class RowState:
    """What a row shows besides its setting.

    Attributes:
        value: the value as it stands.
        changed: it differs from the loaded experiment.
        in_force: it was changed in the run that goes on, and in that run alone.
        problem: what is wrong with it, or "".
        warned: it has no effect as things stand.
        pointed: the cursor is on it and the list has the focus.
        locked: it cannot be changed now.
        unused: it has no effect with the architecture that is chosen.
        editor: the line being typed, if it is this one's.
    """

    value: object
    changed: bool = False
    in_force: bool = False
    problem: str = ""
    warned: bool = False
    pointed: bool = False
    locked: bool = False
    unused: bool = False
    editor: LineEditor | None = None

    @property
    def muted(self) -> bool:
        """Whether it is drawn as what does not matter now."""
        return self.locked or self.unused


def draw_row(field: Field, state: RowState, width: int, signs: Glyphs) -> Content:
    """The row, `width` columns wide; what is wrong stands in lines below it."""
    mark, mark_style = " ", ""
    if state.problem:
        mark, mark_style = signs.wrong, "$text-error bold"
    elif state.in_force:
        mark, mark_style = signs.live, "$text-warning bold"
    elif state.warned:
        mark, mark_style = signs.warning, "$text-warning bold"
    elif state.changed:
        mark, mark_style = signs.changed, "$text-primary"
    room = max(1, width - 4)  # mark and its space before, space and sign after
    label = _fit(field.label, max(4, room - 6), signs)
    value_room = max(1, room - cell_len(label) - 1)
    value = _value(field, state, value_room, signs)
    gap = " " * max(1, room - cell_len(label) - cell_len(value.plain))
    muted = "$foreground 60%" if state.muted else ""
    live = (signs.live, "$text-primary" if not state.muted else "$foreground 60%") if field.live else " "
    row = Content.assemble((mark, mark_style), " ", (label, muted), gap, value, " ", live)
    if not state.problem:
        return row
    below = "\n".join(f"  {line}" for line in wrap(state.problem, max(1, width - 2)))
    return Content.assemble(row, "\n", (below, "$text-error"))


def _value(field: Field, state: RowState, room: int, signs: Glyphs) -> Content:
    if state.editor is not None:
        return _edited(state.editor, room)
    text = show_value(state.value) or "none"
    if cell_len(text) > room:  # the end of a path says more than its start
        columns = room - cell_len(signs.ellipsis)
        text = signs.ellipsis + text[-columns:] if columns > 0 else text[-room:]
    style = "$foreground 60%" if state.muted else (_style(state) if state.changed or state.in_force else "bold")
    if state.pointed and not state.locked and field.steppable and cell_len(text) + 4 <= room:
        return Content.assemble((f"{signs.less} ", "dim"), (text, style), (f" {signs.more}", "dim"))
    return Content.assemble((text, style))


def _style(state: RowState) -> str:
    return "$text-warning bold" if state.in_force else "$text-primary bold"


def _edited(editor: LineEditor, room: int) -> Content:
    """The part of the line around the cursor."""
    if editor.fresh and editor.text:
        shown = editor.text[-(room - 1) :] if room > 1 else ""
        return Content.assemble((shown, "reverse"), (" ", "reverse bold"))
    text = editor.text + " "
    start = max(0, min(editor.cursor - room + 1 if editor.cursor >= room else 0, len(text) - 1))
    text = text[start : start + room]
    at = editor.cursor - start
    return Content.assemble((text[:at], "underline"), (text[at], "reverse"), (text[at + 1 :], "underline"))


def _fit(text: str, room: int, signs: Glyphs) -> str:
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(1, room - cell_len(signs.ellipsis))) + signs.ellipsis
