"""The lines on what is under the cursor, and what an empty chart says."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from tests.tui.harness import Harness, fixed_cards, settled
from tests.tui.running import make_run, opened
from workbench.tui.charts.chart import Chart
from workbench.tui.widgets.hint import Hint

WORDS = "one two three four five six seven eight nine ten"


async def test_a_text_without_room_ends_in_a_sign_and_is_whole_in_the_tooltip() -> None:
    """Two lines of twelve columns hold the first words; with more room the text is whole, without the sign."""
    hint = Hint()
    app = Harness(hint)
    async with app.run_test(size=(12, 2)) as pilot:
        hint.styles.height = 2
        hint.say(Content(WORDS))
        await settled(pilot)
        assert str(hint.render()).split("\n") == ["one two", "three four…"]
        assert hint.tooltip == WORDS
        await pilot.resize_terminal(40, 8)
        await settled(pilot)
        assert str(hint.render()) == WORDS


async def test_an_ended_run_waits_for_nothing(tmp_path: Path) -> None:
    """A chart without values says that there are none, not that they will come."""
    with fixed_cards():
        run = make_run(tmp_path / "runs", done=0, state="failed")
        async with opened(run.path.parent, run=run) as (_pilot, _app, bench):
            assert {chart.hint for chart in bench.query(Chart)} == {"not recorded in this run"}
