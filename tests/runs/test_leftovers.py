"""What a worker leaves beside run.db that is killed while it closes a run, and who tidies it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs.making import finished_run, new_run
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs, name_run, remove_run
from workbench.runs.pending import Row, save_pending
from workbench.runs.reader import RunReader
from workbench.runs.schema import connect_writable

_KILLED = """
import os, signal, sys
from pathlib import Path
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

writer = RunWriter(RunFolder(Path(sys.argv[1])))
writer.log(7, {"train/loss": 1.0}, 1.0, 1)
writer.set_status(sys.argv[2], step=7)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: RunFolder, state: str) -> RunFolder:
    """A run whose worker was killed right after it had written its last state."""
    subprocess.run([sys.executable, "-c", _KILLED, str(folder.path), state], check=False)
    assert {"run.db-wal", ".room"} <= files(folder)
    return folder


def files(folder: RunFolder) -> set[str]:
    return {path.name for path in folder.path.iterdir()}


def test_an_ended_run_is_one_plain_file_once_somebody_has_looked(tmp_path: Path) -> None:
    """The listing does it; nothing is lost, what is not ours stays, and a run that was lost in its steps is left as it is."""
    plain = files(finished_run(tmp_path / "plain"))
    ended, lost = killed(new_run(tmp_path), "finished"), killed(new_run(tmp_path), "running")
    (ended.path / ".mine").write_text("somebody's", encoding="utf-8")
    before = files(lost)
    assert {run.id: (run.state, run.step) for run in list_runs(tmp_path) if run.state != "damaged"} == {
        ended.id: ("finished", 7),
        lost.id: ("lost", 7),
    }
    assert files(ended) == {*plain, ".mine"}
    assert files(lost) - {"run.db-shm"} == before - {"run.db-shm"}
    with RunReader(ended) as reader:
        assert reader.scalars("train/loss")[0].tolist() == [7]


def test_while_somebody_else_reads_it_waits(tmp_path: Path) -> None:
    """The last one to leave tidies; then the run can be named and removed as ever."""
    folder = killed(new_run(tmp_path), "stopped")
    with RunReader(folder) as other:
        other.status()
        with RunReader(folder) as reader:
            assert reader.status().state == "stopped"
        assert ".room" in files(folder)
    assert {"run.db-wal", "run.db-shm", ".room"}.isdisjoint(files(folder))
    name_run(folder, "kept")
    remove_run(folder, tmp_path)
    assert not folder.path.exists()


@pytest.mark.parametrize("written", [True, False])
def test_rows_beside_the_database_stay_unless_they_are_in_it(tmp_path: Path, *, written: bool) -> None:
    """By its number a file of rows is known to be in run.db; any other still holds what nothing else does."""
    folder = killed(new_run(tmp_path), "finished")
    number = save_pending(folder.pending_path, [Row(8, {"train/loss": 1.0}, 1.0, 1)])
    if written:
        connection = connect_writable(folder.database_path)
        connection.execute("INSERT INTO meta VALUES ('spooled', ?)", (f'"{number}"',))
        connection.close()
    RunReader(folder).close()
    assert ("pending.jsonl" in files(folder)) == (not written)
