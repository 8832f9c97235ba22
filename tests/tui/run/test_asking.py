"""Questions about a trained model: the newest of each widget is answered, what nobody wants any more ends, no process is left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.harness import Harness, fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.errors import WorkerError
from workbench.paths import resolved
from workbench.runs.folder import RunFolder
from workbench.training import launch
from workbench.tui.requests import AskModel, GiveUp, ModelAnswered
from workbench.tui.run import asking
from workbench.tui.run.asking import Asking


class Process:
    """Stands for a process: each question is answered once the test lets it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.interrupted = self.closed = 0
        self._answers: list[Any] = []
        self._may = threading.Condition()

    def request(self, question: str, **arguments: Any) -> dict[str, Any]:
        with self._may:
            self.asked.append({"question": question, **arguments})
            assert self._may.wait_for(lambda: bool(self._answers), 30)
            answer = self._answers.pop(0)
        if isinstance(answer, str):
            raise WorkerError(answer)
        return dict(answer)

    def answer(self, answer: dict[str, Any] | str) -> None:
        with self._may:
            self._answers.append(answer)
            self._may.notify_all()

    def interrupt(self) -> None:
        self.interrupted += 1
        self.answer("worker: no answer: it ended.")

    def close(self) -> None:
        self.closed += 1
        self.answer("worker: no answer: it ended.")


class Asker(Widget):
    """Keeps its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[ModelAnswered] = []

    def on_model_answered(self, message: ModelAnswered) -> None:
        self.answers.append(message)

    @property
    def got(self) -> list[tuple[int, Any]]:
        """Step and answer, or problem, of each."""
        return [(message.request.step, message.answer or message.problem) for message in self.answers]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    """In place of the real one; patience is short."""
    made = Process()
    monkeypatch.setattr(launch, "WarmWorker", lambda: made)
    monkeypatch.setattr(asking, "_PATIENCE_S", 0.05)
    return made


async def asked(pilot: Pilot[None], process: Process, count: int) -> None:
    """So many questions have reached the process."""
    await until(pilot, lambda: len(process.asked) == count, f"question {count}")


async def test_the_newest_question_of_each_widget_is_answered(process: Process, tmp_path: Path) -> None:
    """One that waits is replaced; those of another widget are not."""
    first, other, folder = Asker(), Asker(), RunFolder(tmp_path)
    app = Harness(first)
    async with app.run_test() as pilot:
        await app.mount(other)
        asks = Asking(app)
        asks.ask(AskModel(other, folder, 1, "parts"))
        await asked(pilot, process, 1)
        for step in (2, 3, 4):
            asks.ask(AskModel(first, folder, step, "ablate", {"part": "head"}))
        process.answer({"parts": {}})
        await asked(pilot, process, 2)
        process.answer("no such part.")
        await until(pilot, lambda: bool(first.answers), "the answer")
        assert other.got == [(1, {"parts": {}})]
        assert first.got == [(4, "no such part.")]
        assert process.asked[1] == {"question": "ablate", "run": str(resolved(tmp_path)), "step": 4, "part": "head"}
        asks.ask(AskModel(first, folder, 5, "parts"))  # the thread had ended
        await asked(pilot, process, 3)
        process.answer({"parts": {"skip": 0}})
        await until(pilot, lambda: len(first.answers) == 2, "the next answer")
        assert not process.interrupted
        asks.close()


async def test_what_nobody_wants_any_more_is_ended(process: Process, tmp_path: Path) -> None:
    """Given up or asked anew, a question that goes on is ended after a while, and its answer goes nowhere."""
    asker, folder = Asker(), RunFolder(tmp_path)
    app = Harness(asker)
    async with app.run_test() as pilot:
        asks = Asking(app)
        asks.ask(AskModel(asker, folder, 1, "parts"))
        await asked(pilot, process, 1)
        asks.ask(AskModel(asker, folder, 2, "parts"))
        await asked(pilot, process, 2)
        assert process.interrupted == 1
        process.answer({"parts": {}})
        await until(pilot, lambda: bool(asker.answers), "the answer")
        asks.ask(AskModel(asker, folder, 3, "parts"))
        await asked(pilot, process, 3)
        asks.give_up(asker)
        asks.give_up(asker)
        await until(pilot, lambda: process.interrupted == 2, "the end of it")
        asks.ask(AskModel(asker, folder, 4, "parts"))
        await asked(pilot, process, 4)
        asks.close()
        assert process.closed == 1
        asks.ask(AskModel(asker, folder, 5, "parts"))
        await until(pilot, lambda: not asks._busy, "the thread's end")
        assert asker.got[0] == (2, {"parts": {}})
        assert [step for step, _ in asker.got] in ([2], [2, 4])
        assert len(process.asked) == 4


async def test_one_that_is_answered_soon_is_let_be(process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process keeps its model: a question given up that ends by itself costs no new process."""
    monkeypatch.setattr(asking, "_PATIENCE_S", 0.2)
    asker, folder = Asker(), RunFolder(tmp_path)
    app = Harness(asker)
    async with app.run_test() as pilot:
        asks = Asking(app)
        asks.ask(AskModel(asker, folder, 1, "parts"))
        await asked(pilot, process, 1)
        asks.give_up(asker)
        process.answer({"parts": {}})
        asks.ask(AskModel(asker, folder, 2, "parts"))
        await asked(pilot, process, 2)
        await pilot.pause(0.3)  # longer than patience lasts
        assert not process.interrupted
        process.answer({"parts": {"skip": 0}})
        await until(pilot, lambda: bool(asker.answers), "the answer")
        assert asker.got == [(2, {"parts": {"skip": 0}})]
        asks.close()


@pytest.fixture
def cards() -> Iterator[None]:
    """Few small cards in place of the package's own."""
    with fixed_cards():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("cards")
async def test_leaving_ends_the_process_in_the_midst_of_a_question(tmp_path: Path) -> None:
    """A real one, that has yet to load torch; it is not the one that waits for Start."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        app.post_message(AskModel(bench, run, 50, "parts"))
        asks = app.run_control.asking
        await until(pilot, lambda: asks._worker is not None and asks._worker._process is not None, "the process")
        assert asks._worker is not app.run_control._worker
        process = asks._worker._process if asks._worker is not None else None
        assert process is not None
        assert process.poll() is None
        app.post_message(GiveUp(bench))
        await pilot.pause()
    assert process.poll() is not None
