"""The playground by mouse and keys: its answers are those of `workbench predict`, at every stroke, of one checkpoint or two."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tests.tui.running import HereAnswered, opened, until
from workbench.api import open_run
from workbench.cards import Classes, Image, NoInput, Task, Tokens, Vectors
from workbench.cli.app import run as run_command
from workbench.experiment import Experiment
from workbench.experiment.presets import DEFAULT_PRESET
from workbench.runs.folder import RunFolder
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.untrusted_text import Words
from workbench.tui.dialogs.prompts import ChoiceDialog
from workbench.tui.panels._pane import PicturePane
from workbench.tui.playground.answer_view import AnswerView
from workbench.tui.playground.decoding_line import DecodingLine, Writing
from workbench.tui.playground.digit_canvas import DigitCanvas
from workbench.tui.playground.sequence_editor import SequenceEditor
from workbench.tui.playground.text_editor import TextEditor
from workbench.tui.screens.playground import PlaygroundScreen, editor_for
from workbench.tui.screens.runs import RunsScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
TRAINING = {"optimizer": {"name": "adam"}, "training": {"steps": 40}}
MADE: dict[str, dict[str, Any]] = {
    "drawing": {"model": {"name": "cnn"}, "data": {"name": "images"}},
    "sentence": {"model": {"name": "seq2seq", "hidden_size": 8, "embedding_size": 4}, "data": {"name": "reversal"}},
    "numbers": {"model": {"name": "lstm", "hidden_size": 4}, "data": {"name": "adding", "length": 12}},
    "forecast": {
        "model": {"name": "gru", "hidden_size": 4},
        "data": {"name": "mackey_glass", "length": 120, "washout": 10},
    },
    "generator": {"model": {"name": "generator", "hidden_size": 8}, "data": {"name": "two_lengths"}},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    """A run for each kind of input, with checkpoints at steps 20 and 40; that of numbers is trained. None is changed here."""
    from tests.export.making import run_with_checkpoint  # torch
    from workbench.training import worker

    root = tmp_path_factory.mktemp("played")
    made = {
        name: run_with_checkpoint(root / name, {**TRAINING, **values, "title": name, "about": name})
        for name, values in MADE.items()
        if name != "numbers"
    }
    training = {"steps": 40, "checkpoint_every": 20, "keep_last": 2, "eval_every": 40, "eval_samples": 20, "batch_size": 8}
    values = {**TRAINING, **MADE["numbers"], "training": training, "title": "numbers", "about": "numbers"}
    trained = RunFolder.create(root / "numbers", Experiment.from_dict(values))
    assert worker.work(trained) == 0
    return {**made, "numbers": trained}


@asynccontextmanager
async def played(
    run: RunFolder, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, PlaygroundScreen]]:
    """The app in its playground on a run, with the first answer there."""
    async with opened(run.path.parent, run=run, size=size, preset=DEFAULT_PRESET) as (pilot, app, _bench):
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, PlaygroundScreen), "the playground")
        screen = app.screen
        assert isinstance(screen, PlaygroundScreen)
        await settled(pilot, screen)
        yield pilot, app, screen


async def settled(pilot: Pilot[None], screen: PlaygroundScreen) -> None:
    """What is asked is answered, and shown whole."""
    await pilot.pause()

    def done() -> bool:
        views = screen.views[: max(1, len(screen.sides))]
        return (
            screen._sample is None and not any(view.busy or view.growing for view in views) and view_of(screen).item is not None
        )

    await until(pilot, done, "the answers")


def view_of(screen: PlaygroundScreen) -> AnswerView:
    return screen.views[0]


def item_of(screen: PlaygroundScreen) -> dict[str, Any]:
    item = view_of(screen).item
    assert item is not None
    return dict(item)


def told(run: RunFolder, *words: str, step: int = 40) -> dict[str, Any]:
    """What `workbench predict --saliency --attention --json` says of one input."""
    line = ["predict", f"{run.id}@{step}", *words, "--attention", "--json", "--runs-dir", str(run.path.parent)]
    with redirect_stdout(StringIO()) as out:
        assert run_command(line) == 0
    (item,) = json.loads(out.getvalue())["items"]
    return dict(item)


def editor_values(screen: PlaygroundScreen) -> Any:
    return screen.query_one(SequenceEditor).values


def seen(screen: PlaygroundScreen) -> str:
    """The words of the answer as they stand there."""
    words = view_of(screen).query_one(".answer", Words)
    return " ".join(" ".join(words.render_line(row).text for row in range(words.size.height)).split())


# A drawing ------------------------------------------------------------------------------------------------------------------


async def test_each_stroke_of_the_mouse_moves_the_probabilities(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """Pressed, drawn to the right and let go: pixels of the pen all along, and the very answer of `predict` to that picture."""
    run = runs["drawing"]
    async with played(run) as (pilot, _app, screen):
        canvas = screen.query_one(DigitCanvas)
        await pilot.press("delete")
        await settled(pilot, screen)
        empty = item_of(screen)["probabilities"]
        assert not canvas.pixels.any() or canvas.pixels.min() == canvas.pixels.max()
        asked = len(here.asked)
        await pilot.mouse_down(canvas, offset=(5, 4))
        await settled(pilot, screen)
        dot = item_of(screen)["probabilities"]
        await pilot.hover(canvas, offset=(15, 4))
        await settled(pilot, screen)
        line = item_of(screen)["probabilities"]
        await pilot.mouse_up(canvas, offset=(15, 4))
        assert len(here.asked) > asked + 1
        assert empty != dot != line != empty
        ink = canvas.pixels[0] == canvas.pixels.max()
        rows, columns = np.nonzero(ink)
        assert (rows.min(), rows.max()) == (6, 7)  # two pixels in a character, within a frame
        assert (columns.min(), columns.max()) == (4, 15)
        assert ink[6:8, 4:16].all()
        (expected,) = open_run(run.id, run.path.parent).predict(canvas.pixels[None], "40", saliency=True)
        found = item_of(screen)
        for share, value in expected["probabilities"].items():
            assert found["probabilities"][share] == pytest.approx(value, abs=1e-6)
        np.testing.assert_allclose(found["saliency"]["values"], expected["saliency"]["values"], atol=1e-6)
        assert seen(screen).startswith(expected["predicted"])
        await pilot.mouse_down(canvas, offset=(15, 4), button=3)
        await pilot.mouse_up(canvas, offset=(15, 4))
        assert not (canvas.pixels[0, 6:8, 14:16] == canvas.pixels.max()).any()


async def test_keys_draw_shift_turn_and_take_back(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """Everything that the mouse does, and what is done to a whole picture."""
    async with played(runs["drawing"]) as (pilot, _app, screen):
        canvas = screen.query_one(DigitCanvas)
        assert canvas.has_focus
        sample = canvas.pixels
        await pilot.press("pagedown")
        await settled(pilot, screen)
        assert not np.array_equal(canvas.pixels, sample)
        await pilot.press("pageup")
        await settled(pilot, screen)
        assert np.array_equal(canvas.pixels, sample)
        low = sample.min()
        await pilot.press("L")
        assert np.array_equal(canvas.pixels[:, :, 1:], sample[:, :, :-1])
        assert (canvas.pixels[:, :, 0] == low).all()
        await pilot.press("H", "u", "u")
        assert np.array_equal(canvas.pixels, sample)
        for _ in range(6):
            await pilot.press("r")
        turned = canvas.pixels
        assert np.abs(turned - np.rot90(sample, axes=(1, 2))).mean() < np.abs(turned - sample).mean()  # six times 15 degrees
        await pilot.press("z")
        assert sample.min() <= canvas.pixels.min() <= canvas.pixels.max() <= sample.max()
        assert not np.array_equal(canvas.pixels, turned)
        await pilot.press("delete")
        row, column = canvas.cursor
        await pilot.press("shift+right", "shift+right", "backspace")
        drawn = np.nonzero(canvas.pixels[0] == canvas.pixels.max())
        assert set(zip(*(axis.tolist() for axis in drawn), strict=True)) == {
            (row + down, column + right) for down in (0, 1) for right in (0, 1)
        }
        await settled(pilot, screen)


@pytest.mark.parametrize("setting", ["NO_COLOR", "WORKBENCH_ASCII"])
async def test_a_drawing_needs_no_colour(
    runs: dict[str, RunFolder], here: HereAnswered, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """Ink and ground are other signs, and the pen is seen."""
    monkeypatch.setenv(setting, "1")
    async with played(runs["drawing"], SIZES[0]) as (pilot, _app, screen):
        canvas = screen.query_one(DigitCanvas)
        await pilot.press("delete", "shift+right", "shift+right", "down", "down")
        await settled(pilot, screen)
        ink, ground = canvas.cursor[0] // 2 - 1, canvas.cursor[0] // 2 + 2
        drawn = {row: canvas.render_line(row).text for row in (ink, ground)}
        assert drawn[ink].strip()
        assert not drawn[ground].strip()
        assert canvas.render_line(canvas.cursor[0] // 2).text[canvas.cursor[1]] == "+"
        assert setting == "NO_COLOR" or drawn[ink].isascii()


# A text ---------------------------------------------------------------------------------------------------------------------


async def test_what_is_typed_is_answered_with_its_attention(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """As `predict` answers it, saliency and attention too; the figures show them, and a wrong letter is told."""
    run = runs["sentence"]
    async with played(run) as (pilot, _app, screen):
        editor = screen.query_one(TextEditor)
        assert editor.has_focus
        editor.value = ""
        await pilot.press(*"1234")
        await settled(pilot, screen)
        assert item_of(screen) == told(run, "1234", "--saliency")
        assert [type(picture).__name__ for picture in view_of(screen).pictures] == ["Heatmap", "Passage"]
        await pilot.press("x")
        await until(pilot, lambda: "unknown symbol 'x'" in seen(screen), "the error")
        await pilot.press("backspace", "backspace", "escape")
        assert not editor.has_focus
        await settled(pilot, screen)
        assert item_of(screen)["input"] == "123"
        editor.value = ""
        await until(pilot, lambda: view_of(screen).item is None and not view_of(screen).pictures, "that nothing is answered")


async def test_a_sequence_grows_symbol_by_symbol(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """The lines of attention come one after the other with the symbols that are written."""
    async with played(runs["sentence"]) as (pilot, _app, screen):
        view = view_of(screen)
        lengths: list[int] = []
        draw = view._draw

        def noted() -> None:
            draw()
            if view.pictures:
                lengths.append(view.pictures[0].shape[0])

        view._draw = noted  # type: ignore[method-assign]  # what is drawn is looked at
        await pilot.press("pagedown")
        await settled(pilot, screen)
        grown = lengths[lengths.index(min(lengths)) :]
        assert grown == sorted(grown)
        assert set(grown) >= set(range(grown[0], grown[-1] + 1))
        assert grown[-1] == len(item_of(screen)["attention"]["symbols"]["outputs"])


async def test_the_newest_text_is_asked_and_none_between(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """While one question is on its way, of what is typed meanwhile the last is asked, and no process is ended for it."""
    async with played(runs["sentence"]) as (pilot, _app, screen):
        editor = screen.query_one(TextEditor)
        editor.value = ""
        here.gate.clear()
        before = len(here.asked)
        await pilot.press("1")
        await until(pilot, lambda: len(here.asked) == before + 1, "the first question")
        await pilot.press(*"2345")
        here.gate.set()
        await settled(pilot, screen)
        assert [arguments["text"] for _, arguments in here.asked[before:]] == ["1", "12345"]
        assert not here.interrupted


# A series -------------------------------------------------------------------------------------------------------------------


async def test_a_step_is_changed_by_keys_and_by_a_number(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """The answer and d(answer)/d(input) of each step are those of `predict`."""
    run = runs["numbers"]
    async with played(run) as (pilot, _app, screen):
        editor = screen.query_one(SequenceEditor)
        assert editor.has_focus
        before = item_of(screen)["value"]
        await pilot.press("right", "right", *"0.75", "enter")
        assert editor.values[2, 0] == 0.75
        await pilot.press("up")
        assert editor.values[2, 0] > 0.75
        await pilot.press("y", *"1", "enter", "i", "delete", "down")
        await settled(pilot, screen)
        assert item_of(screen)["value"] != before
        (expected,) = open_run(run.id, run.path.parent).predict([editor.values], "40", saliency=True)
        assert item_of(screen)["value"] == pytest.approx(expected["value"], abs=1e-6)
        np.testing.assert_allclose(item_of(screen)["saliency"]["values"], expected["saliency"]["values"], atol=1e-6)
        await pilot.press(*"1e", "enter")  # no number: the step stays
        assert editor.values.shape == (12, 2)


async def test_a_forecast_goes_on_from_a_step(runs: dict[str, RunFolder], here: HereAnswered, tmp_path: Path) -> None:
    """The steps up to there are read, and its own outputs from there on."""
    run = runs["forecast"]
    async with played(run) as (pilot, _app, screen):
        editor = screen.query_one(SequenceEditor)
        assert "continuation" not in item_of(screen)
        await pilot.press(*["ctrl+right"] * 4, "f")
        await settled(pilot, screen)
        assert editor.cut == 41
        np.save(tmp_path / "read.npy", editor.values[:41])
        expected = told(run, str(tmp_path / "read.npy"), "--saliency", "--go-on", "84")
        np.testing.assert_allclose(item_of(screen)["continuation"], expected["continuation"], atol=1e-6)
        lines = {line.name: line for line in view_of(screen).pictures[0].series}  # type: ignore[attr-defined]  # a Plot
        assert lines["continued"].x.tolist() == list(range(42, 42 + 84))
        np.testing.assert_array_equal(lines["what came"].y, editor.values[41:, 0])
        await pilot.press("f")
        await settled(pilot, screen)
        assert "continuation" not in item_of(screen)


# A generator ----------------------------------------------------------------------------------------------------------------


async def test_a_generator_writes_as_it_is_told(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """Temperature, the likeliest k, beam and seed, as the options of `predict`."""
    run = runs["generator"]
    async with played(run) as (pilot, _app, screen):
        line = screen.query_one(DecodingLine)
        assert line.has_focus
        assert line.writing == Writing(temperature=1.0)
        assert item_of(screen) == told(run, "--temperature", "1", "--seed", "0", "test:0")
        await pilot.press("right", "up", "up", "n")
        await settled(pilot, screen)
        assert line.writing == Writing(temperature=1.0, top_k=2, seed=1)
        assert item_of(screen) == told(run, "--temperature", "1", "--top-k", "2", "--seed", "1", "test:0")
        await pilot.press("right", "up", "up")
        await settled(pilot, screen)
        assert line.writing == Writing(beam=3, seed=1)
        assert item_of(screen) == told(run, "--beam", "3", "test:0")
        await pilot.press("left", "left", "up")
        await settled(pilot, screen)
        assert line.writing.beam == 1
        assert line.writing.temperature is not None


# Which checkpoints ----------------------------------------------------------------------------------------------------------


async def test_two_checkpoints_are_asked_side_by_side(runs: dict[str, RunFolder], here: HereAnswered) -> None:
    """Both of one run; the input is one, and each model is loaded once however often the two are asked."""
    run = runs["numbers"]
    async with played(run) as (pilot, app, screen):
        await pilot.press("b")
        await until(pilot, lambda: app.screen is not screen, "the dialog")
        await pilot.press("end", "up", "enter")  # before "another run": the oldest one
        await until(pilot, lambda: app.screen is screen and len(screen.sides) == 2, "the second")
        await settled(pilot, screen)
        first, second = screen.views
        assert second.display
        assert "step 20" in str(second.border_title)
        assert first.item is not None
        assert second.item is not None
        assert first.item["value"] != second.item["value"]
        assert second.item["value"] == open_run(run.id, run.path.parent).predict([editor_values(screen)], "20")[0]["value"]
        await pilot.press("up")
        await settled(pilot, screen)
        question = [arguments["step"] for name, arguments in here.asked if name == "answer"][-2:]
        assert sorted(question) == [20, 40]
        assert first.item["input"] == second.item["input"]
        await pilot.press("b")
        await until(pilot, lambda: app.screen is not screen, "the dialog")
        await pilot.press("home", "enter")
        await until(pilot, lambda: len(screen.sides) == 1, "one alone")
        assert not second.display


async def test_two_marked_runs_are_asked_beside_each_other(
    runs: dict[str, RunFolder], here: HereAnswered, tmp_path: Path
) -> None:
    """From Runs; what one model cannot read is told on its side, and the other one answers."""
    for name in ("numbers", "sentence"):
        shutil.copytree(runs[name].path, tmp_path / "runs" / runs[name].id)
    async with opened(tmp_path / "runs", preset=DEFAULT_PRESET) as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == 2, "the runs")
        table = app.screen
        assert isinstance(table, RunsScreen)
        await pilot.press("space", "space")
        await until(pilot, lambda: len(table.view.marked) == 2, "the marks")
        front = table.chosen[0].id
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, PlaygroundScreen) and len(app.screen.sides) == 2, "both")
        screen = app.screen
        assert isinstance(screen, PlaygroundScreen)
        await settled(pilot, screen)
        assert screen.sides[0].folder.id == front
        first, second = screen.views
        assert first.item is not None
        assert second.item is None
        assert "expected" in str(second.query_one(".answer", Words).render())
        await pilot.press("f3")
        await until(pilot, lambda: app.screen is table, "back")


async def test_the_newest_checkpoint_of_a_run_comes_by_itself(here: HereAnswered, tmp_path: Path) -> None:
    """Of a run without one it is waited for; each newer one is asked with its step."""
    from tests.export.making import run_with_checkpoint  # torch

    values = {**TRAINING, **MADE["numbers"], "title": "new", "about": "new"}
    run = run_with_checkpoint(tmp_path / "runs", values)
    newest = run.checkpoints_path / "step-00000040.safetensors"
    aside = newest.rename(tmp_path / "aside")
    async with played(run) as (pilot, app, screen):
        assert "step 20" in str(view_of(screen).border_title)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the dialog")
        dialog = app.screen
        assert isinstance(dialog, ChoiceDialog)
        offered = [choice.value for choice in dialog._choices]
        await pilot.press("home", *["down"] * offered.index("last"), "enter")
        await until(pilot, lambda: app.screen is screen and screen.sides[0].which == "last", "the newest")
        aside.rename(newest)
        screen._look_again()
        await until(pilot, lambda: "step 40" in str(view_of(screen).border_title), "the newer one")
        await settled(pilot, screen)
        assert here.asked[-1][1]["step"] == 40
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen, "Bench")


async def test_without_a_checkpoint_it_is_said_how_to_get_one(here: HereAnswered, tmp_path: Path) -> None:
    """No run at all: one line, and the screen can be left."""
    async with opened(tmp_path / "runs", preset=DEFAULT_PRESET) as (pilot, app, _bench):
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, PlaygroundScreen), "the playground")
        about = app.screen.query_one("#about", Words)
        await until(pilot, lambda: "no run has a checkpoint yet" in str(about.render()), "the words")
        await pilot.press("escape")
        assert not here.asked


# Size and kinds -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(MADE))
async def test_everything_is_within_the_window(runs: dict[str, RunFolder], here: HereAnswered, name: str) -> None:
    """At every size the answer has lines of its own, and no part lies outside."""
    async with played(runs[name], SIZES[0]) as (pilot, app, screen):
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: app.size == size and screen.size == size, "the size")  # type: ignore[misc]
            await pilot.pause()
            shown = [view_of(screen), *view_of(screen).query(PicturePane)]
            for part in (part for part in shown if part.display):
                assert part.region.height >= 2
                assert screen.region.contains_region(part.region)
            if screen.editor is not None:
                assert screen.region.contains_region(screen.editor.region)  # type: ignore[attr-defined]  # a widget
            assert seen(screen)


@pytest.mark.parametrize(
    ("signal", "editor"),
    [
        (Image(1, 8, 8), DigitCanvas),
        (Vectors(28, 28), DigitCanvas),
        (Vectors(28), SequenceEditor),
        (Vectors(2, 10), SequenceEditor),
        (Tokens(("a", "b"), 5, special=False), TextEditor),
        (Classes(("a", "b")), TextEditor),
        (NoInput(), type(None)),
    ],
    ids=str,
)
def test_the_input_alone_chooses_the_editor(signal: Any, editor: type[Any]) -> None:
    """Whatever the data are called."""
    assert type(editor_for(Task("classify", signal, Classes(("a", "b"))))) is editor
