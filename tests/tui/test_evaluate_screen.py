"""The Evaluate screen: what is kept is shown at once, what is not is measured, also on other data; newest question counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.plotting.pictures import Plot, Sheet
from workbench.runs.evaluations import Evaluation, Group, Measure
from workbench.training.checkpoint_files import checkpoint_path
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.untrusted_text import Words
from workbench.tui.panels._pane import PicturePane
from workbench.tui.requests import AskModel, ModelAnswered
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.screens.runs import RunsScreen

TOLD = Evaluation(
    "a-run",
    50,
    "w",
    "test",
    {},
    100,
    "d",
    "accuracy",
    (Measure("accuracy", 0.9, 0.82, 0.95, "Wilson", 0.5, "random guess"),),
    ("no", "yes"),
    ((40, 5), (5, 50)),
    by_class=(Group("no", 45, 0.89, 0.77, 0.95, "Wilson"),),
)


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@asynccontextmanager
async def evaluating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, checkpoints: tuple[int, ...] = (25, 50)
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, EvaluateScreen, list[AskModel]]]:
    """The screen on a run, with the questions that are asked."""
    folder = make_run(tmp_path / "runs", name="[b]alpha", done=50, state="finished")
    for step in checkpoints:
        checkpoint_path(folder, step).write_bytes(b"weights")
    asked: list[AskModel] = []
    async with opened(tmp_path / "runs", size=(120, 40)) as (pilot, app, _bench):
        monkeypatch.setattr(app.run_control.asking, "ask", asked.append)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, EvaluateScreen), "the screen")
        assert isinstance(app.screen, EvaluateScreen)
        yield pilot, app, app.screen, asked


def _answer(screen: EvaluateScreen, request: AskModel, *told: Evaluation) -> None:
    screen.post_message(ModelAnswered(request, {"evaluations": [one.to_dict() for one in told]}))


async def test_metrics_and_figures_of_a_checkpoint_are_shown_and_turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with evaluating(tmp_path, monkeypatch) as (pilot, app, screen, asked):
        figure, metrics = screen.query_one("#figure", PicturePane), screen.query_one("#metrics", PicturePane)
        await until(pilot, lambda: len(asked) == 1, "the question")
        assert (asked[0].step, dict(asked[0].arguments)) == (50, {"split": "test", "data": []})
        _answer(screen, asked[0], TOLD)
        await until(pilot, lambda: metrics.picture is not None, "the answer")
        assert isinstance(metrics.picture, Sheet)
        assert metrics.picture.rows == [("accuracy", "0.9", "0.82 to 0.95", "0.5 (random guess)", "Wilson")]
        titles = []
        for _ in screen.figures:
            assert figure.picture is not None
            titles.append(figure.picture.title)
            await pilot.press("v")
        assert titles == ["true (down), predicted (across)", "mistakes", "recall by class"]

        await pilot.press("left_square_bracket")
        await until(pilot, lambda: len(asked) == 2, "the checkpoint before")
        await pilot.press("s")
        await until(pilot, lambda: len(asked) == 3, "the other set")
        assert [(one.step, one.arguments["split"]) for one in asked] == [(50, "test"), (25, "test"), (25, "validation")]
        _answer(screen, asked[1], replace(TOLD, samples=1))
        _answer(screen, asked[2], replace(TOLD, samples=7))
        await until(pilot, lambda: bool(screen.evaluations), "the newest answer alone")
        assert screen.evaluations[0].samples == 7
        assert screen.folder is not None
        await pilot.press("w")
        path = screen.folder.exports_path / f"evaluate-{screen.step}-{screen.split}.txt"
        await until(pilot, path.exists, "the files")
        await until(pilot, path.with_suffix(".csv").exists, "the data")
        assert path.read_text(encoding="utf-8").startswith(f"{screen.folder.id}, step {screen.step}, {screen.split}\n")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen), "Runs")


async def test_a_sweep_is_typed_and_drawn_and_what_is_wrong_with_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with evaluating(tmp_path, monkeypatch) as (pilot, _app, screen, asked):
        await until(pilot, lambda: len(asked) == 1, "the question")
        await pilot.press("slash")
        screen.query_one("#data", Input).value = "length=20,50,100"
        await pilot.press("enter")
        await until(pilot, lambda: len(asked) == 2, "the sweep")
        assert asked[1].arguments["data"] == ["length=20,50,100"]
        _answer(screen, asked[1], *(replace(TOLD, changes={"data.length": length}) for length in (20, 50, 100)))
        await until(pilot, lambda: len(screen.evaluations) == 3, "the answers")
        picture = screen.query_one("#figure", PicturePane).picture
        assert isinstance(picture, Plot)
        assert picture.series[-1].x.tolist() == [20.0, 50.0, 100.0]
        assert [figure.title for figure in screen.figures] == ["accuracy over data.length"]

        await pilot.press("slash")
        screen.query_one("#data", Input).value = "lenght=[/]"
        await pilot.press("enter")
        await until(pilot, lambda: len(asked) == 3, "the question")
        screen.post_message(ModelAnswered(asked[2], None, "--data: [data] lenght: unknown key. Did you mean 'length'?"))
        await until(pilot, lambda: "Did you mean 'length'?" in str(screen.query_one("#told", Words).render()), "the reason")


async def test_a_run_without_a_checkpoint_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with evaluating(tmp_path, monkeypatch, checkpoints=()) as (pilot, _app, screen, asked):
        await until(pilot, lambda: "no checkpoint" in str(screen.query_one("#told", Words).render()), "that there is none")
        assert not asked
