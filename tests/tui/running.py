"""The whole app on run folders made here, with fixed data; and waiting for what it shows."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tests.tui.harness import example
from workbench.errors import WorkbenchError, WorkerError
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.session import Session, config_folder, save_session

__all__ = ["HereAnswered", "answering", "fill", "make_run", "opened", "quiet", "until"]


def fill(writer: RunWriter, first: int, last: int, seed: int = 0) -> None:
    """Log steps first..last: a loss that falls, higher with each seed; an evaluation every 20 steps, a checkpoint every 50."""
    rng = np.random.default_rng(seed)
    noise = rng.random((last + 1, 2))
    for step in range(first, last + 1):
        loss = float(np.exp(-step / 60) + 0.05 * noise[step, 0] + 0.01) * (1 + seed)
        scalars = {"train/loss": loss, "train/grad_norm": 0.5 + float(noise[step, 1]), "train/lr": 5e-3}
        if step % 20 == 0:
            scalars |= {"validation/loss": float(np.exp(-step / 60) + 0.04), "validation/mse": float(np.exp(-step / 60) + 0.04)}
        writer.log(step, scalars, seconds=step * 0.02, samples=step * 32)
        if step % 50 == 0:
            writer.event("checkpoint", f"checkpoint at step {step}", step)
    writer.flush()


def make_run(  # noqa: PLR0913 - what differs between runs
    root: Path, *, name: str = "demo", steps: int = 200, done: int = 200, state: str = "finished", seed: int = 0
) -> RunFolder:
    """A run that has come to rest."""
    experiment = example(training__steps=steps, training__clip_norm=1.0, training__seed=seed)
    folder = RunFolder.create(root, experiment, name=name)
    writer = RunWriter(folder)
    writer.event("started", "started", 0)
    if done:
        fill(writer, 1, done, seed)
        items = [
            {"input": "0.1 0.2", "target": "0.3", "predicted": "0.31", "correct": None},
            {"input": "0.5 0.9", "target": "1.4", "predicted": "0.9", "correct": None},
        ]
        writer.probe(done, "predictions", "validation", None, {"items": items, "answers": "numbers"})
    writer.event(state, state, done)
    writer.set_status(state, step=done, total=steps)
    writer.close()
    return folder


class HereAnswered:
    """Answers in this process, which spares the test two seconds of importing; held back while the gate is shut."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.interrupted = 0

    def request(self, question: str, **arguments: Any) -> dict[str, Any]:
        from workbench.training.questions import QUESTIONS  # torch

        self.asked.append((question, arguments))
        assert self.gate.wait(30)
        try:
            answer: dict[str, Any] = json.loads(json.dumps(QUESTIONS[question](**arguments)))
        except WorkbenchError as error:
            raise WorkerError(str(error)) from error
        return answer

    def interrupt(self) -> None:
        self.interrupted += 1

    def close(self) -> None:
        self.gate.set()


async def until(pilot: Pilot[None], condition: Callable[[], bool], what: str, timeout_s: float = 40.0) -> None:
    """Let the app go on until the condition holds; fail with `what` when it does not in time.

    Asleep in between: a pause of the pilot asks every part of the screen, which costs more than what is waited for.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s in vain for {what}"
        await asyncio.sleep(0.01)
    await pilot.pause()


async def quiet(pilot: Pilot[None]) -> None:
    """Wait until all threads have ended but the one that watches a run, which goes on as long as the run is shown."""
    workers = pilot.app.workers
    await until(pilot, lambda: all(worker.is_finished for worker in workers if worker.group != "watch"), "the workers")


@asynccontextmanager
async def opened(
    runs_dir: Path, *, run: RunFolder | None = None, size: tuple[int, int] = (120, 40), preset: str | None = None
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, BenchScreen]]:
    """The app with its form filled, and with a run shown where one is given. No worker is warmed up."""
    if preset is None and not (config_folder() / "session.json").exists():
        save_session(Session(experiment=example().to_dict()))  # the default preset's cards are not among the fixed ones
    app = WorkbenchApp(preset, attach=[run.id] if run else (), runs_dir=runs_dir, warm=False)
    async with app.run_test(size=size) as pilot:
        bench = app.navigation.bench
        assert bench is not None
        await until(pilot, lambda: bench.form is not None and app.keys.is_open, "the form")
        if run is not None:
            await until(pilot, lambda: bench.run.data is not None, "the run's data")
        yield pilot, app, bench


def answering(monkeypatch: pytest.MonkeyPatch, code: int, out: str, err: str) -> list[list[str]]:
    """What commands are given, which answer so."""
    called: list[list[str]] = []
    popen, program = subprocess.Popen, f"import sys; sys.stderr.write({err!r}); sys.stdout.write({out!r}); sys.exit({code})"

    def answer(words: list[str], **options: Any) -> subprocess.Popen[str]:
        called.append(words)
        return popen([sys.executable, "-c", program], **options)

    monkeypatch.setattr(subprocess, "Popen", answer)
    return called
