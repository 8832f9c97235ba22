"""What the palette finds, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tests.tui.running import opened, until
from workbench.experiment.presets import DEFAULT_PRESET
from workbench.tui.form.settings_list import SettingsList


async def hits(pilot: Pilot[None], words: str, first: str, *, key: str = "ctrl+p") -> list[str]:
    """Open the palette with words in it and wait until something stands first; all lines that are found."""
    app = pilot.app
    await pilot.press(key)
    await until(pilot, lambda: bool(app.screen.query("CommandInput")) and app.screen.query("CommandInput").first().has_focus, key)
    app.screen.query_one("CommandInput", Input).value = words
    found = app.screen.query_one("CommandList", OptionList)

    def lines() -> list[str]:
        return [str(option.prompt) for option in found.options]

    await until(pilot, lambda: bool(lines()) and lines()[0].startswith(first), f"{first}, not {lines()[:1]}")
    searching = CommandPalette._GATHER_COMMANDS_GROUP
    await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == searching), "the search's end")
    return lines()


@pytest.mark.slow
async def test_a_setting_is_found_and_gone_to(tmp_path: Path) -> None:
    """By its words or by its name; one that is folded away is unfolded, and the form is shown where it was hidden."""
    async with opened(tmp_path, preset=DEFAULT_PRESET, size=(80, 24)) as (pilot, app, bench):
        for words, first, setting in [
            ("learning rate", "optimizer: learning rate\nLearning rate; the schedule", "optimizer.lr"),
            ("clip", "training: clip norm\n", "training.clip_norm"),
            ("optimizer.beta1", "optimizer: beta1\n", "optimizer.beta1"),
        ]:
            await hits(pilot, words, first)
            await pilot.press("enter")
            await until(pilot, lambda: app.screen is bench and bench.query_one(SettingsList).has_focus, "the setting")
            settings = bench.query_one(SettingsList)
            assert settings.pointed_field is not None
            assert settings.pointed_field.name == setting
            assert bench.has_class("-drawer")


async def test_titles_come_before_descriptions_and_a_hit_has_two_lines(tmp_path: Path) -> None:
    """What is called so first, whatever it is; a description that is longer than the terminal is wide is cut."""
    async with opened(tmp_path, preset=DEFAULT_PRESET, size=(60, 24)) as (pilot, app, _bench):
        found = await hits(pilot, "learning rate", "optimizer: learning rate")
        assert any(len(line.partition("\n")[2]) > 60 for line in found)
        results = app.screen.query_one("CommandList", OptionList)
        assert results.virtual_size.height == 2 * len(found)
        await pilot.press("escape")
        found = await hits(pilot, "clip", "training: clip norm")
        titled = ["clip" in line.partition("\n")[0].lower() for line in found]
        assert sorted(titled, reverse=True) == titled
        assert 2 < sum(titled) < len(titled)


async def test_slash_in_the_form_finds_cards_and_settings_alone(tmp_path: Path) -> None:
    """As `/` filters every other list; a card that is chosen so is that of the form."""
    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, _app, bench):
        await until(pilot, lambda: bench.focused is not None, "the focus")
        found = await hits(pilot, "gated", "Architecture: Gated recurrent unit", key="slash")
        assert {line.partition(":")[0] for line in found} <= {"Architecture", "Dataset", "model", "data", "optimizer", "training"}
        await pilot.press("enter")
        form = bench.form
        assert form is not None
        await until(pilot, lambda: form.experiment is not None and form.experiment.model.name == "gru", "the architecture")
