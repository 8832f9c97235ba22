"""Reading a run: while it is written, after it ended, and where nothing may be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.runs.making import finished_run, new_run
from workbench.runs.listing import remove_run
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter


def test_a_reader_sees_what_a_live_writer_commits(tmp_path: Path) -> None:
    """Ten thousand steps written by a thread are read by cursor without gap, repetition or error."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)

    def write() -> None:
        for step in range(1, 10_001):
            writer.log(step, {"train/loss": float(step)}, float(step), step)
        writer.flush()

    thread = threading.Thread(target=write)
    thread.start()
    seen: list[int] = []
    with RunReader(folder) as reader:
        while thread.is_alive() or not seen or seen[-1] < 10_000:
            steps, values = reader.scalars("train/loss", seen[-1] if seen else -1)
            assert steps.tolist() == values.tolist()
            seen.extend(steps.tolist())
    thread.join()
    writer.close()
    assert seen == list(range(1, 10_001))


def test_a_long_series_is_thinned_to_its_extremes(tmp_path: Path) -> None:
    """A single spike in fifty thousand steps survives thinning to ten columns."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    values = np.sin(np.arange(50_000) / 100)
    values[31_234], values[4_321], values[44_444] = 50.0, -50.0, np.nan
    for step, value in enumerate(values.tolist()):
        writer.log(step, {"train/loss": value}, 0.0, 0)
    writer.close()
    with RunReader(folder) as reader:
        steps, thinned = reader.buckets("train/loss", 10)
        whole_steps, whole = reader.buckets("train/loss", 25_000)
        zoomed, _ = reader.buckets("train/loss", 10, 31_230, 31_240)
    assert {4_321, 31_234, 44_444} <= set(steps.tolist())
    np.testing.assert_array_equal(thinned, values[steps])
    assert len(steps) == 21
    np.testing.assert_array_equal(whole, values[whole_steps])
    assert len(whole_steps) == 50_000
    assert zoomed.tolist() == list(range(31_230, 31_241))


def test_nan_and_infinity_come_back(tmp_path: Path) -> None:
    """NaN, which SQLite does not know, and both infinities are read as they were logged, and are never the best value."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    for step, value in enumerate([np.nan, np.inf, 2.0, -np.inf, 1.0, np.nan]):
        writer.log(step, {"train/loss": value}, 0.0, 0)
    writer.close()
    with RunReader(folder) as reader:
        np.testing.assert_array_equal(reader.scalars("train/loss")[1], [np.nan, np.inf, 2.0, -np.inf, 1.0, np.nan])
        assert np.isnan(reader.latest_values()["train/loss"])
        last = reader.last("train/loss")
        assert last is not None
        assert last[0] == 5
        assert np.isnan(last[1])
        assert reader.best("train/loss", "min") == (4, 1.0)
        assert reader.best("train/loss", "max") == (2, 2.0)


def test_unknown_series_are_empty(tmp_path: Path) -> None:
    """Asking for a series that was never logged gives empty arrays and None, not an error."""
    with RunReader(finished_run(tmp_path)) as reader:
        assert [len(array) for array in (*reader.scalars("no"), *reader.buckets("no", 10))] == [0, 0, 0, 0]
        assert reader.last("no") is None
        assert reader.best("no", "min") is None
        assert [len(array) for array in reader.timing(after=10)] == [0, 0, 0]


def test_probes_keep_arrays_and_labels(tmp_path: Path) -> None:
    """An array comes back with its type and shape, the newest step by default; the same key again replaces it."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    writer.probe(5, "predictions", "validation", images, {"items": [{"input": "é", "correct": True}]})
    writer.probe(9, "predictions", "validation", images[:, ::2], {"items": []})
    writer.probe(9, "predictions", "validation", images[:, ::2], {"items": [1]})
    writer.probe(9, "predictions", "test", None, {})
    writer.close()
    with RunReader(folder) as reader:
        (old,) = reader.probes("predictions", "validation", 5)
        test, new = reader.probes("predictions")
        assert reader.probe_steps("predictions") == [5, 9]
        assert reader.probes("gates") == []
    assert old.array is not None
    assert old.array.dtype == np.uint8
    np.testing.assert_array_equal(old.array, images)
    assert old.info == {"items": [{"input": "é", "correct": True}]}
    np.testing.assert_array_equal(new.array, images[:, ::2])
    assert (test.name, test.array, new.info) == ("test", None, {"items": [1]})


def test_events_are_read_by_cursor(tmp_path: Path) -> None:
    """Events come in order, past the id given, with their data."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.event("started", "17 parameters", 0)
    writer.event("changed", "lr 1e-4", 3, {"optimizer.lr": 1e-4})
    with RunReader(folder) as reader:
        first, second = reader.events()
        assert reader.events(after=first.id) == [second]
    writer.close()
    assert (second.step, second.kind, second.message, second.data) == (3, "changed", "lr 1e-4", {"optimizer.lr": 1e-4})


