"""An architecture in a file of the user's own stands in the form like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.harness import Harness, example, fixed_cards, settled
from workbench.cards import catalog
from workbench.tui.form.experiment_form import ExperimentForm
from workbench.tui.form.state import FormState
from workbench.tui.form.validation import validate

NET = """
from torch import nn


class Mine(nn.Module):
    def __init__(self, input_size: int, output_size: int, width: int = 5):
        super().__init__()
        self.out = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.out(x)
"""


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield
        catalog.cards_of("model")[0].pop("Mine", None)


async def test_a_file_is_chosen_and_read_again(tmp_path: Path) -> None:
    """It is in the list and its arguments are rows; what is started is the file as it is then."""
    file = tmp_path / "mine.py"
    file.write_text(NET, encoding="utf-8")
    experiment = example().with_changes({"model.file": str(file), "model.width": 6})
    state = FormState(experiment)
    assert state.values["model"] == {"name": "Mine", "file": str(file), "embedding_size": 32, "width": 6}
    assert [setting.key for setting in state.fields("model")] == ["embedding_size", "width"]
    file.write_text(f"# another one\n{NET}", encoding="utf-8")
    again = validate(state.values).experiment
    assert again is not None
    assert again.model.card.code.text.startswith("# another one")
    assert again.model.config.width == 6
    assert experiment.model.card.code.text == NET
    app = Harness(ExperimentForm(again))
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        words = "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
        assert "Own" in words
        assert "Mine" in words
        assert "width" in words
