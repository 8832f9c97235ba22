"""Workers that wait for a free core: real processes, with nothing that hands out turns between them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.driving import experiment, new_run, status_of, wait_for
from tests.waiting import wait_until
from workbench.runs.control import send, wait
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter
from workbench.training import launch


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[RunWriter]:
    """A run of this process that keeps all cores busy."""
    writer = RunWriter(new_run(tmp_path, experiment()))
    writer.set_meta("threads", 1000)
    writer.set_status("running", step=1)
    yield writer
    writer.close()


def waits(folder: RunFolder) -> None:
    """Return when a run says that it waits."""

    def said() -> bool:
        with RunReader(folder) as reader:
            return any("waits for a free core" in event.message for event in reader.events())

    wait_until(said, "the run to wait")


@pytest.mark.slow
def test_runs_wait_until_a_core_is_free_whoever_is_killed(tmp_path: Path, busy: RunWriter) -> None:
    """The first is killed while it waits and is lost; the next one begins all the same; the lost one can be resumed."""
    first, second = (new_run(tmp_path, experiment()) for _ in range(2))
    pid = launch.enqueue(first)
    waits(first)
    launch.enqueue(second)
    waits(second)
    assert (status_of(first), status_of(second)) == ("starting", "starting")
    assert wait(second, send(second, "checkpoint")) == "the run waits for a free core; it can only be stopped"
    os.kill(pid, signal.SIGKILL)
    wait_for(first, "lost")
    busy.set_status("finished", step=20)
    wait_for(second, "finished")
    launch.resume(first)
    wait_for(first, "finished")


@pytest.mark.slow
def test_a_run_that_waits_can_be_stopped_and_resumed(tmp_path: Path, busy: RunWriter) -> None:
    """It has done nothing, and begins at once when it is resumed: the queue is asked for, not kept."""
    folder = new_run(tmp_path, experiment())
    launch.enqueue(folder)
    waits(folder)
    assert wait(folder, send(folder, "stop")) == "done"
    wait_for(folder, "stopped")
    assert busy.folder.path.exists()
    wait_until(lambda: all(worker.poll() is not None for worker in launch._started), "the process to end")
    launch.resume(folder)
    wait_for(folder, "finished")