def test_taking_rows_back_tells_cursors_to_start_anew(tmp_path: Path) -> None:
    """A resume from an earlier step raises the revision and lowers the step."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    for step in range(1, 11):
        writer.log(step, {"train/loss": 1.0}, 1.0, step)
    with RunReader(folder) as reader:
        before = reader.status()
        writer.truncate_after(4)
        after = reader.status()
        assert reader.scalars("train/loss")[0].tolist() == [1, 2, 3, 4]
    writer.close()
    assert after.revision == before.revision + 1
    assert after.step == 4


def test_an_ended_run_is_one_plain_file(tmp_path: Path) -> None:
    """After the writer closed, no log is left beside run.db, and a copy of that file alone is complete."""
    folder = finished_run(tmp_path / "runs")
    assert sorted(path.name for path in folder.path.iterdir()) == ["checkpoints", "experiment.toml", "exports", "run.db"]
    assert folder.database_path.read_bytes()[18:20] == b"\x01\x01"  # the file's own mark of a database without log
    copy = tmp_path / "copy" / folder.id
    copy.mkdir(parents=True)
    shutil.copy(folder.database_path, copy)
    with RunReader(type(folder)(copy)) as reader:
        assert reader.last("train/loss") == (10, 0.1)


def test_the_last_reader_folds_the_log(tmp_path: Path) -> None:
    """A reader that was open while the worker ended leaves one plain file behind when it goes."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    reader = RunReader(folder)
    writer.log(1, {"train/loss": 1.0}, 1.0, 1)
    writer.set_status("finished", step=1)
    writer.close()
    assert reader.last("train/loss") == (1, 1.0)
    reader.close()
    assert not Path(f"{folder.database_path}-wal").exists()


def forbid_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every folder look read-only (a test may run as root, to whom permissions do not apply)."""
    monkeypatch.setattr("workbench.runs.schema.os.access", lambda _path, mode: not mode & os.W_OK)


def test_a_read_only_folder_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished run is read where nothing can be written, and no file appears beside it."""
    folder = finished_run(tmp_path)
    forbid_writing(monkeypatch)
    before = sorted(path.name for path in folder.path.iterdir())
    with RunReader(folder) as reader:
        assert reader.last("train/loss") == (10, 0.1)
        assert sorted(path.name for path in folder.path.iterdir()) == before


def test_a_killed_run_in_a_read_only_folder_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed worker left in the write-ahead log is read even where the log cannot be opened in place."""
    folder = new_run(tmp_path / "runs")
    writer = RunWriter(folder)
    writer.log(7, {"train/loss": 3.0}, 1.0, 1)
    writer.flush()
    copy = type(folder)(tmp_path / "copy" / folder.id)
    shutil.copytree(folder.path, copy.path)  # as after kill -9: the log is not folded
    writer.close()
    assert Path(f"{copy.database_path}-wal").stat().st_size > 0
    forbid_writing(monkeypatch)
    with RunReader(copy) as reader:
        assert reader.last("train/loss") == (7, 3.0)


def test_a_series_that_is_logged_rarely_is_thinned_too(tmp_path: Path) -> None:
    """Steps that lie a hundred million apart cost no more than steps in a row."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    for step in (0, 10**8, 3 * 10**8, 3 * 10**8 + 700):
        writer.log(step, {"validation/loss": float(step)}, 0.0, 0)
    writer.close()
    with RunReader(folder) as reader:
        steps, values = reader.buckets("validation/loss", 7)
    assert steps.tolist() == values.tolist() == [0, 10**8, 3 * 10**8, 3 * 10**8 + 700]


def test_a_run_that_is_removed_while_it_is_read(tmp_path: Path) -> None:
    """A reader of a removed run goes on reading what it had opened, and closes quietly."""
    folder = finished_run(tmp_path)
    reader = RunReader(folder)
    remove_run(folder, tmp_path)
    assert reader.last("train/loss") == (10, 0.1)
    reader.close()
    assert not folder.path.exists()


def test_the_schema_is_what_other_programs_rely_on(tmp_path: Path) -> None:
    """Tables and columns of schema 1; a change here needs a new version and a way to read this one."""
    connection = sqlite3.connect(finished_run(tmp_path).database_path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    columns = {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for table in tables
        if not table.startswith("sqlite_")
    }
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    assert version == 1
    assert columns == {
        "commands": ["id", "verb", "arguments", "sent", "taken", "outcome"],
        "events": ["id", "step", "seconds", "kind", "message", "data"],
        "extremes": ["tag_id", "block", "low_step", "low", "high_step", "high", "gap_step"],
        "meta": ["key", "value"],
        "probes": ["step", "kind", "name", "shape", "dtype", "data", "info"],
        "scalars": ["tag_id", "step", "value"],
        "status": ["only", "state", "step", "total", "heartbeat", "pid", "process_start", "revision"],
        "steps": ["step", "seconds", "samples"],
        "tags": ["id", "name"],
    }


def test_what_is_drawn_over_training_is_thinned_evenly(tmp_path: Path) -> None:
    """No more moments than are asked for, the first and the last among them; the numbers of the infos are read without arrays."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    for step in range(1, 102):
        for name in ("b", "a"):
            info = {"ratio": step / 8, "norms": [1.5, None, step]} if name == "b" or step % 2 else {}
            writer.probe(step, "weights", name, np.array([step]), info)
    writer.close()
    with RunReader(folder) as reader:
        whole = reader.probe_history("weights", "a")
        few = reader.probe_history("weights", "a", most=6)
        numbers = reader.probe_numbers("weights", "$.ratio", "$.norms[1]", "$.norms[2]")
        assert reader.probe_numbers("states", "$.ratio") == {}
    assert [probe.step for probe in whole] == list(range(1, 102))
    assert [probe.step for probe in few] == [1, 21, 41, 61, 81, 101]
    assert all(probe.array is not None and probe.array.tolist() == [probe.step] for probe in few)
    assert list(numbers) == ["a", "b"]
    np.testing.assert_array_equal(numbers["b"], [[step, step / 8, np.nan, step] for step in range(1, 102)])
    np.testing.assert_array_equal(numbers["a"][:2], [[1, 1 / 8, np.nan, 1], [2, np.nan, np.nan, np.nan]])
