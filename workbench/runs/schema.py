"""The on-disk format of a run's database, and how it is opened. Nothing outside `workbench.runs` knows either.

    meta(key, value)                      what the run is; values are JSON
    tags(id, name), scalars(tag_id, step, value)
    extremes(tag_id, block, ...)          derived from scalars: lowest and highest of every 256 steps
    steps(step, seconds, samples)         training time and samples up to and including the step
    probes(step, kind, name, shape, dtype, data, info)
    events(id, step, seconds, kind, message, data)
    commands(id, verb, arguments, sent, taken, outcome)
    status(state, step, total, heartbeat, pid, process_start, revision)   one row

A NaN is stored as NULL (SQLite knows no NaN) and read back as NaN; infinities are stored as they are.

Migration policy: `PRAGMA user_version` names the schema. A version that this code does not know is refused in one line
and never altered; from version 2 on, older versions stay readable.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import BusyError, DiskFullError, StoreError
from workbench.paths import resolved
from workbench.runs.extremes import EXTREMES_TABLE
from workbench.runs.integrity import Damaged, check_structure, examine
from workbench.saying import one_line

__all__ = [
    "SCHEMA_VERSION",
    "connect_readable",
    "connect_writable",
    "create_database",
    "examine_database",
    "fold",
    "refuse_link",
    "transaction",
    "translate",
]

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 10.0

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE scalars (
  tag_id INTEGER NOT NULL REFERENCES tags (id), step INTEGER NOT NULL, value REAL, PRIMARY KEY (tag_id, step)
) WITHOUT ROWID;
CREATE TABLE steps (step INTEGER PRIMARY KEY, seconds REAL NOT NULL, samples INTEGER NOT NULL);
CREATE TABLE probes (
  step INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, shape TEXT, dtype TEXT, data BLOB, info TEXT NOT NULL,
  UNIQUE (kind, name, step)
);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL, seconds REAL NOT NULL,
  kind TEXT NOT NULL, message TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE commands (
  id INTEGER PRIMARY KEY AUTOINCREMENT, verb TEXT NOT NULL, arguments TEXT NOT NULL,
  sent REAL NOT NULL, taken REAL, outcome TEXT
);
CREATE INDEX commands_waiting ON commands (id) WHERE taken IS NULL;
CREATE TABLE status (
  only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT NOT NULL, step INTEGER NOT NULL, total INTEGER NOT NULL,
  heartbeat REAL NOT NULL, pid INTEGER, process_start REAL, revision INTEGER NOT NULL
);
"""

_DISK_FULL = "the disk is full. Free some space there and try again."
_READ_ONLY = "cannot be written, permission denied or read-only. Give yourself write permission or choose another folder."
_ADVICE = "Take the folder from a backup; its checkpoints may still load."
_DAMAGED = f"not a run database, or damaged. {_ADVICE}"
_BUSY = f"busy for {BUSY_TIMEOUT_S:g} s with another process. Try again, or end the process that holds it."
_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that the folder exists and that you may read and write it.",
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}
# SQLite calls full only what the system calls so: not a quota that is used up, nor a file of the largest size that is allowed
_UNWRITTEN = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE_ERRNOS = {errno.ENOENT}


@contextmanager
def translate(where: Path | str, *, remedy: str = "'workbench runs' lists the runs.") -> Iterator[None]:
    """Turn what SQLite and the file system complain of into one line that names the folder or file.

    Args:
        where: the file or folder that the block works on.
        remedy: what helps where it does not exist, as a sentence.
    Raises:
        StoreError: in place of any `sqlite3.Error` or `OSError`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _kind(error)(f"{where}: {_explain_sqlite(error)}") from error
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL_ERRNOS else StoreError
        raise kind(f"{where}: {_explain_os(error, remedy)}") from error


def _kind(error: sqlite3.Error) -> type[StoreError]:
    """Full and busy pass: whoever has something to write tells them from what does not."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", 0) in _UNWRITTEN:
        return DiskFullError
    return BusyError if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else StoreError


def _explain_sqlite(error: sqlite3.Error) -> str:
    if isinstance(error, Damaged):
        return f"damaged: {one_line(str(error))}. {_ADVICE}"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in _SQLITE_REASONS:
        return _SQLITE_REASONS[code]
    if code == sqlite3.SQLITE_IOERR:
        return f"cannot be read or written: {error}. Check the disk's space, your quota there, and its health."
    return f"not a complete run database: {one_line(str(error))}. {_ADVICE}"


