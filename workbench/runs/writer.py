"""The worker's side of a run's database: the one writer of metrics, events, probes and status."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import StoreError
from workbench.runs.extremes import load_sealed, seal, unseal_after
from workbench.runs.folder import RunFolder
from workbench.runs.process import host_name, process_start, real_state
from workbench.runs.records import Command
from workbench.runs.schema import connect_writable, fold, transaction, translate

__all__ = ["RunWriter"]

COMMIT_EVERY_S = 0.05
"""Shortest time between two commits of metrics."""

GRACE_S = 0.01
"""How long after it was due the watchdog takes a commit over from `log`; a row waits for 60 ms at most."""

IDLE_S = 0.04
"""How long the watchdog sleeps when nothing is due. Less than COMMIT_EVERY_S: what comes meanwhile is not due before."""

ROWS_A_STATEMENT = 50

HEARTBEAT_EVERY_S = 2.0

POLL_EVERY_S = 0.005
"""`take_commands` asks the database at most this often, so that calling it at every step costs nothing."""


class RunWriter:
    """Writes a run while it trains. Everything that was logged more than 100 ms ago survives `kill -9`.

    `log` only appends to a queue; the call that finds 50 ms passed commits what has gathered, and a watchdog thread does it
    when a step takes longer than that.

    Raises:
        StoreError: the folder cannot be written, or another live process writes this run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._connection = connect_writable(folder.database_path)
        self._lock = threading.RLock()
        # append and popleft are atomic, so `log` needs no lock
        self._pending: deque[tuple[int, dict[str, float], float, int]] = deque()
        self._tags: dict[str, int] = {}
        self._sealed: dict[int, int] = {}
        self._failure: StoreError | None = None
        self._next_commit = 0.0
        self._next_heartbeat = 0.0
        self._next_poll = 0.0
        self._closed = threading.Event()
        try:
            with translate(folder.database_path):
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._take_possession()
                self._forget_uncommitted()
        except BaseException:
            self._connection.close()
            raise
        self._watchdog = threading.Thread(target=self._watch, name="run-writer", daemon=True)
        self._watchdog.start()

    def _take_possession(self) -> None:
        with transaction(self._connection):
            state, pid, started, heartbeat = self._connection.execute(
                "SELECT state, pid, process_start, heartbeat FROM status"
            ).fetchone()
            row = self._connection.execute("SELECT value FROM meta WHERE key = 'host'").fetchone()
            host = json.loads(row[0]) if row else ""
            if pid is not None and pid != os.getpid() and real_state(state, pid, started, heartbeat, host)[1]:
                raise StoreError(f"{self.folder.path}: being written by process {pid} on {host}. Stop that run first.")
            self._connection.execute(
                "UPDATE status SET pid = ?, process_start = ?, heartbeat = ?", (os.getpid(), process_start(), time.time())
            )
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('host', ?)", (json.dumps(host_name()),))

    def log(self, step: int, scalars: Mapping[str, float], seconds: float, samples: int) -> None:
        """Note the scalars of one step. The same tag and step given again replaces the value.

        Args:
            step: step after which they were measured.
            scalars: tag -> value; NaN and infinities are kept.
            seconds: training time from the run's start up to and including this step.
            samples: training samples seen up to and including this step.
        Raises:
            StoreError: what was logged before could not be written.
        """
        # converted here, where a wrong value can be traced, and not in the watchdog
        self._pending.append((step, {tag: float(value) for tag, value in scalars.items()}, seconds, samples))
        if time.perf_counter() >= self._next_commit or self._failure is not None:
            self.flush()

    def flush(self) -> None:
        """Commit everything logged so far.

        Raises:
            StoreError: it cannot be written; it is kept and tried again by the next call.
        """
        with self._lock:
            self._failure = None
            self._commit()

    def _commit(self) -> None:
        self._next_commit = time.perf_counter() + COMMIT_EVERY_S
        rows = []
        while self._pending:
            rows.append(self._pending.popleft())
        if not rows:
            return
        try:
            with translate(self.folder.path), transaction(self._connection):
                self._insert(rows)
        except BaseException:
            self._pending.extendleft(reversed(rows))
            self._forget_uncommitted()
            raise

    def _forget_uncommitted(self) -> None:
        """What a transaction that was rolled back had noted of tags and sealed blocks does not hold."""
        with translate(self.folder.path):
            self._tags = dict(self._connection.execute("SELECT name, id FROM tags"))
            self._sealed = load_sealed(self._connection)

    def _insert(self, rows: list[tuple[int, dict[str, float], float, int]]) -> None:
        names = set[str]().union(*[scalars for _, scalars, _, _ in rows])
        if new := names - self._tags.keys():
            self._connection.executemany("INSERT OR IGNORE INTO tags (name) VALUES (?)", [(tag,) for tag in sorted(new)])
            self._tags = dict(self._connection.execute("SELECT name, id FROM tags"))
        ids = self._tags
        values: list[int | float] = []
        for step, scalars, _, _ in rows:
            for tag, value in scalars.items():
                values += (ids[tag], step, value)
        self._insert_many("scalars", values)
        self._insert_many("steps", [value for step, _, seconds, samples in rows for value in (step, seconds, samples)])
        steps = [row[0] for row in rows]
        seal(self._connection, self._sealed, {ids[tag] for tag in names}, min(steps), max(steps))
        self._connection.execute("UPDATE status SET step = max(step, ?), heartbeat = ?", (steps[-1], time.time()))

    def _insert_many(self, table: str, values: list[int | float]) -> None:
        """Insert rows of three values each, many with one statement: that takes half the time of a statement a row."""
        whole = len(values) - len(values) % (3 * ROWS_A_STATEMENT)
        insert = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)"  # noqa: S608 - one of our own tables
        many = insert + ", (?, ?, ?)" * (ROWS_A_STATEMENT - 1)
        for start in range(0, whole, 3 * ROWS_A_STATEMENT):
            self._connection.execute(many, values[start : start + 3 * ROWS_A_STATEMENT])
        self._connection.executemany(insert, [values[start : start + 3] for start in range(whole, len(values), 3)])

    def event(self, kind: str, message: str, step: int, data: Mapping[str, Any] | None = None) -> None:
        """Note that something happened; committed at once, with what was logged before it."""
        with self._lock:
            self._commit()
            with translate(self.folder.path):
                self._connection.execute(
                    "INSERT INTO events (step, seconds, kind, message, data) VALUES (?, ?, ?, ?, ?)",
                    (step, time.time(), kind, message, json.dumps(data or {})),
                )

    def set_status(self, state: str, step: int | None = None, total: int | None = None) -> None:
        """Write the run's state, and the step and number of steps where given; committed at once."""
        with self._lock:
            self._commit()
            with translate(self.folder.path):
                self._connection.execute(
                    "UPDATE status SET state = ?, step = coalesce(?, step), total = coalesce(?, total), heartbeat = ?",
                    (state, step, total, time.time()),
                )

    def set_meta(self, key: str, value: Any) -> None:
        """Note a fact about the run (versions, threads, device ...); any JSON value."""
        with self._lock, translate(self.folder.path):
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def heartbeat(self) -> None:
        """Give a sign of life. The watchdog gives one every two seconds by itself."""
        with self._lock, translate(self.folder.path):
            self._next_heartbeat = time.perf_counter() + HEARTBEAT_EVERY_S
            self._connection.execute("UPDATE status SET heartbeat = ?", (time.time(),))

    def probe(self, step: int, kind: str, name: str, array: NDArray[np.generic] | None, info: Mapping[str, Any]) -> None:
        """Keep a small array and its labels; the same kind, name and step given again replaces it."""
        shape = dtype = data = None
        if array is not None:
            shape, dtype, data = json.dumps(array.shape), array.dtype.str, np.ascontiguousarray(array).tobytes()
        with self._lock, translate(self.folder.path):
            self._connection.execute(
                "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (step, kind, name, shape, dtype, data, json.dumps(info)),
            )

    def take_commands(self) -> list[Command]:
        """Commands that viewers sent and nobody took yet, oldest first. Looks at most every 5 ms: poll it freely."""
        if time.perf_counter() < self._next_poll:
            return []
        self._next_poll = time.perf_counter() + POLL_EVERY_S
        with self._lock, translate(self.folder.path):
            waiting = self._connection.execute(
                "SELECT id, verb, arguments, sent FROM commands WHERE taken IS NULL ORDER BY id"
            ).fetchall()
            if not waiting:
                return []
            now = time.time()
            with transaction(self._connection):
                self._connection.executemany("UPDATE commands SET taken = ? WHERE id = ?", [(now, row[0]) for row in waiting])
        return [Command(number, verb, json.loads(arguments), sent, now) for number, verb, arguments, sent in waiting]

    def answer(self, command_id: int, outcome: str) -> None:
        """Tell the viewer what became of its command: "done", or why not."""
        with self._lock, translate(self.folder.path):
            self._connection.execute("UPDATE commands SET outcome = ? WHERE id = ?", (outcome, command_id))

    def truncate_after(self, step: int) -> None:
        """Take back scalars, steps and probes past `step`: a run resumed from there writes them again."""
        with self._lock:
            self._commit()
            with translate(self.folder.path), transaction(self._connection):
                unseal_after(self._connection, self._sealed, step)
                self._connection.executemany(
                    "DELETE FROM scalars WHERE tag_id = ? AND step > ?", [(number, step) for number in self._tags.values()]
                )
                self._connection.execute("DELETE FROM steps WHERE step > ?", (step,))
                self._connection.execute("DELETE FROM probes WHERE step > ?", (step,))
                self._connection.execute("UPDATE status SET step = min(step, ?), revision = revision + 1", (step,))

    def close(self) -> None:
        """Commit, let go of the run and fold the write-ahead log back, so that run.db is one plain file. Safe to call twice.

        Raises:
            StoreError: what was logged last could not be written.
        """
        if self._closed.is_set():
            return
        self._closed.set()
        self._watchdog.join()
        try:
            self.flush()
            with translate(self.folder.path):
                self._connection.execute("UPDATE status SET pid = NULL, process_start = NULL")
        finally:
            self._connection.close()
        fold(self.folder.database_path)

    def _watch(self) -> None:
        """Commit what is overdue: a step that takes long keeps `log` from doing it. Between fast steps `log` comes first."""
        wait_s = IDLE_S
        while not self._closed.wait(wait_s):
            now = time.perf_counter()
            overdue = bool(self._pending) and now >= self._next_commit + GRACE_S
            if overdue or now >= self._next_heartbeat:
                self._commit_and_beat()
            due_s = self._next_commit + GRACE_S - time.perf_counter()
            wait_s = due_s if due_s > 0 else IDLE_S

    def _commit_and_beat(self) -> None:
        with self._lock:
            try:
                self._commit()
                if time.perf_counter() >= self._next_heartbeat:
                    self.heartbeat()
            except StoreError as error:
                self._failure = error  # `log` tries again and raises where the worker can act on it
