"""A setting while it is typed, and which of them take text, digits and clicks; without a list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.harness import example, fixed_cards
from workbench.tui.form.setting_edit import SettingEdit
from workbench.tui.form.settings_rows import SettingsRows
from workbench.tui.form.state import FormState


@pytest.fixture
def rows() -> Iterator[SettingsRows]:
    """The settings of the example, all unfolded."""
    with fixed_cards():
        rows = SettingsRows(FormState(example()), unfolded={"model", "data", "optimizer", "training"})
        rows.names()
        yield rows


def test_typing_replaces_a_fresh_line_and_says_what_is_wrong(rows: SettingsRows) -> None:
    """The value is read as its setting reads it; the refusal names the setting."""
    edit = SettingEdit.begin(rows.fields["model.hidden_size"], rows.form_state, fresh=True)
    assert (edit.before, edit.value, edit.problem, edit.refusal) == (32, 32, "", "")
    edit.line.insert("0")
    assert edit.value == 0
    assert edit.refusal == f"[model] hidden_size: {edit.problem}"
    assert "expected a whole number, 1 to 4096" in edit.problem
    edit.line.insert("5")
    assert (edit.value, edit.problem) == (5, "")


def test_what_a_run_that_goes_on_locks_takes_nothing(rows: SettingsRows) -> None:
    """Numbers take digits and text, choices and switches neither; locked settings take nothing."""
    size, rate, bend = (rows.fields[name] for name in ("model.hidden_size", "optimizer.lr", "model.activation"))
    assert [rows.takes_digits(field) for field in (size, rate, bend, None)] == [True, True, False, False]
    assert [rows.takes_text(field) for field in (size, rate, bend, None)] == [True, True, False, False]
    rows.live = True
    assert [rows.takes_digits(field) for field in (size, rate)] == [False, True]
    assert [rows.takes_text(field) for field in (size, rate)] == [False, True]


def test_a_click_beside_the_value_is_a_step(rows: SettingsRows) -> None:
    """On the sign behind the value up, on the sign before it down, elsewhere none."""
    size, width = rows.fields["model.hidden_size"], 30
    steps = [rows.clicked_step(size, column, width) for column in range(width)]
    assert steps[26:29] == [1, 1, 1]
    assert steps[21:24] == [-1, -1, -1]
    assert sum(map(abs, steps)) == 6


def test_folding_hides_the_rarer_settings(rows: SettingsRows) -> None:
    """One more row then says that there are some."""
    assert "model.peephole" in rows.names()
    rows.fold("model")
    names = rows.names()
    assert "model.peephole" not in names
    assert "fold:model" in names
