"""Concept card and data preview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console
from textual.widgets import Static

from tests.tui.harness import Harness, Sums, example, fixed_cards, settled
from workbench.errors import DataError
from workbench.tui.glyphs import UNICODE
from workbench.tui.widgets.concept_card import ConceptCard
from workbench.tui.widgets.preview import DataPreview, draw_samples


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def drawn(experiment: Any, width: int = 60) -> str:
    """The samples of an experiment's data as plain text."""
    samples = experiment.dataset_card.sample(experiment.data.config, 4, 0)
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(draw_samples(samples, experiment.task, width, UNICODE, "plain"))
    return capture.get()


def test_series_pictures_and_pairs_are_each_drawn_in_their_way() -> None:
    """Numbers become bars with the target after them, images blocks, sentences two columns."""
    assert "→ 0.5" in drawn(example())
    assert "█" in drawn(example(data__name="digits", data__view="rows"))
    assert "the cat" in drawn(example(model__name="translator", data__name="words"))
    assert "le chat" in drawn(example(model__name="translator", data__name="words"))


@pytest.mark.parametrize("width", [1, 2, 7, 200])
def test_samples_are_drawn_at_any_width(width: int) -> None:
    """A pane of one column is survived."""
    for experiment in (
        example(),
        example(data__name="digits", data__view="rows"),
        example(model__name="translator", data__name="words"),
    ):
        assert drawn(experiment, width)


async def test_the_preview_reads_real_samples_and_only_when_the_data_change() -> None:
    """Samples appear after the worker has read them; a change of the model reads nothing again."""
    preview = DataPreview(example())
    app = Harness(preview)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert "regress · 20 steps of 2" in str(preview.query_one(".task", Static).render())
        shown = preview._shown
        preview.show(example(model__hidden_size=5))
        await settled(pilot)
        assert preview._shown is shown
        preview.show(example(data__name="digits", data__view="rows"))
        await settled(pilot)
        assert "classify" in str(preview.query_one(".task", Static).render())


async def test_data_that_cannot_be_read_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset's own error stands where its samples would."""

    def broken(cls: type[Any], config: Any, n: int, seed: int) -> Any:
        raise DataError("sums.tsv: not found. Name a file.")

    monkeypatch.setattr(Sums, "sample", classmethod(broken))
    preview = DataPreview(example())
    app = Harness(preview)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert "sums.tsv: not found" in str(preview.query_one(".task", Static).render())


async def test_the_concept_card_has_everything_the_cards_say() -> None:
    """Title, note, summary, equation, drawing, the data's own sentence and both references are on the card."""
    card = ConceptCard(example())
    app = Harness(card)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        text = "\n".join(str(part.render()) for part in card.query(Static))
        for expected in (
            "Cell on sums",
            "Two numbers are added.",
            "Simple cell",
            "tanh(W x_t",
            "h -> h -> h",
            "length 20",
            "Someone 1990",
        ):
            assert expected in text
        assert not card.has_class("-narrow")
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert card.has_class("-narrow")
