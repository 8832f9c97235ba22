"""The lessons in the interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tests.tui.harness import example, fixed_cards
from tests.tui.running import make_run, opened, quiet, until
from workbench.lessons import Step, list_lessons
from workbench.lessons.progress import load_progress, record_started
from workbench.tui.requests import ShowLesson, StartRun
from workbench.tui.run.control import RunControl, RunStarted
from workbench.tui.screens.concepts import ConceptsScreen
from workbench.tui.screens.lessons import LessonsScreen
from workbench.tui.widgets.page_viewer import PageViewer


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few small cards in place of the package's own, which every step trains."""
    monkeypatch.setattr(Step, "experiment", lambda _step: example())
    monkeypatch.setattr("workbench.lessons.facts_of", lambda _experiment, names: dict.fromkeys(names, 5.0))
    monkeypatch.setattr("workbench.lessons.telling.facts_of", lambda _experiment, names: dict.fromkeys(names, 5.0))
    with fixed_cards():
        yield


def answers(screen: LessonsScreen) -> list[str]:
    return [str(option.prompt) for option in screen.query_one("#answers", OptionList).options]


def source(screen: LessonsScreen) -> str:
    return screen.query_one("#page", PageViewer).document.source


async def shown(pilot: Pilot[None]) -> LessonsScreen:
    """Wait until the lessons are on the screen, with a step."""
    await until(pilot, lambda: isinstance(pilot.app.screen, LessonsScreen), "the screen")
    screen = pilot.app.screen
    assert isinstance(screen, LessonsScreen)
    await until(pilot, lambda: bool(answers(screen)), "the step")
    return screen


@pytest.mark.slow
async def test_a_step_asks_starts_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is shown on Bench; once it has finished F7 tells what came of the prediction, and the next step is open."""
    started: list[StartRun] = []

    def start(control: RunControl, request: StartRun) -> None:
        folder = make_run(tmp_path, name="lesson")
        assert request.made is not None
        request.made(folder)
        started.append(request)
        control._app.post_message(RunStarted(folder))

    monkeypatch.setattr(RunControl, "start", start)
    async with opened(tmp_path, size=(120, 40)) as (pilot, app, bench):
        app.post_message(ShowLesson("gates"))
        screen = await shown(pilot)
        await until(pilot, lambda: "A network with gates" in source(screen), "the lesson")
        step = list_lessons()[3].steps[0]
        assert answers(screen) == [answer.title for answer in step.answers]
        assert "Will the GRU learn the sum in 5 steps?" in str(screen.query_one("#question", Static).render())
        await pilot.press("enter", "n")  # the step is not done
        assert screen.step is step
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.screen is bench, "Bench")
        assert [request.experiment for request in started] == [example()]
        await quiet(pilot)
        await pilot.press("f7")
        await shown(pilot)
        # the run of this test has no test metrics: of the answers the one without a condition came true
        await until(pilot, lambda: "**You predicted: Yes, well. In this run: No.**" in source(screen), "what came of it")
        assert answers(screen)[0] == "Next step"
        assert load_progress(list_lessons()[3]).num_over == 1
        assert "1/4" in str(screen.query_one("#lessons", OptionList).get_option("gates").prompt)
        screen.query_one("#answers").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "2 of 4" in source(screen), "the next step")
        await pilot.press("b")
        await until(pilot, lambda: "1 of 4" in source(screen), "the step before")
        await pilot.press("A", "y")
        await until(pilot, lambda: answers(screen)[0] == step.answers[0].title, "the question again")
        assert load_progress(list_lessons()[3]).num_over == 0
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is bench, "Bench")


async def test_concepts_lead_to_lessons_and_a_run_that_stopped_can_be_started_again(tmp_path: Path) -> None:
    """`l` goes there; the lesson that was begun is shown, in 80 columns too, with what became of its run."""
    lesson = list_lessons()[1]
    run = make_run(tmp_path, done=50, state="stopped")
    record_started(lesson, lesson.steps[0], lesson.steps[0].answers[0].title, run.path)
    async with opened(tmp_path, size=(80, 24)) as (pilot, app, _bench):
        await app.action_concepts("lstm")
        await until(pilot, lambda: isinstance(app.screen, ConceptsScreen), "the pages")
        await pilot.press("l")
        screen = await shown(pilot)
        await until(pilot, lambda: "Cut after three steps" in source(screen), "the lesson that was begun")
        assert "is stopped at step 50" in str(screen.query_one("#question", Static).render())
        assert answers(screen) == [*(answer.title for answer in lesson.steps[0].answers), "Show the run on Bench"]
