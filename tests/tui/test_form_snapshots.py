"""What form, gallery and dialogs look like, at three sizes, with cards and presets that never change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.pilot import Pilot

from tests.tui.harness import Harness, example, fixed_cards, settled
from workbench.experiment.presets import Preset
from workbench.runs.folder import RunFolder
from workbench.runs.root import RUNS_ENV
from workbench.tui.dialogs.export_dialog import ExportDialog
from workbench.tui.dialogs.prompts import ConfirmDialog, QuitDialog, TextDialog
from workbench.tui.form.experiment_form import ExperimentForm
from workbench.tui.screens.presets import PresetsScreen
from workbench.tui.widgets.concept_card import ConceptCard
from workbench.tui.widgets.preview import DataPreview

SIZES = [(80, 24), (120, 40), (200, 60)]
Compare = Callable[..., bool]

SUMS = {
    "model": {"name": "cell"},
    "data": {"name": "sums"},
    "optimizer": {"name": "adam", "lr": 5e-3},
    "training": {"steps": 2000},
    "claim": {"sentence": "It adds.", "metric": "test/mse", "operator": "<", "threshold": 0.01},
}
WORDS = {"model": {"name": "translator"}, "data": {"name": "words"}}
PRESETS = [
    Preset("tasks/sums", Path("sums.toml"), "A cell learns to add", "Two numbers are added.\nWatch the loss fall.", SUMS),
    Preset("translation/words", Path("words.toml"), "Words", "Two words.", WORDS),
]


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


class Column(Harness):
    """The form beside concept card and preview."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield ExperimentForm(example())
            with Vertical():
                yield ConceptCard(example())
                yield DataPreview(example())


def then(*steps: str | Callable[[Any], Awaitable[Any] | None]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """What is done before the picture is taken: keys, and things done with the app; it settles after each."""

    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        for step in steps:
            if isinstance(step, str):
                await pilot.press(step)
            elif (waiting := step(pilot.app)) is not None:
                await waiting
            await settled(pilot)

    return before


@pytest.mark.parametrize("size", SIZES)
def test_form(snap_compare: Compare, size: tuple[int, int]) -> None:
    """A changed value, a wrong one with its problem, and the help line."""

    def point(app: Column) -> None:
        app.query_one(ExperimentForm).point_at("model.hidden_size")
        app.query_one(ExperimentForm).show_description(17217, 0.012)

    assert snap_compare(Column(), terminal_size=size, run_before=then(point, "right", "down", "2", "down"))


def test_form_in_ascii(snap_compare: Compare) -> None:
    """The same with ASCII alone."""

    def focus(app: Column) -> None:
        app.query_one("#datasets").focus()

    assert snap_compare(Column(ascii_only=True), terminal_size=(80, 24), run_before=then(focus, "up"))


def test_form_while_a_run_goes_on(snap_compare: Compare) -> None:
    """Settings that cannot change are grey, the others are not."""

    def live(app: Column) -> None:
        app.query_one(ExperimentForm).run_state(live=True)
        app.query_one(ExperimentForm).point_at("optimizer.lr")

    assert snap_compare(Column(), terminal_size=(120, 40), run_before=then(live))


@pytest.mark.parametrize("size", SIZES)
def test_presets(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The gallery with the first preset under the cursor."""
    assert snap_compare(Harness(), terminal_size=size, run_before=then(lambda app: app.push_screen(PresetsScreen(PRESETS))))


@pytest.mark.parametrize("size", SIZES)
def test_export(snap_compare: Compare, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The export dialog over the form."""
    monkeypatch.setenv(RUNS_ENV, "runs")
    monkeypatch.chdir(tmp_path)
    folder = RunFolder(Path("runs/20261123-101500-cell-sums-7f3a"))
    folder.checkpoints_path.mkdir(parents=True)
    (folder.checkpoints_path / "step-00000100.safetensors").touch()
    assert snap_compare(Column(), terminal_size=size, run_before=then(lambda app: app.push_screen(ExportDialog(folder))))


DIALOGS: dict[str, Callable[[], Any]] = {
    "quit": lambda: QuitDialog(["cell-sums-7f3a"]),
    "confirm": lambda: ConfirmDialog("Delete?", "Delete two runs?", "Delete", "Keep"),
    "text": lambda: TextDialog("Learning rate", "From the next step on", "5e-3", lambda text: f"got {text}; expected less."),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_dialog(snap_compare: Compare, name: str) -> None:
    """The small dialogs over the form."""
    assert snap_compare(Column(), terminal_size=(80, 24), run_before=then(lambda app: app.push_screen(DIALOGS[name]())))
