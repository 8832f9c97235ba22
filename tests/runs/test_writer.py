"""Writing a run: nothing is lost, one writer only, and it costs next to nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.runs.making import new_run
from tests.waiting import wait_until
from workbench.errors import OwnershipError, StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter

WRITER = """
import sys, time
from pathlib import Path
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

writer = RunWriter(RunFolder(Path(sys.argv[1])))
writer.set_status("running")
pause = float(sys.argv[2])
step = 0
while True:
    step += 1
    writer.log(step, {"train/loss": 1 / step, "train/lr": 0.1}, time.time(), step)
    print(step, time.time(), flush=True)
    time.sleep(pause)
"""


def start_writer(folder: RunFolder, pause_s: float) -> subprocess.Popen[str]:
    """A process that logs a step every `pause_s` seconds and prints step and time after each."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder.path), str(pause_s)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("pause_s", "num_lines"), [(0.0, 3000), (0.01, 60), (0.3, 4)])
def test_a_killed_writer_loses_at_most_100_ms(tmp_path: Path, pause_s: float, num_lines: int) -> None:
    """After kill -9 every row older than 100 ms is in run.db, for fast steps, slow steps and steps longer than the commit."""
    folder = new_run(tmp_path)
    process = start_writer(folder, pause_s)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(num_lines)]
    if pause_s > 0.1:
        with RunReader(folder) as reader:  # the step that is under way keeps nobody from committing the one before it
            wait_until(lambda: (reader.last("train/loss") or (0,))[0] >= num_lines, "the watchdog's commit", 5)
    process.send_signal(signal.SIGKILL)
    killed = time.time()
    lines += [line for line in process.stdout if line.endswith("\n")]  # the kill may have cut the last one
    process.wait()
    process.stdout.close()
    logged = [(int(step), float(at)) for step, at in (line.split() for line in lines)]
    old = [step for step, at in logged if at < killed - 0.1]
    with RunReader(folder) as reader:
        steps = reader.scalars("train/loss")[0].tolist()
        assert reader.scalars("train/lr")[0].tolist() == steps
        assert reader.timing()[0].tolist() == steps
        assert steps == list(range(1, len(steps) + 1))
        assert len(steps) >= max(old, default=0)
        assert reader.status().state == "lost"


def test_the_watchdog_commits_what_a_long_step_holds_back(tmp_path: Path) -> None:
    """A row logged before a step that takes for ever is on disk soon, without any further call."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.log(1, {"train/loss": 1.0}, 1.0, 1)
    writer.log(2, {"train/loss": 2.0}, 2.0, 2)  # within 50 ms of the first, so this call does not commit it
    with RunReader(folder) as reader:
        wait_until(lambda: reader.last("train/loss") == (2, 2.0), "the watchdog's commit", 5)
    writer.close()


def test_logging_a_step_again_replaces_it(tmp_path: Path) -> None:
    """The same tag and step given twice, in one commit or two, keeps the later value."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.log(1, {"train/loss": 1.0}, 1.0, 1)
    writer.flush()
    writer.log(1, {"train/loss": 2.0}, 1.0, 1)
    writer.log(1, {"train/loss": 3.0, "train/lr": 0.1}, 9.0, 8)
    writer.close()
    with RunReader(folder) as reader:
        assert [array.tolist() for array in reader.scalars("train/loss")] == [[1], [3.0]]
        assert reader.last_timing() == (1, 9.0, 8)


def test_a_run_has_one_writer(tmp_path: Path) -> None:
    """A second process is refused in one line while the first lives, and may go on when it is dead."""
    folder = new_run(tmp_path)
    process = start_writer(folder, 0.01)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(OwnershipError, match=rf"being written by process {process.pid}"):
        RunWriter(folder)
    process.kill()
    process.wait()
    process.stdout.close()
    writer = RunWriter(folder)
    writer.close()


def test_a_full_disk_is_one_line_and_loses_nothing_that_was_logged(tmp_path: Path) -> None:
    """`log` says that the disk is full; when there is room again, the rows that could not be written are."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.flush()
    pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
    writer._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    logged = 0
    with pytest.raises(StoreError, match="the disk is full") as raised:  # noqa: PT012 - the step at which it happens is not fixed
        while logged < 1_000_000:
            logged += 1
            writer.log(logged, {"train/loss": float(logged)}, 1.0, 1)
    assert "\n" not in str(raised.value)
    assert str(folder.path) in str(raised.value)
    writer._connection.execute("PRAGMA max_page_count = 1000000")
    writer.close()
    with RunReader(folder) as reader:
        assert reader.scalars("train/loss")[0].tolist() == list(range(1, logged + 1))


LIMITED = """
import resource, sys
from pathlib import Path
from workbench.errors import DiskFullError
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

writer = RunWriter(RunFolder(Path(sys.argv[1])))
writer.flush()
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, most))
try:
    for step in range(1, 100_000):
        writer.log(step, {"train/loss": 1.0}, 1.0, 1)
        writer.flush()
except DiskFullError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
writer.close()
print(step)
"""


def test_what_else_keeps_a_file_from_growing_counts_as_a_full_disk(tmp_path: Path) -> None:
    """A limit, as a quota is one: SQLite speaks of an I/O error, and the rows are kept all the same until they can be written."""
    folder = new_run(tmp_path)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(folder.path)], capture_output=True, text=True, check=True)
    line, step = done.stdout.splitlines()
    assert "Check the disk's space, your quota there, and its health" in line
    with RunReader(folder) as reader:
        assert reader.scalars("train/loss")[0].tolist() == list(range(1, int(step) + 1))


def test_closing_lets_go_of_the_run(tmp_path: Path) -> None:
    """A run that was paused and closed has no process and stays paused; closing twice does nothing."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_status("paused", step=3, total=10)
    with RunReader(folder) as reader:
        assert reader.status().alive
    writer.close()
    writer.close()
    with RunReader(folder) as reader:
        status = reader.status()
    assert (status.state, status.alive, status.pid, status.step, status.total) == ("paused", False, None, 3, 10)


