"""One setting in one line, and the line editor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.experiment.settings import TrainingConfig
from workbench.tui.form.fields import fields_of
from workbench.tui.form.settings_row import LineEditor, RowState, draw_row
from workbench.tui.glyphs import ASCII, UNICODE

FIELDS = {field.key: field for field in fields_of("training", TrainingConfig)}


@pytest.mark.parametrize("width", [20, 28, 34, 60])
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
@pytest.mark.parametrize("key", sorted(FIELDS))
def test_a_row_is_exactly_as_wide_as_asked(width: int, signs: object, key: str) -> None:
    """Rows line up: every one fills its width, whatever its value."""
    assert signs in (UNICODE, ASCII)
    glyphs = UNICODE if signs is UNICODE else ASCII
    for value in (FIELDS[key].default, "a rather long value that cannot fit", 123456789):
        for pointed in (False, True):
            row = draw_row(FIELDS[key], RowState(value, pointed=pointed), width, glyphs)
            assert cell_len(row.plain) == width


def test_what_has_no_effect_is_muted() -> None:
    """A setting that the architecture has no use for looks like one that cannot be changed, with the same words."""
    plain, unused, locked = (
        draw_row(FIELDS["clip_norm"], state, 34, UNICODE)
        for state in (RowState(1.0), RowState(1.0, unused=True), RowState(1.0, locked=True))
    )
    assert unused.plain == plain.plain
    assert unused.spans == locked.spans != plain.spans


@pytest.mark.parametrize("width", range(12))
def test_a_row_survives_hardly_any_room(width: int) -> None:
    """A list squeezed to nothing still draws, also while a line is being typed."""
    for editor in (None, LineEditor("12345", 5), LineEditor("12345", 0, fresh=True)):
        assert draw_row(FIELDS["steps"], RowState(1000, editor=editor), width, UNICODE).plain


@given(
    st.lists(st.sampled_from(["left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+k", "f5", "x", "\n", "é"]))
)
def test_the_cursor_never_leaves_the_line(keys: list[str]) -> None:
    """Any keys in any order leave the cursor inside the text, and control characters never get in."""
    line = LineEditor("64", 2)
    for key in keys:
        if not line.key(key) and len(key) == 1:
            line.insert(key)
        assert 0 <= line.cursor <= len(line.text)
        assert line.text.isprintable()


def test_a_fresh_line_is_replaced_by_the_first_character() -> None:
    """Typing over a value replaces it; moving first edits it."""
    line = LineEditor("64", 2, fresh=True)
    line.insert("1")
    assert line.text == "1"
    line = LineEditor("64", 2, fresh=True)
    assert line.key("home")
    line.insert("1")
    assert line.text == "164"
