"""Which rows the list of settings has, and what each one shows: sections, settings, and lines that fold the rarer ones away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textual.content import Content
from textual.widgets.option_list import Option

from workbench.tui.form.fields import Field, show_value
from workbench.tui.form.settings_row import LineEditor, RowState, draw_row
from workbench.tui.form.state import ROWS, FormState
from workbench.tui.glyphs import Glyphs

__all__ = ["Pointer", "SettingsRows"]


@dataclass(frozen=True)
class Pointer:
    """Where the cursor is: a row, whether its list has the focus, and the line being typed in it."""

    row: str = ""
    focused: bool = False
    editor: LineEditor | None = None


@dataclass
class SettingsRows:
    """The rows of the form's values.

    Attributes:
        form_state: the values.
        problems: (table, key) -> what is wrong with it.
        live: a run goes on, so that only `live` settings can change.
        unfolded: sections whose rarer settings are shown.
        fields: the settings that have a row, by name.
        warned: names of settings that have no effect as things stand.
    """

    form_state: FormState
    problems: Mapping[tuple[str, str], str] = field(default_factory=dict)
    live: bool = False
    unfolded: set[str] = field(default_factory=set)
    fields: dict[str, Field] = field(default_factory=dict)
    warned: frozenset[str] = frozenset()

    def names(self) -> list[str]:
        """The rows by id, top to bottom: `section:TABLE`, settings by name, `fold:TABLE`."""
        names: list[str] = []
        self.fields = {}
        for table in ROWS:
            fields = self.form_state.fields(table)
            if not fields:
                continue
            shown = {each.name: each for each in fields if not self._is_folded(each)}
            self.fields |= shown
            names += [f"section:{table}", *shown]
            if table in self.unfolded or len(shown) < len(fields):
                names.append(f"fold:{table}")
        return names

    def option(self, name: str, width: int, signs: Glyphs) -> Option:
        """A row as the list takes it; the cursor passes over sections."""
        return Option(self.content(name, width, signs, Pointer()), id=name, disabled=name.startswith("section:"))

    def content(self, name: str, width: int, signs: Glyphs, pointer: Pointer) -> Content:
        """What a row shows, `width` columns wide."""
        if name in self.fields:
            return draw_row(self.fields[name], self._state(self.fields[name], pointer), width, signs)
        kind, _, table = name.partition(":")
        if kind == "section":
            rule = signs.rule * max(0, width - len(table) - 3)
            return Content.assemble((f"{signs.rule} {table} ", "$foreground 60% bold"), (rule, "$border-blurred"))
        folded = sum(self._is_folded(each) for each in self.form_state.fields(table))
        words = f"{signs.folded} {folded} more" if table not in self.unfolded else f"{signs.opened} fewer"
        return Content.assemble((words, "$foreground 60%"))

    def is_locked(self, setting: Field) -> bool:
        """Whether a setting cannot be changed now."""
        return self.live and not setting.live

    def takes_text(self, setting: Field | None) -> bool:
        """Whether text can be pasted into a setting's line."""
        return setting is not None and setting.kind not in ("bool", "choice") and not self.is_locked(setting)

    def takes_digits(self, setting: Field | None) -> bool:
        """Whether a digit begins a line of its own, in place of the value."""
        return setting is not None and setting.kind in ("int", "float", "list", "other") and not self.is_locked(setting)

    def fold(self, table: str) -> None:
        """Show or hide the rarer settings of a section."""
        self.unfolded ^= {table}

    def clicked_step(self, setting: Field, column: int, width: int) -> int:
        """The step that a click beside a setting's value asks for: 1, -1, or 0 for none.

        Args:
            setting: the setting under the cursor.
            column: where in its row the click came.
            width: columns of the row.
        """
        if not setting.steppable:
            return 0
        if column in range(width - 4, width - 1):
            return 1
        length = len(show_value(self.form_state.shown(setting)))
        return -1 if column in range(width - 7 - length, width - 4 - length) else 0

    def _is_folded(self, setting: Field) -> bool:
        noteworthy = (
            self.form_state.is_changed(setting) or (setting.table, setting.key) in self.problems or setting.name in self.warned
        )
        return setting.advanced and setting.table not in self.unfolded and not noteworthy

    def _state(self, setting: Field, pointer: Pointer) -> RowState:
        here = pointer.row == setting.name
        return RowState(
            value=self.form_state.shown(setting),
            changed=self.form_state.is_changed(setting),
            warned=setting.name in self.warned,
            in_force=setting.name in self.form_state.in_force,
            problem=self.problems.get((setting.table, setting.key), ""),
            pointed=here and pointer.focused,
            locked=self.is_locked(setting),
            unused=bool(self.form_state.unused(setting)),
            editor=pointer.editor if here else None,
        )
