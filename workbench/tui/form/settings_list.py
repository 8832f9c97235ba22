"""All settings of an experiment as one list of one-line rows, edited in place: arrows move and step, typing edits, enter commits.

One widget draws all rows (a widget for each of some forty settings would cost the first frame more than all the rest).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import FORM_WIDE, bindings
from workbench.tui.form.fields import Field
from workbench.tui.form.setting_edit import SettingEdit
from workbench.tui.form.settings_rows import Pointer, SettingsRows
from workbench.tui.form.state import FormState
from workbench.tui.glyphs import glyphs_of

__all__ = ["SettingsList"]

_NUMERIC = "0123456789.-+"


class SettingsList(SteadyList):
    """The settings of the form, by section, with the rarer ones folded away."""

    HELP = """
    ## Hyperparameters

    Every setting of the experiment, one a line.

    - `up` `down` move; `left` `right` step the value to the next round number or choice
    - type a number to replace the value, or `enter` to edit it; `enter` keeps it, `esc` takes the old one back
    - `backspace` goes back to the preset's value, `delete` to the default
    - `•` differs from the preset, `▲` can change while a run goes on (before a name: it was, in this run), `✗` is wrong
      and says why below, `!` has no effect as things stand

    `enter` on a `▸ more` line unfolds the rarer settings.
    """
    TITLE: ClassVar[str] = "Hyperparameters"
    BINDINGS: ClassVar[list[BindingType]] = [key for key in bindings("form") if key.id not in FORM_WIDE]
    DEFAULT_CSS = """
    SettingsList {
        height: 1fr; min-height: 4; padding: 0; background: transparent;
        scrollbar-size-vertical: 1; scrollbar-color: $foreground 20%; scrollbar-background: transparent;
        border: round $border-blurred; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        &:focus { border: round $primary; border-title-color: $text-primary; background-tint: transparent 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $text-muted; }
        & > .option-list--option-highlighted { background: transparent; text-style: none; color: $foreground; }
        &:focus > .option-list--option-highlighted { background: $primary 25%; text-style: none; color: $foreground; }
    }
    """

    @dataclass
    class Edited(Message):
        """A setting has another value; `final` says that typing is over."""

        field: Field
        value: Any
        final: bool

    @dataclass
    class Pointed(Message):
        """The cursor is on a setting, or on something else (None); `problem` is of the text being typed."""

        field: Field | None
        problem: str = ""

    def __init__(self, form_state: FormState, id: str | None = None) -> None:  # noqa: A002 - textual's own name for it
        """Make the list, empty until it is shown.

        Args:
            form_state: the form's values.
            id: the widget's name in its screen.
        """
        super().__init__(id=id)
        self.border_title = as_is(self.TITLE)
        self._rows = SettingsRows(form_state)
        self._edit: SettingEdit | None = None
        self._just_focused = False

    @property
    def is_editing(self) -> bool:
        """Whether a line is being typed."""
        return self._edit is not None

    @property
    def being_typed(self) -> tuple[str, Any] | None:
        """The setting whose line is being typed, and what it would be if typing ended now."""
        return None if self._edit is None else (self._edit.field.name, self._edit.value)

    @property
    def pointed_field(self) -> Field | None:
        """The setting under the cursor."""
        option = self.highlighted_option
        return self._rows.fields.get(option.id or "") if option else None

    def show(
        self, form_state: FormState, problems: Mapping[tuple[str, str], str], *, live: bool, warned: frozenset[str] = frozenset()
    ) -> None:
        """Draw the form's settings.

        Args:
            form_state: the values.
            problems: (table, key) -> what is wrong with it.
            live: a run goes on, so that only `live` settings can change.
            warned: names of settings that have no effect as things stand.
        """
        self._rows = SettingsRows(form_state, problems, live, self._rows.unfolded, warned=warned)
        number = len(form_state.changes())
        self.border_subtitle = as_is(f"{number} changed") if number else ""
        self._list()

    def point_at(self, name: str) -> None:
        """Move the cursor to a setting, unfolding its section if need be."""
        if name not in self._rows.fields:
            self._rows.unfolded.add(name.partition(".")[0])
            self._list()
        if name in self._rows.fields:
            self.highlighted = self.get_option_index(name)

    def _list(self) -> None:
        """Make the rows anew where they are not the same ones; the cursor and the line being typed stay."""
        rows = self._rows
        names = rows.names()
        if names != [option.id for option in self.options]:
            pointed = self.highlighted_option.id if self.highlighted_option else None
            edit, self._edit = self._edit, None
            self.set_options([rows.option(name, self._width, glyphs_of(self.app)) for name in names])
            if pointed not in names:
                pointed = next((name for name in names if not name.startswith("section:")), None)
            self.highlighted = names.index(pointed) if pointed else None
            self._edit = edit if edit and pointed == edit.field.name else None
        self._redraw()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width or 28

    def _redraw(self) -> None:
        field, signs = self.pointed_field, glyphs_of(self.app)
        pointer = Pointer(field.name if field else "", self.has_focus, self._edit.line if self._edit else None)
        for index, option in enumerate(self.options):
            if option.id is not None:
                self._replace_option_prompt(index, self._rows.content(option.id, self._width, signs, pointer))

    # Cursor --------------------------------------------------------------------------------------------------------------

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Leave the line being typed, then point at the new row."""
        self._leave()
        super().watch_highlighted(highlighted)
        self._redraw()
        if self.has_focus:
            self.post_message(self.Pointed(self.pointed_field))

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - textual's own signature
        """Show the steps around the value under the cursor; on the way out keep what was typed."""
        super().watch_has_focus(has_focus)
        self._just_focused = has_focus  # the click that gave the focus only points
        if has_focus:
            self.post_message(self.Pointed(self.pointed_field))
        else:
            self._leave()
        self._redraw()

    def on_resize(self) -> None:
        """Rows are as wide as the list, and the cursor stays in sight."""
        self._redraw()
        self.call_after_refresh(self.scroll_to_highlight)

    async def _on_click(self, event: events.Click) -> None:
        """The first click points; the next one steps, on a sign beside the value, or edits."""
        event.prevent_default()
        clicked = self.clicked(event)
        if clicked is None:
            return
        again = clicked == self.highlighted and not self._just_focused
        self._just_focused = False
        self.highlighted = clicked
        field = self.pointed_field
        if field is None:
            self.action_edit()
        elif again:
            column = event.get_content_offset_capture(self).x
            step = 0 if self.is_editing else self._rows.clicked_step(field, column, self._width)
            if step:
                self.action_step(step)
            else:
                self.action_edit()

    # Typing --------------------------------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002 - textual's own signature
        """Printable keys are text while a line is being typed, and digits begin one."""
        if character is None or not character.isprintable():
            return False
        return self.is_editing or (character in _NUMERIC and self._rows.takes_digits(self.pointed_field))

    def on_key(self, event: events.Key) -> None:
        """Type into the line, or begin one with a digit."""
        self._just_focused = False
        edit = self._edit
        if edit is None and event.character and event.character in _NUMERIC and self._rows.takes_digits(self.pointed_field):
            edit = self._begin(fresh=True)
        if edit is None:
            return
        if event.key == "enter":
            self._commit(edit)
        elif event.key == "escape":
            self._cancel(edit)
        elif edit.line.key(event.key):
            self._typed(edit)
        elif event.character and event.is_printable:
            edit.line.insert(event.character)
            self._typed(edit)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the line."""
        if self._edit is None and self._rows.takes_text(self.pointed_field):
            self._begin(fresh=True)
        if self._edit is not None:
            self._edit.line.insert(event.text)
            self._typed(self._edit)
            event.stop()

    def _begin(self, *, fresh: bool) -> SettingEdit | None:
        field = self.pointed_field
        if field is None:
            return None
        self._edit = SettingEdit.begin(field, self._rows.form_state, fresh=fresh)
        self._redraw()
        return self._edit

    def _typed(self, edit: SettingEdit) -> None:
        """Let a value that is right in itself count at once; say what is wrong with another."""
        self.post_message(self.Pointed(edit.field, edit.problem))
        if not edit.problem:
            self.post_message(self.Edited(edit.field, edit.value, final=False))
        self._redraw()

    def _commit(self, edit: SettingEdit) -> None:
        if edit.problem:
            self.post_message(self.Pointed(edit.field, edit.problem))
            self.app.bell()
            return
        self._edit = None
        self.post_message(self.Edited(edit.field, edit.value, final=True))
        self._redraw()

    def commit(self) -> str:
        """Take over what is being typed, as enter does; what is wrong with the line, or "", by its setting."""
        edit = self._edit
        if edit is None:
            return ""
        self._commit(edit)
        return edit.refusal

    def _cancel(self, edit: SettingEdit) -> None:
        self._edit = None
        self.post_message(self.Edited(edit.field, edit.before, final=not self._rows.live))
        self.post_message(self.Pointed(edit.field))
        self._redraw()

    def _leave(self) -> None:
        """Typing ends because the cursor goes elsewhere: what stands there counts, even when it is wrong.

        Not so while a run goes on: a running model is changed by enter alone.
        """
        edit, self._edit = self._edit, None
        if edit is not None:
            live = self._rows.live
            self.post_message(self.Edited(edit.field, edit.before if live else edit.value, final=not live))

    # Keys ----------------------------------------------------------------------------------------------------------------

    def action_select(self) -> None:
        """Enter and a click do the same as `action_edit`."""
        self.action_edit()

    def action_edit(self) -> None:
        """Edit the value in place, or turn to the next choice, or fold."""
        option, field = self.highlighted_option, self.pointed_field
        if field is None:
            if option is not None and option.id and option.id.startswith("fold:"):
                self._rows.fold(option.id.partition(":")[2])
                self._list()
        elif self._is_locked(field):
            return
        elif field.kind in ("bool", "choice"):
            self.action_step(1)
        else:
            self._begin(fresh=False)

    def _is_locked(self, field: Field) -> bool:
        """Whether a setting cannot change now; says so."""
        locked = self._rows.is_locked(field)
        if locked:
            self.app.bell()
            self.app.notify(
                f"{field.label} cannot change while the run goes on: a new run or a fork can have another one.",
                severity="warning",
            )
        return locked

    def action_step(self, direction: int) -> None:
        """The next value up or down."""
        field = self.pointed_field
        if field is None:
            self.action_edit()
        elif field.steppable and not self._is_locked(field):
            value = field.step(self._rows.form_state.shown(field), direction)
            self.post_message(self.Edited(field, value, final=True))

    def action_original(self) -> None:
        """Back to the loaded experiment's value."""
        field = self.pointed_field
        if field is not None and not self._is_locked(field):
            self.post_message(self.Edited(field, self._rows.form_state.original(field), final=True))

    def action_default(self) -> None:
        """Back to the schema's default."""
        field = self.pointed_field
        if field is not None and field.key != "name" and not self._is_locked(field):
            self.post_message(self.Edited(field, field.default, final=True))
