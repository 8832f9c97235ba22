"""The list that survives any size and any key."""

from __future__ import annotations

import pytest
from textual.widgets.option_list import Option

from tests.tui.harness import Harness
from workbench.tui.widgets.steady_list import SteadyList


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
