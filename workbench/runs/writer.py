"""The worker's side of a run's database: the one writer of metrics, events, probes and status."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BusyError, OwnershipError, StoreError
from workbench.runs import ownership
from workbench.runs.folder import RunFolder
from workbench.runs.pending import STATEMENTS, Item, Row, Statement, load_pending, save_pending
from workbench.runs.records import Command
from workbench.runs.reserved_room import Room
from workbench.runs.rows import RowTables
from workbench.runs.schema import connect_writable, fold, transaction, translate

__all__ = ["RunWriter"]

COMMIT_EVERY_S = 0.05
"""Shortest time between two commits of metrics."""

GRACE_S = 0.01
"""How long after it was due the watchdog takes a commit over from `log`; a row waits for 60 ms at most."""

IDLE_S = 0.04
"""How long the watchdog sleeps when nothing is due. Less than COMMIT_EVERY_S: what comes meanwhile is not due before."""

HEARTBEAT_EVERY_S = 2.0

POLL_EVERY_S = 0.005
"""`take_commands` asks the database at most this often, so that calling it at every step costs nothing."""

BUSY_S = 0.1
"""How long a commit waits for another process; what it cannot write is kept, and tried again."""

RETRY_EVERY_S = 0.25
"""Time between two tries while another process holds the database."""

MOST_PENDING = 500_000
"""Items kept in memory; with more, training waits until they can be written."""


class RunWriter:
    """Writes a run while it trains. Everything that was logged more than 100 ms ago survives `kill -9`.

    `log` only appends to a queue; the call that finds 50 ms passed commits what has gathered, and a watchdog thread does it
    when a step takes longer than that. While another process holds the database, all is kept and tried again; nothing is lost,
    and training goes on. On a full disk calls raise; what they were to write is kept as well.

    Args:
        folder: the run.
        token: with which a launcher has claimed the run for this process; "" to claim it now.
    Attributes:
        room: what is held back on the disk for `tell`.
    Raises:
        StoreError: the folder cannot be written.
        OwnershipError: another live process writes this run, or has claimed it.
    """

    def __init__(self, folder: RunFolder, token: str = "") -> None:
        self.folder = folder
        self.room = Room(folder.path)
        self._token = token or ownership.new_token()
        folder.refuse_links()
        self._connection = connect_writable(folder.database_path)
        self._lock = threading.RLock()
        # append and popleft are atomic, so `log` needs no lock
        self._pending: deque[Item] = deque()
        self._together = 0
        self._seen: set[int] = set()
        self._spooled = ""
        self._failure: StoreError | None = None
        self._blocked = False
        self._lost = False
        self._next_commit = 0.0
        self._next_heartbeat = 0.0
        self._next_poll = 0.0
        self._closed = threading.Event()
        try:
            with translate(folder.database_path):
                self._connection.execute("PRAGMA journal_mode = WAL")
                with transaction(self._connection):
                    if token:
                        ownership.check(self._connection, token, str(folder.path))
                    ownership.take(self._connection, self._token, folder.path)
                self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
                self._rows = RowTables(self._connection)
                self._load_spooled()
        except BaseException:
            self._connection.close()
            raise
        self.room.keep()
        self._watchdog = threading.Thread(target=self._watch, name="run-writer", daemon=True)
        self._watchdog.start()

    @property
    def overfull(self) -> bool:
        """Whether more is waiting to be written than should be kept in memory."""
        return len(self._pending) > MOST_PENDING

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
        self._pending.append(Row(step, {tag: float(value) for tag, value in scalars.items()}, seconds, samples))
        if self._failure is not None or (time.perf_counter() >= self._next_commit and not self._blocked):
            self.flush()

    def flush(self, *, durable: bool = False) -> bool:
        """Commit everything noted so far; False when another process holds the database, and all is kept.

        Args:
            durable: return only when the disk has it, so that not even a power cut takes it back.
        Raises:
            StoreError: it cannot be written; it is kept and tried again by the next call.
        """
        with self._lock:
            self._failure = None
            return self._commit(durable=durable) if durable or not self._together else True

    def secure(self) -> None:
        """Put everything noted so far where it outlives this process and a power cut: in run.db, or beside it while that is held.

        Raises:
            StoreError: neither can be written.
        """
        if self.flush(durable=True):
            return
        with self._lock, translate(self.folder.path):
            self._spooled = save_pending(self.folder.pending_path, list(self._pending))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is noted in the block is committed as one."""
        with self._lock:
            self._together += 1
            try:
                yield
            finally:
                self._together -= 1
            self._commit()

    def event(self, kind: str, message: str, step: int, data: Mapping[str, Any] | None = None) -> None:
        """Note that something happened; committed at once, with what was logged before it."""
        self._note("event", step, time.time(), kind, message, json.dumps(data or {}))

    def set_status(self, state: str, step: int | None = None, total: int | None = None) -> None:
        """Write the run's state, and the step and number of steps where given; committed at once."""
        self._note("status", state, step, total, time.time())

    def set_meta(self, key: str, value: Any) -> None:
        """Note a fact about the run (versions, threads, device ...); any JSON value."""
        self._note("meta", key, json.dumps(value))

    def probe(self, step: int, kind: str, name: str, array: NDArray[np.generic] | None, info: Mapping[str, Any]) -> None:
        """Keep a small array and its labels; the same kind, name and step given again replaces it."""
        shape = dtype = data = None
        if array is not None:
            shape, dtype, data = json.dumps(array.shape), array.dtype.str, np.ascontiguousarray(array).tobytes()
        self._note("probe", step, kind, name, shape, dtype, data, json.dumps(info))

    def forget_probes(self, kind: str, step: int) -> None:
        """Remove what was kept of a kind at a step."""
        self._note("forget", kind, step)

    def answer(self, command_id: int, outcome: str) -> None:
        """Tell the viewer what became of its command: "done", or why not."""
        self._note("answer", outcome, command_id)

    def decline(self, outcome: str) -> None:
        """Answer every command that has no answer yet; with the end of the run in one commit, so that none comes in between."""
        self._note("decline", time.time(), outcome)

    def _note(self, name: str, *values: Any) -> None:
        with self._lock:
            self._pending.append(Statement(name, values))
            if not self._together and not self._blocked:
                self._commit()

    def take_commands(self) -> list[Command]:
        """Commands that viewers sent and nobody took yet, oldest first. Looks at most every 5 ms: poll it freely."""
        if time.perf_counter() < self._next_poll:
            return []
        self._next_poll = time.perf_counter() + POLL_EVERY_S
        with self._lock:
            try:
                with translate(self.folder.path):
                    rows = self._connection.execute(
                        "SELECT id, verb, arguments, sent FROM commands WHERE taken IS NULL ORDER BY id"
                    ).fetchall()
            except BusyError:
                return []
            now = time.time()
            commands = [Command(number, verb, json.loads(words), sent, now) for number, verb, words, sent in rows]
            commands = [command for command in commands if command.id not in self._seen]
            for command in commands:
                self._seen.add(command.id)
                self._pending.append(Statement("taken", (now, command.id)))
            if commands and not self._blocked:
                try:
                    self._commit()
                except OwnershipError:
                    raise
                except StoreError as error:
                    self._failure = error  # what was asked is done all the same
        return commands

    def truncate_after(self, step: int, *, splits_at: tuple[str, ...] = ()) -> None:
        """Take back scalars, steps and probes past `step`: a run resumed from there writes them again.

        Args:
            step: the last step that stays.
            splits_at: what was measured at `step` itself and is taken back too: first words of tags, names of probes.
        Raises:
            BusyError: another process holds the database.
            StoreError: it cannot be written.
        """
        with self._lock:
            self._insist_on_commit()
            with translate(self.folder.path), transaction(self._connection):
                ownership.check(self._connection, self._token, str(self.folder.path))
                self._rows.take_back(step, splits_at)
            self._rows.reload()

    def close(self) -> None:
        """Commit, let go of the run and fold the write-ahead log back, so that run.db is one plain file. Safe to call twice.

        While another process holds the database it waits. What cannot be written at all is left in `pending.jsonl`.

        Raises:
            StoreError: what was logged last could not be written.
        """
        if self._closed.is_set():
            return
        self._closed.set()
        self._watchdog.join()
        try:
            if not self._lost:
                self._let_go()
        finally:
            self._connection.close()
            self.room.give()
        fold(self.folder.database_path)

    def _let_go(self) -> None:
        try:
            self.secure()
            while True:
                try:
                    self._insist_on_commit()
                    with translate(self.folder.path), transaction(self._connection):
                        ownership.check(self._connection, self._token, str(self.folder.path))
                        ownership.let_go(self._connection)
                except BusyError:
                    time.sleep(RETRY_EVERY_S)
                else:
                    return
        except OwnershipError:
            raise
        except StoreError:
            self.room.give()
            try:
                with translate(self.folder.path):
                    save_pending(self.folder.pending_path, list(self._pending))
            finally:
                with suppress(StoreError), translate(self.folder.path), transaction(self._connection):
                    ownership.check(self._connection, self._token, str(self.folder.path))
                    ownership.let_go(self._connection)
            raise

    def tell(self, state: str, message: str, step: int, data: Mapping[str, Any] | None = None) -> None:
        """Write a state and the reason for it at once, before all that waits, into the room that is held back for that.

        Where not even that is possible nothing is written, and nothing raised.
        """
        self.room.give()
        where = self.folder.path
        with self._lock, suppress(StoreError), translate(where), transaction(self._connection):
            ownership.check(self._connection, self._token, str(where))
            now = time.time()
            self._connection.execute(STATEMENTS["status"], (state, step, None, now))
            self._connection.execute(STATEMENTS["event"], (step, now, state, message, json.dumps(data or {})))

    def _load_spooled(self) -> None:
        """What an owner before this one could not write into run.db."""
        number, items = load_pending(self.folder.pending_path)
        if not number:
            return
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'spooled'").fetchone()
        if row is None or json.loads(row[0]) != number:
            self._pending.extend(items)
            self._spooled = number
            self._insist_on_commit()
        self.folder.pending_path.unlink(missing_ok=True)

    def _insist_on_commit(self) -> None:
        if not self._commit():
            raise BusyError(f"{self.folder.path}: busy with another process. Try again, or end the process that holds it.")

    def _commit(self, *, durable: bool = False, beat: bool = False) -> bool:
        """Write what is pending; False when another process holds the database."""
        if self._lost:
            raise OwnershipError(f"{self.folder.path}: another process has taken this run over; nothing was written.")
        self._next_commit = time.perf_counter() + COMMIT_EVERY_S
        items: list[Item] = []
        while self._pending:
            items.append(self._pending.popleft())
        if not (items or durable or beat):
            return True
        try:
            self._write(items, durable=durable)
        except OwnershipError:
            self._lost = True
            raise
        except BusyError:
            self._keep(items)
            self._blocked = True
            self._next_commit = time.perf_counter() + RETRY_EVERY_S
            return False
        except BaseException:
            self._keep(items)
            raise
        self._blocked = False
        self._next_heartbeat = time.perf_counter() + HEARTBEAT_EVERY_S
        if self._spooled:
            self._spooled = ""
            self.folder.pending_path.unlink(missing_ok=True)
        return True

    def _keep(self, items: list[Item]) -> None:
        self._pending.extendleft(reversed(items))
        with translate(self.folder.path):
            self._rows.reload()

    def _write(self, items: list[Item], *, durable: bool) -> None:
        with translate(self.folder.path):
            if durable:
                self._connection.execute("PRAGMA synchronous = FULL")
            try:
                with transaction(self._connection):
                    ownership.check(self._connection, self._token, str(self.folder.path))
                    self._rows.write(items)
                    if self._spooled:
                        self._connection.execute(
                            "INSERT OR REPLACE INTO meta VALUES ('spooled', ?)", (json.dumps(self._spooled),)
                        )
                    self._connection.execute("UPDATE status SET heartbeat = ?", (time.time(),))
            finally:
                if durable:
                    self._connection.execute("PRAGMA synchronous = NORMAL")

    def _watch(self) -> None:
        """Commit what is overdue: a step that takes long keeps `log` from doing it. Between fast steps `log` comes first."""
        wait_s = IDLE_S
        while not self._closed.wait(wait_s):
            now = time.perf_counter()
            overdue = bool(self._pending) and now >= self._next_commit + GRACE_S
            beat = now >= self._next_heartbeat
            if overdue or beat:
                self._commit_behind(beat=beat)
            due_s = self._next_commit + GRACE_S - time.perf_counter()
            wait_s = due_s if due_s > 0 else IDLE_S

    def _commit_behind(self, *, beat: bool) -> None:
        with self._lock:
            if self._together or self._failure is not None:
                return
            try:
                self._commit(beat=beat)
            except StoreError as error:
                self._failure = error  # `log` tries again and raises where the worker can act on it
