"""A file system that is really full: the run waits, says so, and goes on when there is room, as if nothing had been."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path

import pytest

from tests.campaigns.compared import differences
from tests.training.driving import experiment, new_run, status_of, steps_of, wait_for
from tests.training.test_lives import Asking, life, whole
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch
from workbench.training.events import Request

WANTED = experiment(training__steps=320, training__checkpoint_every=150, training__eval_every=160, model__hidden_size=120)
"""A checkpoint of it takes 180 kB, more than the room that a run holds back."""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run on a disk that has room."""
    folder = new_run(tmp_path_factory.mktemp("alone"), WANTED)
    whole(folder, {})
    return folder


class Disk:
    """A small file system of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self, leave: int = 0) -> None:
        """Leave so many bytes of room, and no more."""
        with self._filling.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - leave))

    def clear(self) -> None:
        """Make room again."""
        self._filling.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of 16 MB, where one may be mounted."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(path)]
    try:
        subprocess.run(mount, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield Disk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


class Clearing(Asking):
    """A control that is asked again and again while a run waits; after some times there is room."""

    def __init__(self, folder: RunFolder, disk: Disk, full: Callable[[], bool]) -> None:
        super().__init__({})
        self.folder, self.disk, self.full = folder, disk, full
        self.states: list[tuple[str, int]] = []
        self.later: list[Request] = []

    def poll(self) -> list[Request]:
        if self.full():
            self.states.append((status_of(self.folder), steps_of(self.folder)))
            if sum(state == "paused" for state, _ in self.states) == 10:
                self.disk.clear()
        return []


@pytest.mark.parametrize(("at", "leave"), [(80, 0), (149, 150_000)], ids=["rows", "checkpoint"])
def test_a_run_waits_until_there_is_room(disk: Disk, alone: RunFolder, at: int, leave: int) -> None:
    """It is `paused` all the time, although it holds some room back, and says why; then it goes on, bit for bit."""
    folder = new_run(disk.path, WANTED)
    control = Clearing(folder, disk, lambda: False)
    waits = False
    for event in life(folder, control):
        if event.step == at and not waits:
            waits = True
            disk.fill(leave)
            control.full = (disk.path / "filling").exists
    waited = list(dropwhile(lambda seen: seen[0] == "running", control.states))  # until the next rows are to be written
    assert waited == [("paused", waited[0][1])] * 10
    with RunReader(folder) as reader:
        told = [event.message for event in reader.events() if event.kind in ("paused", "resumed")]
    assert len(told) == 2, told
    assert told[0].startswith("waiting, nothing is lost: ")
    assert "Make room" in told[0] if leave else "Free some space" in told[0]
    assert told[1] == "going on: it can be written again"
    assert differences(folder, alone) == []


@pytest.mark.parametrize("ended", [False, True], ids=["room is made", "SIGTERM"])
def test_a_worker_waits(disk: Disk, alone: RunFolder, *, ended: bool) -> None:
    """A real one goes on by itself; asked to end, it leaves a run that is `paused` without a process, and can be resumed."""
    folder = new_run(disk.path, WANTED)
    disk.fill(leave=300_000)
    pid = launch.start(folder)
    worker = next(process for process in launch._started if process.pid == pid)
    wait_for(folder, "paused", "failed", "finished")
    if ended:
        os.kill(pid, signal.SIGTERM)
        assert worker.wait(60) == 0
        with RunReader(folder) as reader:
            status = reader.status()
        assert (status.state, status.alive) == ("paused", False)
    disk.clear()
    if ended:
        pid = launch.resume(folder)
        worker = next(process for process in launch._started if process.pid == pid)
    assert worker.wait(90) == 0
    assert status_of(folder) == "finished"
    assert differences(folder, alone) == []
