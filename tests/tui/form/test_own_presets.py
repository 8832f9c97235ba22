"""The form saved as a preset of the user's own, and edited as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.harness import Harness, example, fixed_cards, settled
from workbench.experiment import Experiment
from workbench.experiment.own_presets import draft_of, own_path, save_preset
from workbench.tui.dialogs.save_preset import SavePresetDialog
from workbench.tui.form.experiment_form import ExperimentForm
from workbench.tui.form.notes import FormNotes
from workbench.tui.form.saving import values_of_own
from workbench.tui.form.state import FormState


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


def test_a_text_says_what_was_changed_and_no_claim_is_taken_along() -> None:
    """Unless nothing but the seed is another one."""
    claim = {"sentence": "It learns.", "metric": "test/mse", "operator": "<", "threshold": 0.1}
    loaded = Experiment.from_dict({**example().to_dict(), "claim": claim})
    state = FormState(loaded)
    state.set("training.seed", 3)
    same = values_of_own(loaded, state, "Mine")
    assert (same["title"], same["about"], "claim" in same) == ("Mine", "Two numbers are added.", True)
    state.set("model.hidden_size", 8)
    changed = values_of_own(loaded, state, "Mine")
    assert changed["about"] == "Made from 'Cell on sums' with model.hidden_size = 8."
    assert "claim" not in changed


async def test_w_asks_for_a_name_and_before_it_replaces(tmp_path: Path) -> None:
    """A name that cannot be one is explained; where it was written is said; one that is there is asked about."""
    app = Harness(ExperimentForm(example()))
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        app.query_one("#settings").focus()
        for told in ("Cell", "Other"):
            await pilot.press("w")
            await settled(pilot)
            dialog = app.screen
            assert isinstance(dialog, SavePresetDialog)
            name, title = dialog.query_one("#name", Input), dialog.query_one("#title", Input)
            name.value = "a/b"
            await pilot.press("enter")
            assert name.has_focus
            name.value, title.value = "mine", told
            await pilot.press("enter", "enter")
            await settled(pilot)
            if told == "Other":  # the second time it is there
                await pilot.press("y")
                await settled(pilot)
            else:
                assert str(own_path("mine")) in app.received[-1].text  # type: ignore[attr-defined]
            assert f'title = "{told}"' in own_path("mine").read_text()
        await pilot.press("w")
        await settled(pilot)
        app.screen.query_one("#name", Input).value = "mine"
        await pilot.press("enter", "enter")
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert 'title = "Other"' in own_path("mine").read_text()


async def test_the_text_comes_back_from_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is right is taken; what is wrong stands in the form with its line, and the text is there again at the next time."""
    app, form = Harness(ExperimentForm(example())), None
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        form = app.query_one(ExperimentForm)
        app.query_one("#settings").focus()
        monkeypatch.setattr(app, "suspend", nullcontext)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", "sed -i s/hidden_size.*/hidden_size=9/")
        await pilot.press("T")
        await settled(pilot)
        assert form.model.values.changes() == {"model.hidden_size": 9}
        monkeypatch.setenv("EDITOR", "sed -i -e s/hidden_size/hiden_size/ -e s/^steps.*/steps=7/")
        await pilot.press("T")
        await settled(pilot)
        told = str(app.query_one(FormNotes).render())
        assert "text:6: [model] hiden_size: unknown key." in told
        assert form.model.values.changes() == {"model.hidden_size": 9}
        monkeypatch.setenv("EDITOR", "sed -i s/hiden_size/hidden_size/")
        await pilot.press("T", "enter")
        await settled(pilot)
        assert form.model.values.changes() == {"model.hidden_size": 9, "training.steps": 7}
        assert not draft_of("_form").is_kept
        assert not form.model.refused_text
        form.model.values.set("model.hidden_size", "many")  # what is wrong in the form can be put right in the text
        monkeypatch.setenv("EDITOR", "sed -i s/^hidden_size.*many.*/hidden_size=12/")
        await pilot.press("T")
        await settled(pilot)
        assert form.model.values.changes() == {"model.hidden_size": 12, "training.steps": 7}


@pytest.mark.parametrize(("editor", "told"), [("", "no editor is set"), ("true", "cannot be handed to another program")])
async def test_where_no_editor_can_be_opened_it_is_said(editor: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No editor is set; the terminal cannot be handed over. No text is left behind."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    app = Harness(ExperimentForm(example()))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.query_one("#settings").focus()
        await pilot.press("T")
        await settled(pilot)
        assert any(told in notification.message for notification in app._notifications)
        assert not draft_of("_form").is_kept


def test_a_saved_one_is_a_preset(tmp_path: Path) -> None:
    """What the form writes is read back as the same experiment."""
    from workbench.experiment.presets import load_preset
    from workbench.experiment.toml_text import written

    save_preset("mine", written(values_of_own(example(), FormState(example()), "Cell on sums")))
    assert load_preset("mine") == example()
