"""The list that survives any size and any key."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.events import Click
from textual.widgets.option_list import Option

from tests.tui.harness import Harness
from workbench.tui.base.steady_list import SteadyList


@pytest.mark.parametrize("width", range(5))
async def test_a_list_of_no_width_is_survived(width: int) -> None:
    """Squeezed to any width, down to none, and back the list draws."""
    listed = SteadyList("several words to wrap", "more words")
    app = Harness(listed)
    async with app.run_test(size=(20, 6)) as pilot:
        for columns in (width, 20):
            listed.styles.width = columns
            await pilot.pause()
            await pilot.press("pagedown", "up", "end")
        assert listed.highlighted == 1


async def test_a_page_key_right_after_an_option_changed_is_survived() -> None:
    """The list moves by pages although it has not been drawn since."""
    listed = SteadyList(*[Option(f"line {index}", id=str(index)) for index in range(40)])
    app = Harness(listed)
    async with app.run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        listed.highlighted = 18
        listed.replace_option_prompt("3", "another line")
        await listed.run_action("page_down")
        assert (listed.highlighted or 0) > 18


async def test_a_list_without_styles_is_survived() -> None:
    """Options that come while the list is being put together or taken away wait for its styles."""
    listed = SteadyList("a line")
    async with Harness(listed).run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        styles = dict(listed._component_styles)
        listed._component_styles.clear()
        listed.add_option("another")
        listed._update_lines()
        assert listed.get_content_height(listed.size, listed.size, 20) == 2
        listed._component_styles.update(styles)
        await listed.run_action("page_down")
        assert listed.highlighted == 1


@pytest.mark.parametrize("index", [0, 1, 2, 7, None])
async def test_a_click_on_an_option_that_has_gone_chooses_nothing(index: int | None) -> None:
    """The list may have become shorter since it was drawn; one that is still there is chosen."""
    listed = SteadyList("a line", Option("a heading", disabled=True))
    async with Harness(listed).run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        listed.highlighted = None
        style = Style.from_meta({"option": index} if index is not None else {})
        listed.post_message(Click(listed, 1, 0, 0, 0, 1, shift=False, meta=False, ctrl=False, style=style))
        await pilot.pause()
        assert listed.highlighted == (0 if index == 0 else None)
