"""Warm workers: questions answered while the user fills in the form, and the same run as a cold start."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.driving import experiment, new_run, scalars_of, wait_for
from tests.waiting import wait_until
from workbench.errors import UsageError, WorkerError
from workbench.runs.control import send, wait
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch


@pytest.fixture(scope="module")
def warm() -> Iterator[launch.WarmWorker]:
    """One warm worker for all tests of this file."""
    worker = launch.WarmWorker()
    yield worker
    worker.close()


def test_a_warm_worker_describes_a_model(warm: launch.WarmWorker) -> None:
    """Parameters are counted, parts named and a step measured."""
    wanted = experiment()
    answer = warm.request("describe", experiment=wanted.to_dict())
    model = wanted.architecture.build(wanted.model.config, wanted.task)
    assert answer["parameters"] == sum(parameter.numel() for parameter in model.parameters())
    assert sum(count for _, _, count in answer["modules"]) == answer["parameters"]
    assert 0 < answer["step_seconds"] < 5


def test_what_it_cannot_do_is_one_line(warm: launch.WarmWorker) -> None:
    """An unknown request, an unknown model and a missing run are refused in one line each, and the worker lives on."""
    with pytest.raises(WorkerError, match=r"got 'dance'; expected ablate, .*describe.* or train"):
        warm.request("dance")
    with pytest.raises(WorkerError, match="nowhere") as told:
        warm.request("parts", run="/nowhere", step=7)
    assert len(str(told.value).splitlines()) == 1
    unknown = {**experiment().to_dict(), "model": {"name": "nobody"}}
    with pytest.raises(WorkerError, match="nobody"):
        warm.request("describe", experiment=unknown)
    assert warm.request("describe", experiment=experiment().to_dict())["parameters"] > 0


def test_a_dead_worker_is_replaced(warm: launch.WarmWorker) -> None:
    """After kill -9 the next request is answered by another process."""
    warm.request("describe", experiment=experiment().to_dict())
    process = warm._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert warm.request("describe", experiment=experiment().to_dict())["parameters"] > 0


def test_a_warm_start_trains_the_same_run_as_a_cold_one(warm: launch.WarmWorker, tmp_path: Path) -> None:
    """The waiting process becomes the worker; scalars are bitwise those of a cold start."""
    cold, hot = new_run(tmp_path, experiment()), new_run(tmp_path, experiment())
    launch.start(cold)
    warm.request("describe", experiment=experiment(model__hidden_size=5).to_dict())
    warm.train(hot)
    wait_for(cold, "finished", "failed")
    wait_for(hot, "finished", "failed")
    assert scalars_of(cold) == scalars_of(hot)


def test_a_run_at_work_is_not_started_twice(tmp_path: Path) -> None:
    """Resuming a live run is refused."""
    folder = new_run(tmp_path, experiment(training__steps=100_000))
    pid = launch.start(folder)
    wait_for(folder, "running")
    with pytest.raises(UsageError, match="cannot be resumed, it is running already"):
        launch.resume(folder)
    os.kill(pid, signal.SIGTERM)
    wait_for(folder, "paused")


def _asked(worker: launch.WarmWorker) -> tuple[threading.Thread, list[object]]:
    """A question to a worker that has yet to load torch, and where its answer will stand."""
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(worker.request("describe", experiment=experiment().to_dict())["parameters"])
        except WorkerError as error:
            answers.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(worker._lock.locked, "the question")
    return thread, answers


def test_training_goes_before_a_description(tmp_path: Path) -> None:
    """A run that is started while a model is being described has its worker at once; the description comes all the same."""
    worker, folder = launch.WarmWorker(), new_run(tmp_path, experiment())
    thread, answers = _asked(worker)
    pid = worker.train(folder)
    assert answers == []
    assert worker._process is not None
    assert worker._process.pid != pid
    wait_for(folder, "finished", "failed")
    thread.join(60)
    assert isinstance(answers[0], int)
    worker.close()


def test_closing_waits_for_no_answer() -> None:
    """A worker that is let go in the midst of a question ends, and who asked is told so; nobody waits for the answer."""
    worker = launch.WarmWorker()
    thread, answers = _asked(worker)
    wait_until(lambda: worker._process is not None and worker._requests == 1, "the question to be sent")
    process = worker._process
    worker.close()
    assert process is not None
    assert process.poll() is not None
    thread.join(60)
    assert "no answer to 'describe'" in str(answers[0])


def test_what_was_let_go_starts_no_other_process() -> None:
    """A question that comes after the end is refused; one that is interrupted is followed by another process."""
    worker = launch.WarmWorker()
    thread, answers = _asked(worker)
    wait_until(lambda: worker._process is not None and worker._requests == 1, "the question to be sent")
    interrupted = worker._process
    worker.interrupt()
    thread.join(60)
    assert interrupted is not None
    assert interrupted.poll() is not None
    assert "no answer to 'describe'" in str(answers[0])
    worker.warm_up()
    another = worker._process
    assert another not in (None, interrupted)
    worker.close()
    assert another is not None
    assert another.poll() is not None
    with pytest.raises(WorkerError, match="let go"):
        worker.request("describe", experiment=experiment().to_dict())
    worker.warm_up()
    assert worker._process is None


@pytest.mark.parametrize("ended", ["stop", "terminate"])
def test_a_run_at_rest_takes_steps_and_waits(tmp_path: Path, ended: str) -> None:
    """It goes on from where it was, takes as many as were asked for and no more, and comes out as one left alone."""
    alone, folder = (new_run(tmp_path, experiment(training__steps=12)) for _ in range(2))
    launch.start(alone)
    launch._start(folder, "train", before=lambda: send(folder, "pause"))
    wait_for(folder, "paused")
    if ended == "stop":
        assert wait(folder, send(folder, "stop")) == "done"
        wait_for(folder, "stopped")
    else:
        with RunReader(folder) as reader:
            pid = reader.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not alive(folder), "the process to end")
    asked = launch.take_steps(folder, 3)
    assert wait(folder, asked, 60) == "done"
    with RunReader(folder) as reader:
        status = reader.status()
    assert (status.state, status.step, status.alive) == ("paused", 3, True)
    assert wait(folder, launch.take_steps(folder, 2), 60) == "done"
    assert wait(folder, send(folder, "resume")) == "done"
    wait_for(folder, "finished")
    wait_for(alone, "finished")
    assert scalars_of(folder) == scalars_of(alone)


def alive(folder: RunFolder) -> bool:
    with RunReader(folder) as reader:
        return reader.status().alive
