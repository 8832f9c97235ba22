"""The gallery of presets."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, OptionList, Static

from tests.tui.harness import Harness, settled
from workbench.experiment.own_presets import own_path, save_preset
from workbench.experiment.presets import Preset, list_presets, load_preset
from workbench.plotting.canvas import fit
from workbench.tui.glyphs import UNICODE
from workbench.tui.preset_words import describe, described
from workbench.tui.ranking import best_first
from workbench.tui.requests import ShowExperiment
from workbench.tui.screens.presets import PresetsScreen

CLAIM = {
    "sentence": "It adds.",
    "metric": "test/mse",
    "operator": "<",
    "threshold": 0.01,
    "against": "rnn/adding",
    "also": [
        {"metric": "test/loss", "operator": "<=", "threshold": 0.5},
        {"metric": "test/loss", "operator": ">", "threshold": 7, "of": "contrast"},
    ],
}
SUMS = {
    "model": {"name": "lstm"},
    "data": {"name": "adding"},
    "optimizer": {"name": "adam", "lr": 5e-3},
    "training": {"steps": 2000},
    "claim": CLAIM,
}
ECHO = {"model": {"name": "gru"}, "data": {"name": "echo"}}
DIGITS = {"model": {"name": "bp"}, "data": {"name": "mnist"}}
PRESETS = [
    Preset("gated/sums", Path("sums.toml"), "LSTM on sums", "Two numbers.\nTheir sum.\n\nWatch it fall.", SUMS),
    Preset("gated/echo", Path("echo.toml"), "GRU on echo", "It comes back.", ECHO),
    Preset("images/digits", Path("digits.toml"), "A network of layers", "", DIGITS),
]


def names(screen: PresetsScreen) -> list[str | None]:
    return [option.id for option in screen.query_one("#presets", OptionList).options if not option.disabled]


def about(screen: PresetsScreen) -> str:
    return str(screen.query_one("#about", Static).render())


def found(query: str) -> list[str]:
    return [preset.name for preset in best_first(query, PRESETS, described)]


def test_a_filter_needs_every_word_somewhere() -> None:
    """Words are looked for in title, text, name, claim and cards, whatever their case; titles and names come first."""
    assert found("lstm ADDS") == ["gated/sums"]
    assert found("mnist") == ["images/digits"]
    assert found("") == [preset.name for preset in PRESETS]
    assert found("it") == ["images/digits", "gated/sums", "gated/echo"]


def test_a_preset_is_described_with_its_cards_its_length_and_its_claim() -> None:
    """The text flows, cards have their titles, and the claim its bounds and contrast; a preset without them is survived."""
    text = describe(PRESETS[0], UNICODE).plain
    facts = ["Two numbers. Their sum.\n\nWatch it fall.", "Long short-term memory", "2,000 steps", "adam lr 5e-3"]
    for expected in [*facts, "test/mse < 0.01 and test/loss <= 0.5\n", "against rnn/adding", "workbench run gated/sums"]:
        assert expected in text
    assert "broken" in describe(Preset("broken", Path("x.toml"), "broken", "", {}), UNICODE).plain


async def test_presets_stand_by_chapter_and_the_text_follows_the_cursor() -> None:
    """Chapters are headings that the cursor passes over."""
    app = Harness()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = PresetsScreen(PRESETS)
        await app.push_screen(screen)
        await settled(pilot)
        assert names(screen) == ["gated/sums", "gated/echo", "images/digits"]
        assert "LSTM on sums" in about(screen)
        await pilot.press("down", "down")
        await pilot.pause()
        assert "A network of layers" in about(screen)


async def test_titles_are_as_long_as_there_is_room() -> None:
    """Also after the terminal has become broader, and where the text stands below the list."""
    title = "A title that is as long as those of experiments with much to tell"
    app = Harness()
    async with app.run_test(size=(60, 24)) as pilot:
        screen = PresetsScreen([Preset("gated/long", Path("long.toml"), title, "", ECHO)])
        await app.push_screen(screen)
        await settled(pilot)
        presets = screen.query_one("#presets", OptionList)
        assert str(presets.get_option("gated/long").prompt).strip() == fit(title, 54)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert str(presets.get_option("gated/long").prompt).strip() == title


async def test_the_filter_is_typed_left_and_cleared_by_keys() -> None:
    """Slash goes to the filter, enter to the list of those that match, escape clears; no match says so."""
    app = Harness()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = PresetsScreen(PRESETS)
        await app.push_screen(screen)
        await settled(pilot)
        await pilot.press("slash", *"gated", "enter")
        await settled(pilot)
        assert names(screen) == ["gated/sums", "gated/echo"]
        assert screen.query_one("#presets").has_focus
        await pilot.press("slash", *"xyz")
        await settled(pilot)
        assert "No preset has all of these words" in about(screen)
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert screen.query_one("#filter", Input).value == ""
        assert len(names(screen)) == 3


async def test_the_cursor_goes_to_the_preset_whose_name_is_typed() -> None:
    """Others that only speak of it stand in the list too, but enter opens the one that was meant; `/` begins anew."""
    speaking = Preset("gated/before", Path("before.toml"), "Before", "Compare with `echo`.", ECHO)
    app = Harness()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = PresetsScreen([speaking, *PRESETS])
        await app.push_screen(screen)
        await settled(pilot)
        for query in ("gated/e", "echo"):
            await pilot.press("slash", *query)
            await pilot.pause()
            assert screen.query_one("#filter", Input).value == query
            assert "GRU on echo" in about(screen)
            await pilot.press("escape")
        assert len(names(screen)) == 2


async def test_enter_announces_the_experiment_of_the_preset() -> None:
    """Every installed preset can be opened; the app is asked to show its experiment."""
    app = Harness()
    first = list_presets()[0]
    async with app.run_test(size=(120, 40)) as pilot:
        screen = PresetsScreen()
        await app.push_screen(screen)
        await settled(pilot)
        assert names(screen) == [preset.name for preset in list_presets()]
        await pilot.press("enter")
        await settled(pilot)
        assert app.last(ShowExperiment).experiment.title == first.title


async def test_a_preset_that_is_gone_is_a_notification() -> None:
    """Opening a preset that cannot be read says so and leaves the gallery as it was."""
    app = Harness()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PresetsScreen(PRESETS)
        await app.push_screen(screen)
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert any("not found" in note.message for note in app._notifications)
        assert app.screen is screen


async def test_the_users_own_stand_first_and_what_is_wrong_with_one_is_said() -> None:
    """In a group of their own; one that was saved meanwhile is there when the gallery is seen again, and opens like any other."""
    own_path("wrong").parent.mkdir(parents=True)
    own_path("wrong").write_text("[model]\nname = 3\n")
    app = Harness()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(screen := PresetsScreen())
        await settled(pilot)
        await settled(pilot)
        assert names(screen)[0] == "user/wrong"
        assert str(screen.query_one("#presets", OptionList).options[0].prompt) == "Your presets"
        assert "wrong.toml:2: [model] name: got 3" in about(screen)
        save_preset("mine", load_preset("elman_echo").to_toml())
        await app.push_screen(PresetsScreen(PRESETS))
        app.pop_screen()
        await settled(pilot)
        await settled(pilot)
        assert names(screen)[:2] == ["user/mine", "user/wrong"]
        assert screen.current is not None
        assert screen.current.name == "user/wrong", "the cursor stays"
        await pilot.press("up", "enter")
        await settled(pilot)
        assert app.last(ShowExperiment).experiment == load_preset("mine")