def test_the_heartbeat_goes_on_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog gives a sign of life without any call."""
    monkeypatch.setattr("workbench.runs.writer.HEARTBEAT_EVERY_S", 0.05)
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    with RunReader(folder) as reader:
        first = reader.status().heartbeat
        wait_until(lambda: reader.status().heartbeat > first, "a heartbeat", 5)
    writer.close()


def test_a_value_that_is_no_number_is_refused_at_once(tmp_path: Path) -> None:
    """`log` raises where the wrong value is given, and nothing of that step is written."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    with pytest.raises(ValueError, match="high"):
        writer.log(1, {"train/loss": 1.0, "train/lr": "high"}, 1.0, 1)  # type: ignore[dict-item]
    writer.close()
    with RunReader(folder) as reader:
        assert reader.tags() == []


def test_a_viewer_that_holds_the_database_only_delays_the_writer(tmp_path: Path) -> None:
    """While another process is in the middle of writing a command, `log` waits and then goes on."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    other = sqlite3.connect(folder.database_path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
    release.start()
    writer.log(1, {"train/loss": 1.0}, 1.0, 1)
    writer.flush()
    release.join()
    other.close()
    writer.close()
    with RunReader(folder) as reader:
        assert reader.last("train/loss") == (1, 1.0)


def holder(folder: RunFolder) -> sqlite3.Connection:
    """A connection of somebody else that holds the database for writing."""
    other = sqlite3.connect(folder.database_path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_long_lock_of_another_process_loses_nothing(tmp_path: Path) -> None:
    """Whatever is noted while another process holds the database is kept in order, without an error, and written after it."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    other = holder(folder)
    for step in range(1, 50):
        writer.log(step, {"train/loss": float(step)}, 1.0, step)
    writer.event("notice", "one", 49)
    writer.set_status("running", step=49)
    assert not writer.flush()
    other.execute("ROLLBACK")
    other.close()
    with RunReader(folder) as reader:
        wait_until(lambda: reader.last("train/loss") == (49, 49.0), "the rows", 10)
        wait_until(lambda: reader.status().state == "running", "the state", 10)
        assert [event.message for event in reader.events()] == ["one"]
    writer.close()


def test_what_is_secured_during_a_lock_outlives_the_process(tmp_path: Path) -> None:
    """`secure` puts what cannot be written beside the database; the next owner writes it once, bit for bit."""
    folder = new_run(tmp_path)
    process = start_writer(folder, 0.01)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    writer = RunWriter(folder)
    other = holder(folder)
    writer.log(100_000, {"train/loss": 0.1 + 0.2, "train/gap": float("nan"), "train/top": float("inf")}, 1.0, 1)
    writer.event("notice", "secured", 100_000)
    writer.probe(100_000, "lengths", "validation", np.arange(3), {"a": 1})
    writer.secure()
    writer._closed.set()  # as if it were killed now
    writer._watchdog.join()
    other.execute("ROLLBACK")
    other.close()
    writer._connection.close()
    for _ in range(2):
        RunWriter(folder).close()
    assert not (folder.path / "pending.jsonl").exists()
    with RunReader(folder) as reader:
        assert reader.last("train/loss") == (100_000, 0.1 + 0.2)
        assert reader.last("train/top") == (100_000, float("inf"))
        assert [event.message for event in reader.events()] == ["secured"]
        (probe,) = reader.probes("lengths")
        assert probe.array is not None
        assert probe.array.tolist() == [0, 1, 2]


def test_an_owner_that_was_replaced_writes_nothing_more(tmp_path: Path) -> None:
    """Every kind of write looks at the token: after another has taken the run, each is refused, closing included."""
    folder = new_run(tmp_path)
    first = RunWriter(folder)
    second = RunWriter(folder)  # of the same process, which may
    writes = [
        lambda: first.event("notice", "mine", 1),
        lambda: first.set_status("failed"),
        lambda: first.set_meta("device", "mine"),
        lambda: first.truncate_after(0),
        lambda: first.flush(durable=True),
        first.secure,
    ]
    for write in writes:
        with pytest.raises(OwnershipError):
            write()
    first.close()
    second.event("notice", "yours", 1)
    with RunReader(folder) as reader:
        assert [event.message for event in reader.events()] == ["yours"]
        assert reader.status().alive
    second.close()


def test_what_belongs_together_is_committed_as_one(tmp_path: Path) -> None:
    """Of a block none is seen before its end, then all."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    with RunReader(folder) as reader:
        with writer.together():
            writer.log(1, {"validation/loss": 1.0}, 1.0, 1)
            writer.event("evaluated", "x", 1)
            assert reader.events() == []
        assert len(reader.events()) == 1
        assert reader.last("validation/loss") == (1, 1.0)
    writer.close()


def test_a_series_of_which_all_is_taken_back_is_gone(tmp_path: Path) -> None:
    """No name without values stays behind, and a series of that name may begin anew."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    for step in (1, 2, 3):
        writer.log(step, {"train/loss": 1.0, **({"train/flow_penalty": 2.0} if step == 3 else {})}, 1.0, step)
    writer.truncate_after(2)
    with RunReader(folder) as reader:
        assert reader.tags() == ["train/loss"]
        writer.log(3, {"train/flow_penalty": 4.0}, 1.0, 3)
        writer.flush()
        assert reader.tags() == ["train/flow_penalty", "train/loss"]
        assert reader.last("train/flow_penalty") == (3, 4.0)
    writer.close()
