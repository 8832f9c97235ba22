"""The form in use: keys, mouse, problems at the field, pairs that do not fit, and a run that goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from textual.widgets import OptionList, Static

from tests.tui.harness import Harness, Sums, example, fixed_cards, settled
from workbench.cards import catalog
from workbench.errors import DataError
from workbench.tui.dialogs.prompts import ChoiceDialog
from workbench.tui.form.experiment_form import ExperimentForm
from workbench.tui.form.notes import FormNotes
from workbench.tui.form.pickers import CardPicker
from workbench.tui.form.settings_list import SettingsList


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def form_app(*, ascii_only: bool = False) -> tuple[Harness, ExperimentForm]:
    form = ExperimentForm(example())
    return Harness(form, ascii_only=ascii_only), form


def row(form: ExperimentForm, name: str) -> str:
    return str(form.query_one(SettingsList).get_option(name).prompt)


def hint(form: ExperimentForm) -> str:
    return str(form.query_one("#hint", Static).render())


async def test_the_form_shows_the_experiment_it_was_given() -> None:
    """Chosen cards carry the dot, settings their values, live ones their sign."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        assert "● Simple cell" in str(form.query_one("#architectures", CardPicker).get_option("cell").prompt)
        assert row(form, "model.hidden_size").split() == ["hidden", "size", "32"]
        assert row(form, "optimizer.lr").split() == ["learning", "rate", "5e-3", "▲"]
        assert form.experiment == example()


async def test_typing_a_number_replaces_the_value_and_enter_keeps_it() -> None:
    """Digits begin an edit, enter ends it, and the change is announced and marked."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("1", "2", "8", "enter")
        await settled(pilot)
        assert form.experiment is not None
        assert form.experiment.model.config.hidden_size == 128
        assert row(form, "model.hidden_size").startswith("•")
        assert app.last(ExperimentForm.Changed).experiment == form.experiment


async def test_a_value_counts_while_it_is_typed_and_escape_takes_it_back() -> None:
    """Valid text reaches the experiment before enter; escape restores what was there."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("7")
        await settled(pilot)
        assert form.experiment is not None
        assert form.experiment.model.config.hidden_size == 7
        await pilot.press("escape")
        await settled(pilot)
        assert form.experiment == example()


async def test_editing_keys_move_and_delete_in_the_line() -> None:
    """Enter opens the value as it stands; home, delete, end, backspace and left work as in any text field."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("enter", "home", "delete", "end", "5", "6", "backspace", "left", "1", "enter")
        await settled(pilot)
        assert form.experiment is not None
        assert form.experiment.model.config.hidden_size == 215


async def test_a_wrong_value_is_explained_while_typing_and_below_its_row() -> None:
    """Enter refuses a wrong value; leaving the row keeps it, with the problem below it, and there is no experiment."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("0", "enter")
        await settled(pilot)
        assert "expected a whole number, 1 to 4096" in hint(form)
        assert form.query_one(SettingsList).is_editing
        await pilot.press("down")
        await settled(pilot)
        first, *below = row(form, "model.hidden_size").splitlines()
        assert first.startswith("✗")
        assert "expected" in "".join(below)
        assert form.experiment is None
        assert app.last(ExperimentForm.Changed).problems == form.problems


async def test_arrows_step_and_backspace_and_delete_go_back() -> None:
    """Right doubles a size, backspace takes the preset's value, delete the default."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        for key, expected in (("right", "64"), ("left", "32"), ("right", "64"), ("backspace", "32"), ("delete", "64")):
            await pilot.press(key)
            await settled(pilot)
            assert f" {expected} " in row(form, "model.hidden_size").replace("\n", " ") + " ", key


async def test_choices_and_switches_turn_with_enter() -> None:
    """Enter goes to the next choice, and unfolds and folds the rarer settings."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.activation")
        await pilot.press("enter")
        await settled(pilot)
        assert "relu" in row(form, "model.activation")
        await pilot.press("down", "enter")
        await settled(pilot)
        assert "off" in row(form, "model.peephole")
        form.point_at("model.peephole")
        await pilot.press("enter")
        await settled(pilot)
        assert "on" in row(form, "model.peephole")


async def test_another_optimiser_changes_the_rows() -> None:
    """The optimiser is the first row of its section; stepping it brings its own settings."""
    app, form = form_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        form.point_at("optimizer.name")
        await pilot.press("right")
        await settled(pilot)
        assert form.experiment is not None
        assert form.experiment.optimizer.name != "adam"
        assert form.experiment.optimizer.config.lr == 5e-3


async def test_a_click_points_and_a_second_click_edits() -> None:
    """The mouse does what the keys do: point, step beside the value, edit."""
    app, form = form_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        settings = form.query_one(SettingsList)
        await pilot.click(settings, offset=(5, 2))
        assert settings.pointed_field is not None
        assert settings.pointed_field.name == "model.hidden_size"
        await pilot.pause()
        prompt = row(form, "model.hidden_size")
        await pilot.click(settings, offset=(1 + prompt.index("▸"), 2))
        await settled(pilot)
        assert "64" in row(form, "model.hidden_size")
        prompt = row(form, "model.hidden_size")
        await pilot.click(settings, offset=(1 + prompt.index("◂"), 2))
        await settled(pilot)
        assert "32" in row(form, "model.hidden_size")
        await pilot.click(settings, offset=(5, 2))
        assert settings.is_editing