def _explain_os(error: OSError, remedy: str) -> str:
    if error.errno in _FULL_ERRNOS:
        return _DISK_FULL
    if error.errno in _READ_ONLY_ERRNOS:
        return _READ_ONLY
    if error.errno == errno.ENOTDIR:
        return f"not a folder; expected one. Check the path. {remedy}"
    if error.errno in _GONE_ERRNOS:
        return f"does not exist. Check the path. {remedy}"
    return f"cannot be used: {error.strerror or error}. Choose another folder."


def refuse_link(path: Path) -> None:
    """Nothing of a run is read or written through a link, which may lead out of its folder, nor from a pipe, which may hang.

    Raises:
        StoreError: the path is one of these.
    """
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):  # a name that is not there, or that the file system refuses, is no link
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
        raise StoreError(f"{path}: a pipe, socket or device; expected a run's own file or folder. Take it from a backup.")
    if stat.S_ISLNK(mode):
        raise StoreError(
            f"{path}: a link; expected a run's own file or folder, since links in a run are never followed. "
            "Put in its place what it points to."
        )


def create_database(path: Path) -> sqlite3.Connection:
    """A new, empty database at `path`, opened for writing.

    Raises:
        StoreError: the file exists or cannot be written.
    """
    if path.exists():
        raise StoreError(f"{path}: exists already; expected a new file. Choose another run folder.")
    with translate(path):
        connection = _connect(f"{resolved(path).as_uri()}?mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(f"BEGIN; {_TABLES} {EXTREMES_TABLE} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        except BaseException:
            connection.close()
            raise
    return connection


def connect_writable(path: Path) -> sqlite3.Connection:
    """An existing run database, opened for writing without changing its journal.

    Raises:
        StoreError: it is missing, damaged, read-only or of an unknown schema.
    """
    with translate(path):
        _refuse_links(path)
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        connection = _connect(f"{resolved(path).as_uri()}?mode=rw")
        try:
            _check_version(connection, path)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
    return connection


def connect_readable(path: Path) -> sqlite3.Connection:
    """An existing run database, opened for reading only, whoever writes it meanwhile.

    Where the folder cannot be written, SQLite cannot make the shared memory that a write-ahead log needs. Then the plain
    file is read as it is, or, when a log is left over from a killed worker, a temporary copy of both.

    Raises:
        StoreError: it is missing, damaged or of an unknown schema.
    """
    with translate(path):
        _refuse_links(path)
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if os.access(path.parent, os.W_OK):
            connection = _connect(f"{resolved(path).as_uri()}?mode=ro")
        elif not _log_size(path):
            connection = _connect(f"{resolved(path).as_uri()}?mode=ro&immutable=1")
        else:
            connection = _connect_to_copy(path)
        try:
            _check_version(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def examine_database(path: Path) -> None:
    """Look at everything that a database holds, before a run is gone on with or given away.

    Raises:
        StoreError: something in it is not what a run has written.
    """
    connection = connect_readable(path)
    try:
        with translate(path):
            examine(connection, f"{_TABLES} {EXTREMES_TABLE}")
    finally:
        connection.close()


def fold(path: Path) -> bool:
    """Make a database that nobody writes any more one plain file. False when someone has it open, or it may not be written."""
    if path.is_symlink() or not os.access(path.parent, os.W_OK):
        return False
    try:
        connection = _connect(f"{resolved(path).as_uri()}?mode=rw", timeout_s=0.05)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return bool(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete")
        finally:
            connection.close()
    except sqlite3.Error:
        return False


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block is committed, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connect(uri: str, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    # SQLite's own serialised mode lets several threads share a connection
    return sqlite3.connect(uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False)


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(f"{path}-wal", f"{copy}-wal")
        source = sqlite3.connect(copy)
        connection = _connect(":memory:")
        try:
            source.backup(connection)
        except BaseException:
            connection.close()
            raise
        finally:
            source.close()
    return connection


def _refuse_links(path: Path) -> None:
    """A run's database is a file of its own: through a link another run's, or no run's at all, would be read and written."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        refuse_link(file)
    if path.is_dir():
        raise StoreError(f"{path}: a folder; expected a run's database. Take it from a backup.")


def _log_size(path: Path) -> int:
    try:
        return Path(f"{path}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        check_structure(connection, f"{_TABLES} {EXTREMES_TABLE}")
        return
    advice = "Update workbench." if version > SCHEMA_VERSION else "Open it with the version of workbench that wrote it."
    raise StoreError(f"{path}: written by schema {version}; this version reads {SCHEMA_VERSION}. {advice}")
