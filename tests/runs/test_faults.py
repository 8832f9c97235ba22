"""What is wrong with a run folder is said in one clear line."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from tests.runs.making import finished_run
from workbench.errors import StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.schema import create_database, translate
from workbench.runs.writer import RunWriter


def message_of(folder: RunFolder, opener: type[RunReader | RunWriter] = RunReader) -> str:
    """The one line with which a run refuses to be opened."""
    with pytest.raises(StoreError) as raised:
        opener(folder)
    message = str(raised.value)
    assert "\n" not in message
    assert str(folder.path) in message
    return message


@pytest.mark.parametrize("opener", [RunReader, RunWriter])
def test_another_schema_is_named(tmp_path: Path, opener: type[RunReader | RunWriter]) -> None:
    """An older and a newer schema are refused with both versions and what to do, and are not altered."""
    folder = finished_run(tmp_path)
    for version, advice in ((0, "the version of workbench that wrote it"), (2, "Update workbench")):
        connection = sqlite3.connect(folder.database_path)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
        before = folder.database_path.read_bytes()
        message = message_of(folder, opener)
        assert f"written by schema {version}; this version reads 1" in message
        assert advice in message
        assert folder.database_path.read_bytes() == before


@pytest.mark.parametrize("opener", [RunReader, RunWriter])
def test_damage_is_named(tmp_path: Path, opener: type[RunReader | RunWriter]) -> None:
    """A file that is no database, a cut one, and one without tables."""
    folder = finished_run(tmp_path)
    whole = folder.database_path.read_bytes()
    folder.database_path.write_bytes(b"This is not a database. " * 500)
    assert "not a run database, or damaged" in message_of(folder, opener)
    folder.database_path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    assert "damaged" in message_of_first_use(folder, opener)
    folder.database_path.unlink()
    connection = sqlite3.connect(folder.database_path)
    connection.execute("PRAGMA user_version = 1")
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    assert "not a complete run database: no such table" in message_of_first_use(folder, opener)


def message_of_first_use(folder: RunFolder, opener: type[RunReader | RunWriter]) -> str:
    """The line of opening, or of the first question."""

    def use() -> None:
        run = opener(folder)
        assert isinstance(run, RunReader)
        with run:
            run.status()

    with pytest.raises(StoreError) as raised:
        use()
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("opener", [RunReader, RunWriter])
def test_a_missing_run_is_named(tmp_path: Path, opener: type[RunReader | RunWriter]) -> None:
    """A folder that does not exist, and a path below a file."""
    assert "does not exist" in message_of(RunFolder(tmp_path / "none"), opener)
    (tmp_path / "file").write_text("")
    assert "does not exist" in message_of(RunFolder(tmp_path / "file" / "run"), opener)


def test_a_read_only_folder_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer says that the folder is read-only, before it has changed anything."""
    folder = finished_run(tmp_path)
    monkeypatch.setattr("workbench.runs.schema.os.access", lambda _path, mode: not mode & os.W_OK)
    assert "permission denied or read-only" in message_of(folder, RunWriter)


def test_an_existing_database_is_not_overwritten(tmp_path: Path) -> None:
    """A new database is only made where there is no file."""
    folder = finished_run(tmp_path)
    with pytest.raises(StoreError, match="exists already"):
        create_database(folder.database_path)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "permission denied or read-only"),
        (errno.EROFS, "permission denied or read-only"),
        (errno.ENOENT, "does not exist"),
        (errno.EIO, "cannot be used: Input/output error"),
    ],
)
def test_what_the_file_system_says_is_translated(number: int, words: str) -> None:
    """Each errno that a person can do something about has its own words."""
    with pytest.raises(StoreError, match=words), translate("runs/x"):
        raise OSError(number, os.strerror(number))


def test_a_real_full_device_is_translated() -> None:
    """Writing to /dev/full, where the system has it, is a full disk."""
    device = Path("/dev/full")
    if not device.exists():  # macOS has none; the errno itself is tested above
        return
    with pytest.raises(StoreError, match="the disk is full"), translate(device), device.open("wb", buffering=0) as file:
        file.write(b"x")