async def test_a_card_that_fits_after_a_setting_sets_it() -> None:
    """Choosing digits for a cell sets their view to rows, says so beforehand and shows it as a change."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        datasets = form.query_one("#datasets", CardPicker)
        datasets.focus()
        await pilot.press("up")
        await pilot.pause()
        assert "↻" in str(datasets.get_option("digits").prompt)
        assert "sets view to rows" in hint(form)
        await pilot.press("enter")
        await settled(pilot)
        assert form.experiment is not None
        assert (form.experiment.data.name, form.experiment.data.config.view) == ("digits", "rows")


async def test_an_impossible_card_says_why_and_offers_what_would_do() -> None:
    """Choosing words for a cell asks; the first answer switches the architecture as well."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        datasets = form.query_one("#datasets", CardPicker)
        datasets.focus()
        await pilot.press("down")
        await pilot.pause()
        assert "⊘" in str(datasets.get_option("words").prompt)
        assert "transduce" in hint(form)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ChoiceDialog)
        await pilot.press("enter")
        await settled(pilot)
        assert form.experiment is not None
        assert (form.experiment.model.name, form.experiment.data.name) == ("translator", "words")
        assert "Words" in hint(form)
        assert "enter chooses" not in hint(form)
        assert "Does not fit" not in hint(form)


async def test_keeping_things_as_they_are_changes_nothing() -> None:
    """Escape in that question leaves the form alone."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.cards.choose("data", "words")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert form.experiment == example()


async def test_while_a_run_goes_on_live_settings_alone_change_and_are_announced() -> None:
    """Locked rows do not move; a live one is announced on enter, and leaving it without enter changes nothing."""
    app, form = form_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        form.run_state(live=True)
        form.point_at("model.hidden_size")
        await pilot.press("right", "9", "enter")
        await settled(pilot)
        assert form.experiment == example()
        assert "needs a new run" in hint(form)
        form.point_at("optimizer.lr")
        await pilot.press("1", "e", "minus", "4", "down")
        await settled(pilot)
        assert form.experiment == example()
        form.point_at("optimizer.lr")
        await pilot.press("1", "e", "minus", "4", "enter")
        await settled(pilot)
        assert app.last(ExperimentForm.LiveChanged).changes == {"optimizer.lr": 1e-4}
        form.cards.choose("data", "digits")
        await settled(pilot)
        assert form.experiment is not None
        assert form.experiment.data.name == "sums"


async def test_loading_another_experiment_starts_afresh() -> None:
    """After load nothing is changed and nothing is wrong."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("0", "down")
        await settled(pilot)
        other = example(model__hidden_size=5)
        form.load(other)
        await settled(pilot)
        assert form.experiment == other
        assert row(form, "model.hidden_size").startswith("  hidden")


async def test_the_line_below_speaks_of_the_loaded_model_and_its_numbers_are_counted_anew() -> None:
    """Another experiment, another text; the parameters of the last model go at once."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        assert "Simple cell" in hint(form)
        form.show_description(17217, 0.012)
        form.query_one("#datasets", CardPicker).focus()
        await settled(pilot)
        assert "Simple cell" not in hint(form)
        form.load(example(model__hidden_size=5))
        await settled(pilot)
        assert "Simple cell" in hint(form)
        assert str(form.query_one("#description", Static).render()) == "As chosen, cell: counting parameters ..."
        form.show_description(None, None)
        await pilot.pause()
        assert not form.query_one("#description", Static).display


async def test_parameters_and_step_time_are_written_below() -> None:
    """The last lines say of the chosen model, by its name, how large it is and how long it will take."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        form.show_description(17217, 0.012)
        await pilot.pause()
        line = form.query_one("#description", Static)
        assert str(line.render()) == "As chosen, cell: 17,217 parameters · 12 ms a step · about 2.4 s"
        assert line.size.width * line.size.height >= len(str(line.render()))


@pytest.mark.parametrize("size", [(80, 24), (34, 10), (10, 4), (1, 1)])
async def test_any_size_is_survived_and_a_low_form_shows_the_chosen_cards(size: tuple[int, int]) -> None:
    """In a low terminal the pickers are one line each, and show what is chosen."""
    app, form = form_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.resize_terminal(*size)
        await settled(pilot)
        assert form.has_class("-short")
        picker = form.query_one("#datasets", OptionList)
        if size == (80, 24):
            assert picker.size.height == 1
            assert picker.scroll_offset.y == picker._index_to_line[picker.highlighted or 0]


async def test_ascii_mode_draws_with_ascii_alone() -> None:
    """No row of the lists has a character beyond ASCII."""
    app, form = form_app(ascii_only=True)
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        form.point_at("model.hidden_size")
        await pilot.press("0", "down")
        await settled(pilot)
        for listed in form.query(OptionList):
            assert all(str(option.prompt).isascii() for option in listed.options)


