"""A setting while its value is typed: what stands in the line, what it would be, what is wrong with it. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tui.form.fields import Field, show_value
from workbench.tui.form.settings_row import LineEditor
from workbench.tui.form.state import FormState

__all__ = ["SettingEdit"]


@dataclass(frozen=True)
class SettingEdit:
    """A setting being typed.

    Attributes:
        field: the setting.
        line: its line.
        before: the value before, or None where the default stood.
    """

    field: Field
    line: LineEditor
    before: Any

    @classmethod
    def begin(cls, field: Field, values: FormState, *, fresh: bool) -> SettingEdit:
        """Begin with the value as it is shown.

        Args:
            field: the setting.
            values: the form's values.
            fresh: the first character typed replaces it.
        """
        text = show_value(values.shown(field))
        return cls(field, LineEditor(text, len(text), fresh), values.section(field.table).get(field.key))

    @property
    def value(self) -> Any:
        """What the setting would be if typing ended now; None takes it back to the default."""
        return self.field.parse(self.line.text)

    @property
    def problem(self) -> str:
        """What is wrong with that, or ""."""
        value = self.value
        return "" if value is None else self.field.problem(value) or ""

    @property
    def refusal(self) -> str:
        """What is wrong, with the setting's name, for a place where the line is not seen; or ""."""
        return f"[{self.field.table}] {self.field.key}: {self.problem}" if self.problem else ""
