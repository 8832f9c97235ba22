"""Who may write a run: one process at a time, known by a random token that stands in the run's database.

A launcher claims the run and hands the token to the process that it starts. Whoever claims it looks and takes in one transaction,
and every write of the owner looks whether the token still stands there.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from pathlib import Path
from typing import Any

from workbench.errors import OwnershipError
from workbench.runs.integrity import Damaged, check_status, decoded
from workbench.runs.process import host_name, is_here, place_of, process_start, real_state
from workbench.runs.records import Status

__all__ = ["WRITTEN_KEYS", "check", "let_go", "new_token", "owner_of", "read_status", "take", "write", "written_status"]

WRITTEN_KEYS = ("state", "step", "total", "heartbeat", "pid", "process_start", "revision", "host", "place")
_WRITTEN = (
    "SELECT state, step, total, heartbeat, pid, process_start, revision, (SELECT value FROM meta WHERE key = 'host'),"
    " (SELECT value FROM meta WHERE key = 'place') FROM status"
)


def written_status(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The status row as it was written, with the worker's host and place; None when there is none."""
    row = connection.execute(_WRITTEN).fetchone()
    if row is None:
        return None
    host, place = (decoded(text, f"meta.{key}") if text else None for key, text in zip(("host", "place"), row[-2:], strict=True))
    return check_status({**dict(zip(WRITTEN_KEYS, row, strict=True)), "host": host or "", "place": place})


def read_status(connection: sqlite3.Connection, folder: Path) -> Status:
    """Where the run stands, with its process looked up.

    Raises:
        Damaged: there is no status, or none of a run.
    """
    written = written_status(connection)
    if written is None:
        raise Damaged("it has no status")
    heartbeat, pid = written["heartbeat"], written["pid"]
    here = is_here(written["place"], folder)
    state, alive = real_state(written["state"], pid, written["process_start"], heartbeat, written["host"], here=here)
    return Status(state, written["step"], written["total"], heartbeat, pid, alive, written["revision"])


def new_token() -> str:
    """A token that nobody else has."""
    return secrets.token_hex(16)


def owner_of(connection: sqlite3.Connection) -> str:
    """The owner's token, "" when the run has none."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'owner'").fetchone()
    return str(decoded(row[0], "meta.owner", str)) if row else ""


def take(connection: sqlite3.Connection, token: str, folder: Path) -> None:
    """Make this process the owner; part of a transaction that began with the lock.

    Args:
        connection: of the run's database.
        token: that was claimed for this process, or a new one.
        folder: the run's.
    Raises:
        OwnershipError: another live process owns the run.
    """
    status, owner = read_status(connection, folder), owner_of(connection)
    mine = owner == token or status.pid == os.getpid()
    unclaimed = status.state == "starting" and not owner
    if status.alive and not (mine or unclaimed):
        raise OwnershipError(f"{folder}: being written by process {status.pid}; expected a run at rest. Stop that run first.")
    write(connection, token, folder)


def check(connection: sqlite3.Connection, token: str, where: str) -> None:
    """Look whether the token still stands there.

    Raises:
        OwnershipError: another process has taken the run over.
    """
    if owner_of(connection) != token:
        raise OwnershipError(f"{where}: another process has taken this run over; this one ends and writes nothing more.")


def let_go(connection: sqlite3.Connection) -> None:
    """The run belongs to nobody any more."""
    connection.execute("UPDATE status SET pid = NULL, process_start = NULL")
    connection.execute("DELETE FROM meta WHERE key = 'owner'")


def write(connection: sqlite3.Connection, token: str, folder: Path) -> None:
    """Note this process and a token as those to whom the run belongs; the caller has looked whether it may."""
    connection.execute("UPDATE status SET pid = ?, process_start = ?, heartbeat = ?", (os.getpid(), process_start(), time.time()))
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [("host", json.dumps(host_name())), ("owner", json.dumps(token)), ("place", json.dumps(place_of(folder)))],
    )