async def test_a_setting_changed_elsewhere_is_shown_without_being_announced_again() -> None:
    """What another dialog has sent to the run stands in the form too."""
    app, form = form_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        form.run_state(live=True)
        form.in_force({"optimizer.lr": 1e-4})
        await settled(pilot)
        assert "1e-4" in row(form, "optimizer.lr")
        assert not [message for message in app.received if isinstance(message, ExperimentForm.LiveChanged)]


@pytest.mark.parametrize(("message", "at_row"), [("data.length: too long.", True), ("the disk is gone.", False)])
async def test_an_error_of_the_data_stands_at_the_setting_it_names(
    monkeypatch: pytest.MonkeyPatch, message: str, *, at_row: bool
) -> None:
    """What a dataset says of one of its settings is shown below that row; what names none is shown below the list."""

    def broken(cls: type[Any], config: Any) -> Any:
        raise DataError(message)

    app, form = form_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        monkeypatch.setattr(Sums, "task", classmethod(broken))
        form.point_at("data.length")
        await pilot.press("right")
        await settled(pilot)
        assert ("too long" in row(form, "data.length")) is at_row
        assert form.query_one("#whole", Static).has_class("-shown") is not at_row
        assert form.experiment is None


async def test_any_keys_in_any_order_are_survived() -> None:
    """Keys at random, resizes among them, leave a form that still answers."""
    arrows = ["up", "down", "left", "right", "home", "end", "pageup", "pagedown"]
    keys = [*arrows, "enter", "escape", "tab", "backspace", "delete", "1", "0", "minus", "full_stop", "e", "x"]
    chance = random.Random(7)  # noqa: S311 - a fixed series of keys
    app, form = form_app()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        for _ in range(6):
            await pilot.press(*chance.choices(keys, k=8))
            await pilot.resize_terminal(chance.randint(1, 90), chance.randint(1, 60))
        await pilot.resize_terminal(80, 40)
        while len(app.screen_stack) > 1:
            app.pop_screen()
        form.load(example())
        await settled(pilot)
        assert form.experiment == example()


async def test_a_setting_without_effect_is_said_before_the_start() -> None:
    """Marked in its row, which stays in sight, and told below the list with what to do; taken back it is forgotten."""
    app, form = form_app()
    async with app.run_test(size=(34, 30)) as pilot:
        await settled(pilot)
        notes = form.query_one(FormNotes)
        assert not notes.display
        form.point_at("optimizer.warmup_steps")
        await pilot.press(*"500", "enter")
        await settled(pilot)
        assert row(form, "optimizer.warmup_steps").startswith("!")
        assert "warmup steps: the run ends after 200 steps" in str(notes.render())
        assert notes.display
        settings = form.query_one(SettingsList)
        assert settings.highlighted is not None
        assert (
            settings.scroll_offset.y
            <= settings.highlighted
            < settings.scroll_offset.y + settings.scrollable_content_region.height
        )
        form.run_state(live=True)
        assert not notes.display  # too late for it
        form.run_state(live=False)
        form.point_at("optimizer.warmup_steps")
        await pilot.press("backspace")
        await settled(pilot)
        assert not notes.display
        assert not row(form, "optimizer.warmup_steps").startswith("!")


async def test_of_several_settings_without_effect_that_under_the_cursor_is_told_first() -> None:
    """Two in full, the others counted; a rarer one is unfolded."""
    training = {"training__clip_norm": 1e6, "training__log_every": 300, "training__min_delta": 0.1}
    form = ExperimentForm(example(optimizer__warmup_steps=500, **training))
    app = Harness(form)
    async with app.run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        told = str(form.query_one(FormNotes).render())
        assert told.startswith("! warmup steps")
        assert "and 2 more" in told
        form.point_at("training.min_delta")
        await pilot.pause()
        assert str(form.query_one(FormNotes).render()).startswith("! min delta")


async def test_a_card_that_cannot_be_used_is_named_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands at the end of its list and cannot be chosen; the line below says where it is and what is wrong."""
    real = catalog.cards_of
    broken = catalog.BrokenCard("my_cell", "entry point 'my_cell' of mine: cannot be loaded: [red] no module. Fix it.")
    app, form = form_app()
    with monkeypatch.context() as patched:
        patched.setattr(catalog, "cards_of", lambda table: (real(table)[0], (broken,) if table != "data" else ()))
        async with app.run_test(size=(80, 40)) as pilot:
            await settled(pilot)
            picker = form.query_one("#architectures", CardPicker)
            picker.focus()
            await pilot.press("end")
            assert "✗ my_cell" in str(picker.options[-1].prompt)
            assert "[red] no module. Fix it." in hint(form)
            await pilot.press("enter")
            await settled(pilot)
            assert form.experiment == example()
            assert "my_cell" not in str([option.prompt for option in form.query_one("#datasets", CardPicker).options])
            form.point_at("optimizer.name")
            await pilot.pause()
            assert "my_cell cannot be chosen: entry point" in " ".join(hint(form).split())
