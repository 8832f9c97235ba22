"""The concept pages in the interface."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.tui.running import opened, until
from workbench.concepts import list_pages
from workbench.experiment.presets import DEFAULT_PRESET, chapter_title
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.concepts import ConceptsScreen
from workbench.tui.widgets.page_viewer import PageViewer


def screen_of(pilot: Pilot[None]) -> ConceptsScreen:
    assert isinstance(pilot.app.screen, ConceptsScreen)
    return pilot.app.screen


async def shows(pilot: Pilot[None], name: str) -> None:
    """Wait until a page is on the screen, drawn."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ConceptsScreen), "the screen")
    page = next(page for page in list_pages() if page.name == name)
    viewer = screen_of(pilot).query_one(PageViewer)
    await until(pilot, lambda: page.title in viewer.document.source, f"the page {name}")


@pytest.mark.slow
async def test_c_opens_the_page_of_what_is_in_the_form_and_escape_goes_back(tmp_path: Path) -> None:
    """The default preset trains an LSTM; the pages are a screen like the others."""
    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, app, bench):
        await pilot.press("c")
        await shows(pilot, "lstm")
        pages = screen_of(pilot).query_one("#pages", OptionList)
        lines = [option.id for option in pages.options if option.id]
        assert lines == [page.name for page in list_pages()]
        headings = [str(option.prompt) for option in pages.options if option.disabled]
        assert headings == list(dict.fromkeys(chapter_title(page.chapter) for page in list_pages()))
        await pilot.press("down")
        await shows(pilot, lines[lines.index("lstm") + 1])
        await pilot.press("f3", "c", "escape")
        await until(pilot, lambda: app.current_mode == "runs", "the runs")
        await pilot.press("f2")
        await until(pilot, lambda: app.screen is bench, "Bench")


@pytest.mark.slow
async def test_a_page_is_one_line_of_the_list(tmp_path: Path) -> None:
    """As wide as there is room: whole in a broad terminal, and below 96 columns, where the list has all of them."""
    async with opened(tmp_path, preset=DEFAULT_PRESET, size=(120, 30)) as (pilot, app, _bench):
        await app.action_concepts("lstm")
        await shows(pilot, "lstm")
        pages = screen_of(pilot).query_one("#pages", OptionList)
        for width in (120, 40, 80, 95, 96, 200, 120):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: app.size.width == width, "the size")  # type: ignore[misc]
            assert pages.virtual_size.height == pages.option_count, width
            whole = [str(pages.get_option(page.name).prompt).strip() == page.title for page in list_pages()]
            assert all(whole) == (width in (80, 95, 200)), width


@pytest.mark.slow
async def test_slash_filters_and_escape_goes_back_step_by_step(tmp_path: Path) -> None:
    """Pages that are called so come before those that speak of it; escape shows all, the page stays, then the screen is left."""
    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, app, bench):
        await pilot.press("c")
        await shows(pilot, "lstm")
        await pilot.press("slash", *"gate")
        await shows(pilot, "gru")
        pages = screen_of(pilot).query_one("#pages", OptionList)
        found = [option.id for option in pages.options if option.id]
        assert found[:3] == ["gru", "gate_ablation", "minimal_gated_unit"]
        assert "lstm" in found
        await pilot.press("enter")
        assert pages.has_focus
        await pilot.press("escape")
        assert len([option for option in pages.options if option.id]) == len(list_pages())
        assert screen_of(pilot).page is not None
        assert pages.highlighted == pages.get_option_index("gru")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is bench, "Bench")


async def test_links_lead_to_pages_and_presets(tmp_path: Path) -> None:
    """A page's name turns to it, a preset is opened on Bench."""
    async with opened(tmp_path, preset=DEFAULT_PRESET, size=(80, 30)) as (pilot, app, _bench):
        await app.action_concepts("rows_lstm")
        await shows(pilot, "single_output")
        viewer = screen_of(pilot).query_one(PageViewer)
        assert "[rows_elman](preset:rows_elman)" in viewer.document.source
        await viewer.go("gru.md")
        await shows(pilot, "gru")
        await viewer.go("preset:copy_gru")
        await until(pilot, lambda: isinstance(app.screen, BenchScreen), "Bench")
        form = app.navigation.bench.form if app.navigation.bench is not None else None
        assert form is not None
        await until(pilot, lambda: form.experiment is not None and form.experiment.data.name == "copy_memory", "the preset")


async def test_keys_lead_from_a_page_to_its_presets(tmp_path: Path) -> None:
    """`p` goes to the presets that the page names, `enter` opens the one under the cursor on Bench; every mention is a link."""
    async with opened(tmp_path, preset=DEFAULT_PRESET, size=(80, 24)) as (pilot, app, _bench):
        await app.action_concepts("missing_factor")
        await shows(pilot, "missing_factor")
        page = next(page for page in list_pages() if page.name == "missing_factor")
        source = screen_of(pilot).query_one(PageViewer).document.source
        assert not [name for name in page.presets if f"`{name}`" in source]
        named = screen_of(pilot).query_one("#named", OptionList)
        await until(pilot, lambda: named.option_count == len(page.presets), "the presets")
        await pilot.press("p", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, BenchScreen), "Bench")
        form = app.navigation.bench.form if app.navigation.bench is not None else None
        assert form is not None
        await until(pilot, lambda: form.experiment is not None and form.experiment.model.name == "bp", "the preset")


async def test_in_the_gallery_c_explains_the_preset_under_the_cursor(tmp_path: Path) -> None:
    """Not what stands in the form behind it."""
    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, app, _bench):
        await pilot.press("f4")
        await until(pilot, lambda: app.current_mode == "presets" and bool(app.screen.query("#presets")), "the gallery")
        presets = app.screen.query_one("#presets", OptionList)
        await until(pilot, lambda: presets.option_count > 0 and presets.has_focus, "the presets")
        presets.highlighted = presets.get_option_index("seq2seq/reversal_context")
        await pilot.press("c")
        await shows(pilot, "encoder_decoder")
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "presets", "the gallery again")


async def test_the_palette_finds_pages(tmp_path: Path) -> None:
    """Typed words lead to a page; presets and runs are found the same way."""
    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, app, _bench):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.query("CommandInput").first().has_focus, "the palette")
        await pilot.press(*"concepts: gated rec")
        hits = app.screen.query_one("CommandList", OptionList)
        await until(pilot, lambda: hits.option_count > 0 and "Gated" in str(hits.get_option_at_index(0).prompt), "a hit")
        await pilot.press("enter")
        await shows(pilot, "gru")


async def test_the_card_on_bench_links_to_the_page(tmp_path: Path) -> None:
    """The title of the page stands on the card, and a click opens it."""
    from workbench.tui.widgets.concept_card import ConceptCard

    async with opened(tmp_path, preset=DEFAULT_PRESET) as (pilot, app, _bench):
        link = app.screen.query_one(ConceptCard).query_one(".page")
        await until(pilot, lambda: "Concept page: Long short-term memory" in str(link.render()), "the link")
        await app.run_action("app.concepts('lstm')", link)
        await shows(pilot, "lstm")
