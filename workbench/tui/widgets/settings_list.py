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

from workbench.tui.bindings import bindings
from workbench.tui.fields import Field, show_value
from workbench.tui.form_state import FormState
from workbench.tui.glyphs import glyphs_of
from workbench.tui.plain import as_is
from workbench.tui.steady_list import SteadyList
from workbench.tui.widgets.settings_row import LineEditor
from workbench.tui.widgets.settings_rows import Pointer, SettingsRows

__all__ = ["SettingsList"]

_NUMERIC = "0123456789.-+"


@dataclass(frozen=True)
class _Edit:
    """A setting being typed: its line, and the value before (None where the default stood)."""

    field: Field
    line: LineEditor
    before: Any


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
    BINDINGS: ClassVar[list[BindingType]] = [key for key in bindings("form") if key.id != "form.find"]
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

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - textual's own name for it
        super().__init__(id=id)
        self.border_title = "Hyperparameters"
        self._settings: SettingsRows | None = None
        self._edit: _Edit | None = None
        self._just_focused = False

    @property
    def is_editing(self) -> bool:
        """Whether a line is being typed."""
        return self._edit is not None

    @property
    def being_typed(self) -> tuple[str, Any] | None:
        """The setting whose line is being typed, and what it would be if typing ended now."""
        return None if self._edit is None else (self._edit.field.name, self._edit.field.parse(self._edit.line.text))

    @property
    def pointed_field(self) -> Field | None:
        """The setting under the cursor."""
        option = self.highlighted_option
        return self._settings.fields.get(option.id or "") if option and self._settings else None

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
        unfolded = self._settings.unfolded if self._settings else set()
        self._settings = SettingsRows(form_state, problems, live, unfolded, warned=warned)
        number = len(form_state.changes())
        self.border_subtitle = as_is(f"{number} changed") if number else ""
        self._list(self._settings)

    def point_at(self, name: str) -> None:
        """Move the cursor to a setting, unfolding its section if need be."""
        settings = self._settings
        if settings is None:
            return
        if name not in settings.fields:
            settings.unfolded.add(name.partition(".")[0])
            self._list(settings)
        if name in settings.fields:
            self.highlighted = self.get_option_index(name)

    def _list(self, settings: SettingsRows) -> None:
        """Make the rows anew where they are not the same ones; the cursor and the line being typed stay."""
        names = settings.names()
        if names != [option.id for option in self.options]:
            pointed = self.highlighted_option.id if self.highlighted_option else None
            edit, self._edit = self._edit, None
            self.set_options([settings.option(name, self._width, glyphs_of(self.app)) for name in names])
            if pointed not in names:
                pointed = next((name for name in names if not name.startswith("section:")), None)
            self.highlighted = names.index(pointed) if pointed else None
            self._edit = edit if edit and pointed == edit.field.name else None
        self._redraw()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width or 28

    def _redraw(self) -> None:
        if self._settings is None:
            return
        field, signs = self.pointed_field, glyphs_of(self.app)
        pointer = Pointer(field.name if field else "", self.has_focus, self._edit.line if self._edit else None)
        for index, option in enumerate(self.options):
            if option.id is not None:
                self._replace_option_prompt(index, self._settings.content(option.id, self._width, signs, pointer))

    # -- cursor

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
        event.prevent_default()
        clicked = self.clicked(event)
        if clicked is None:
            return
        again = clicked == self.highlighted and not self._just_focused
        self._just_focused = False
        self.highlighted = clicked
        field = self.pointed_field
        if field is None or (again and not self._click_steps(event, field)):
            self.action_edit()

    def _click_steps(self, event: events.Click, field: Field) -> bool:
        """A click on one of the signs beside the value is a step."""
        width = self._width
        text = show_value(self._settings.form_state.shown(field)) if self._settings else ""
        column = event.get_content_offset_capture(self).x
        if not field.steppable or self.is_editing:
            return False
        if column in (width - 3, width - 2, width - 4):
            self.action_step(1)
        elif column in range(width - 7 - len(text), width - 4 - len(text)):
            self.action_step(-1)
        else:
            return False
        return True

    # -- editing

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002 - textual's own signature
        """Printable keys are text while a line is being typed, and digits begin one."""
        if character is None or not character.isprintable():
            return False
        return self.is_editing or (character in _NUMERIC and self._takes_digits())

    def _takes_digits(self) -> bool:
        field = self.pointed_field
        return field is not None and field.kind in ("int", "float", "other") and not self._is_locked(field)

    def _is_locked(self, field: Field) -> bool:
        return self._settings is None or self._settings.is_locked(field)

    @property
    def _is_live(self) -> bool:
        return self._settings is not None and self._settings.live

    def on_key(self, event: events.Key) -> None:
        """Type into the line, or begin one with a digit."""
        self._just_focused = False
        edit = self._edit
        if edit is None and event.character and event.character in _NUMERIC and self._takes_digits():
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
        field = self.pointed_field
        if self._edit is None and field is not None and field.kind not in ("bool", "choice") and not self._is_locked(field):
            self._begin(fresh=True)
        if self._edit is not None:
            self._edit.line.insert(event.text)
            self._typed(self._edit)
            event.stop()

    def _begin(self, *, fresh: bool) -> _Edit | None:
        field = self.pointed_field
        if field is None or self._settings is None:
            return None
        form_state = self._settings.form_state
        text = show_value(form_state.shown(field))
        self._edit = _Edit(field, LineEditor(text, len(text), fresh), form_state.values[field.table].get(field.key))
        self._redraw()
        return self._edit

    def _typed(self, edit: _Edit) -> None:
        """Let a value that is right in itself count at once; say what is wrong with another."""
        value = edit.field.parse(edit.line.text)
        problem = None if value is None else edit.field.problem(value)
        self.post_message(self.Pointed(edit.field, problem or ""))
        if problem is None:
            self.post_message(self.Edited(edit.field, value, final=False))
        self._redraw()

    def _commit(self, edit: _Edit) -> None:
        value = edit.field.parse(edit.line.text)
        if value is not None and (problem := edit.field.problem(value)):
            self.post_message(self.Pointed(edit.field, problem))
            self.app.bell()
            return
        self._edit = None
        self.post_message(self.Edited(edit.field, value, final=True))
        self._redraw()

    def commit(self) -> str:
        """Take over what is being typed, as enter does; what is wrong with the line, or "", by its setting."""
        edit = self._edit
        if edit is None:
            return ""
        self._commit(edit)
        if self._edit is None:
            return ""
        return f"[{edit.field.table}] {edit.field.key}: {edit.field.problem(edit.field.parse(edit.line.text))}"

    def _cancel(self, edit: _Edit) -> None:
        self._edit = None
        self.post_message(self.Edited(edit.field, edit.before, final=not self._is_live))
        self.post_message(self.Pointed(edit.field))
        self._redraw()

    def _leave(self) -> None:
        """Typing ends because the cursor goes elsewhere: what stands there counts, even when it is wrong.

        Not so while a run goes on: a running model is changed by enter alone.
        """
        edit, self._edit = self._edit, None
        if edit is not None:
            value = edit.before if self._is_live else edit.field.parse(edit.line.text)
            self.post_message(self.Edited(edit.field, value, final=not self._is_live))

    # -- actions

    def action_select(self) -> None:
        """Enter and a click do the same as `action_edit`."""
        self.action_edit()

    def action_edit(self) -> None:
        """Edit the value in place, or turn to the next choice, or fold."""
        option, field = self.highlighted_option, self.pointed_field
        if field is None:
            if option is not None and option.id and option.id.startswith("fold:"):
                self._fold(option.id.partition(":")[2])
        elif self._is_locked(field):
            self.app.bell()
        elif field.kind in ("bool", "choice"):
            self.action_step(1)
        else:
            self._begin(fresh=False)

    def action_step(self, direction: int) -> None:
        """The next value up or down."""
        field = self.pointed_field
        if field is None:
            self.action_edit()
        elif self._settings is not None and field.steppable and not self._is_locked(field):
            self.post_message(self.Edited(field, field.step(self._settings.form_state.shown(field), direction), final=True))

    def action_original(self) -> None:
        """Back to the loaded experiment's value."""
        field = self.pointed_field
        if field is not None and self._settings is not None and not self._is_locked(field):
            self.post_message(self.Edited(field, self._settings.form_state.original(field), final=True))

    def action_default(self) -> None:
        """Back to the schema's default."""
        field = self.pointed_field
        if field is not None and field.key != "name" and not self._is_locked(field):
            self.post_message(self.Edited(field, field.default, final=True))

    def _fold(self, table: str) -> None:
        if self._settings is not None:
            self._settings.unfolded ^= {table}
            self._list(self._settings)
