"""A viewer's side of a run's database: read-only, by cursor, while the worker writes or long after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from workbench.errors import StoreError
from workbench.runs.changes import LiveChanges
from workbench.runs.folder import RunFolder
from workbench.runs.integrity import Damaged, Row, array_of, check_meta, check_rows, decoded, shape_of
from workbench.runs.leftovers import has_ended, tidy
from workbench.runs.ownership import read_status, written_status
from workbench.runs.records import Command, Event, Probe, ProbeKind, Status
from workbench.runs.schema import connect_readable, translate
from workbench.runs.thinning import bucket_rows
from workbench.saying import said

__all__ = ["RunReader"]

MOST_MOMENTS = 200
"""Steps of training at which a probe is drawn over training, at most: as many as a run has snapshots."""

Series = tuple[NDArray[np.int64], NDArray[np.float64]]

_SCALARS = ("scalars.step:INTEGER", "scalars.value:REAL?")
_STEPS = ("steps.step:INTEGER", "steps.seconds:REAL", "steps.samples:INTEGER")
_EVENTS = (
    "events.id:INTEGER",
    "events.step:INTEGER",
    "events.seconds:REAL",
    "events.kind:TEXT",
    "events.message:TEXT",
    "events.data:TEXT",
)
_PROBES = (
    "probes.step:INTEGER",
    "probes.kind:TEXT",
    "probes.name:TEXT",
    "probes.shape:TEXT?",
    "probes.dtype:TEXT?",
    "probes.data:BLOB?",
    "probes.info:TEXT",
)
_COMMANDS = (
    "commands.id:INTEGER",
    "commands.verb:TEXT",
    "commands.arguments:TEXT",
    "commands.sent:REAL",
    "commands.taken:REAL?",
    "commands.outcome:TEXT?",
)


class RunReader:
    """Reads one run. Use it as a context manager, or close it.

    A series is read from a cursor on: pass the last step seen as `after`. When `status().revision` has grown, rows were
    taken back by a resume and the cursor must start anew.

    Raises:
        StoreError: there is no run database, or it is damaged or of an unknown schema.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._connection = connect_readable(folder.database_path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database. The last one to leave a run at rest makes it one plain file, see `workbench.runs.leftovers`."""
        try:
            log_left = self._log_left()
            spooled = self._rows("SELECT value FROM meta WHERE key = 'spooled'") if log_left else []
        except StoreError:
            log_left = False  # damaged: whoever asks for its contents is told so
        self._connection.close()
        if log_left:
            with suppress(OSError, ValueError):  # not writable, or not what a worker wrote: it stays
                tidy(self.folder, spooled[0][0] if spooled else None)

    def status(self) -> Status:
        """Where the run stands, with its process looked up."""
        self.written_status()
        with translate(self.folder.path):
            return read_status(self._connection, self.folder.path)

    def written_status(self) -> dict[str, Any]:
        """The status row as it was written, with the worker's host; whether that still holds, `status` says."""
        with translate(self.folder.path):
            written = written_status(self._connection)
        if written is None:
            raise StoreError(
                f"{self.folder.path}: not a complete run database, it has no status. "
                "Take the folder from a backup; its checkpoints may still load."
            )
        return written

    def meta(self) -> dict[str, Any]:
        """What the run is: experiment, title, name, preset, tags, note, created, seed, versions, git, host, parent ..."""
        rows = self._checked("SELECT key, value FROM meta", "meta.key:TEXT", "meta.value:TEXT")
        with translate(self.folder.path):
            return check_meta({key: decoded(value, f"meta.{key}") for key, value in rows})

    def tags(self) -> list[str]:
        """Names of all series, sorted."""
        return [name for (name,) in self._checked("SELECT name FROM tags ORDER BY name", "tags.name:TEXT")]

    def scalars(self, tag: str, after: int = -1) -> Series:
        """Steps (n,) int64 and values (n,) float64 of a series, past step `after`; empty for an unknown tag."""
        rows = self._checked(
            "SELECT step, value FROM scalars WHERE tag_id = (SELECT id FROM tags WHERE name = ?) AND step > ? ORDER BY step",
            *_SCALARS,
            values=(tag, after),
        )
        return series(rows)

    def buckets(self, tag: str, count: int, start: int | None = None, stop: int | None = None) -> Series:
        """A series thinned to its extremes: of each of `count` equal ranges of steps the lowest and the highest value.

        Args:
            tag: the series.
            count: number of ranges, the columns of a chart.
            start, stop: first and last step; those of the series by default.
        Returns:
            Steps (n,) int64, growing, and values (n,) float64, n <= 3 * count. A range that holds a NaN keeps its first one,
            so that the gap shows. A series of at most 2 * count steps comes whole.
        """
        with translate(self.folder.path):
            try:
                rows = bucket_rows(self._connection, tag, count, start, stop)
            except TypeError as error:  # texts among the numbers have no order
                raise Damaged(f"series {said(tag)} holds what is no number") from error
            return series(check_rows(rows, *_SCALARS))

    def last(self, tag: str) -> tuple[int, float] | None:
        """Step and value of the newest row of a series."""
        rows = self._checked(
            "SELECT step, value FROM scalars WHERE tag_id = (SELECT id FROM tags WHERE name = ?) ORDER BY step DESC LIMIT 1",
            *_SCALARS,
            values=(tag,),
        )
        return (rows[0][0], _number(rows[0][1])) if rows else None

    def best(self, tag: str, mode: Literal["min", "max"]) -> tuple[int, float] | None:
        """Step and value of the lowest or highest finite value of a series, the earliest where there are several."""
        order = "value" if mode == "min" else "value DESC"
        rows = self._checked(
            "SELECT step, value FROM scalars WHERE tag_id = (SELECT id FROM tags WHERE name = ?)"  # noqa: S608 - of two words
            f" AND abs(value) < 9e999 ORDER BY {order}, step LIMIT 1",
            *_SCALARS,
            values=(tag,),
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def latest_values(self) -> dict[str, float]:
        """The newest value of every series, by tag."""
        rows = self._checked(
            "SELECT name, (SELECT value FROM scalars WHERE tag_id = tags.id ORDER BY step DESC LIMIT 1),"
            " EXISTS (SELECT 1 FROM scalars WHERE tag_id = tags.id) FROM tags ORDER BY name",
            "tags.name:TEXT",
            "scalars.value:REAL?",
            "tags.id:INTEGER",
        )
        return {name: _number(value) for name, value, exists in rows if exists}

    def highest_values(self) -> dict[str, float]:
        """The highest value of every series, by tag; infinity where there is a NaN among them."""
        rows = self._checked(
            "SELECT name, max(value), count(*) - count(value) FROM tags JOIN scalars ON tag_id = tags.id GROUP BY tags.id",
            "tags.name:TEXT",
            "scalars.value:REAL?",
            "tags.id:INTEGER",
        )
        return {name: math.inf if missing else value for name, value, missing in rows}

    def timing(self, after: int = -1, every: int = 1) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Steps past `after` that `every` divides, with training seconds and samples from the run's start; three arrays (n,)."""
        query = "SELECT step, seconds, samples FROM steps WHERE step > ? AND step % ? = 0 ORDER BY step"
        rows = self._checked(query, *_STEPS, values=(after, every))
        steps, seconds, samples = zip(*rows, strict=True) if rows else ((), (), ())
        return np.array(steps, np.int64), np.array(seconds, np.float64), np.array(samples, np.int64)

    def last_timing(self) -> tuple[int, float, int] | None:
        """Step, training seconds and samples of the newest step."""
        rows = self._checked("SELECT step, seconds, samples FROM steps ORDER BY step DESC LIMIT 1", *_STEPS)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def training_seconds(self) -> float:
        """Seconds spent in training steps so far, in all lives of the run; evaluations and pauses left out."""
        timing = self.last_timing()
        return timing[1] if timing else 0.0

    def events(self, after: int = 0) -> list[Event]:
        """Events past id `after`, oldest first."""
        query = "SELECT id, step, seconds, kind, message, data FROM events WHERE id > ? ORDER BY id"
        rows = self._checked(query, *_EVENTS, values=(after,))
        with translate(self.folder.path):
            return [
                Event(number, at, seconds, happened, message, decoded(data, "events.data", dict))
                for number, at, seconds, happened, message, data in rows
            ]

    def live_changes(self) -> LiveChanges:
        """The settings that were changed while the run went on, by step."""
        return LiveChanges.of(self.events())

    def probes(self, kind: str, name: str | None = None, step: int | None = None) -> list[Probe]:
        """Probes of a kind at a step (by default the newest that has any), sorted by name."""
        rows = self._rows(
            "SELECT step, kind, name, shape, dtype, data, info FROM probes"
            " WHERE kind = :kind AND name = coalesce(:name, name) AND step = coalesce(:step,"
            " (SELECT max(step) FROM probes WHERE kind = :kind AND name = coalesce(:name, name))) ORDER BY name",
            kind=kind,
            name=name,
            step=step,
        )
        return self._probes(rows)

    def probe_history(self, kind: str, name: str, most: int = MOST_MOMENTS) -> list[Probe]:
        """Arrays of a kind with one name, oldest first, without their info: small ones, that are drawn over training.

        Args:
            kind, name: which ones.
            most: how many at most; of more of them those at evenly spread ones, the first and the last among them.
        """
        query = "SELECT step FROM probes WHERE kind = ? AND name = ? ORDER BY step"
        steps = [step for (step,) in self._checked(query, "probes.step:INTEGER", values=(kind, name))]
        if len(steps) > most:
            steps = [steps[place] for place in np.linspace(0, len(steps) - 1, most).round().astype(int).tolist()]
        places = ", ".join("?" * len(steps))
        rows = self._rows(
            "SELECT step, kind, name, shape, dtype, data, '{}' FROM probes"  # noqa: S608 - question marks alone
            f" WHERE kind = ? AND name = ? AND step IN ({places}) ORDER BY step",
            kind,
            name,
            *steps,
        )
        return self._probes(rows)

    def probe_numbers(self, kind: str, *paths: str) -> dict[str, NDArray[np.float64]]:
        """Numbers of the infos of a kind over training; no array is read.

        Args:
            kind: which probes.
            paths: where a number stands in an info, as SQLite writes it (`$.norms[0]`).
        Returns:
            By the probe's name a row for each step, oldest first: the step, and the number of each path, NaN for none.
        """
        columns = "".join(f", json_extract(info, '{path}')" for path in paths)
        rows = self._checked(
            f"SELECT name, step{columns} FROM probes WHERE kind = ? ORDER BY name, step",  # noqa: S608 - of our own paths
            "probes.name:TEXT",
            "probes.step:INTEGER",
            *("probes.info:REAL?" for _ in paths),
            values=(kind,),
        )
        numbers = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), 1 + len(paths))  # None becomes NaN
        names = [row[0] for row in rows]
        starts = [place for place in range(len(rows)) if not place or names[place] != names[place - 1]]
        return {names[first]: numbers[first:last] for first, last in pairwise([*starts, len(rows)])}

    def probe_kinds(self) -> dict[str, ProbeKind]:
        """What there is of each kind of probe, by kind; no array is read, however many there are."""
        taken = self._checked(
            "SELECT DISTINCT kind, step FROM probes ORDER BY kind, step", "probes.kind:TEXT", "probes.step:INTEGER"
        )
        newest = self._checked(
            "WITH newest AS (SELECT kind, max(step) AS step FROM probes GROUP BY kind),"
            " named AS (SELECT DISTINCT kind, name FROM probes)"
            " SELECT p.kind, p.name, p.shape FROM newest JOIN named USING (kind) JOIN probes AS p"
            " ON p.kind = newest.kind AND p.name = named.name AND p.step = newest.step ORDER BY p.kind, p.name",
            "probes.kind:TEXT",
            "probes.name:TEXT",
            "probes.shape:TEXT?",
        )
        steps: dict[str, list[int]] = {}
        for kind, step in taken:
            steps.setdefault(kind, []).append(step)
        shapes: dict[str, dict[str, tuple[int, ...] | None]] = {kind: {} for kind in steps}
        with translate(self.folder.path):
            for kind, name, shape in newest:
                shapes.setdefault(kind, {})[name] = None if shape is None else shape_of(shape)
        return {kind: ProbeKind(tuple(at), shapes[kind]) for kind, at in steps.items()}

    def probe_steps(self, kind: str) -> list[int]:
        """Steps at which probes of a kind were taken."""
        query = "SELECT DISTINCT step FROM probes WHERE kind = ? ORDER BY step"
        return [step for (step,) in self._checked(query, "probes.step:INTEGER", values=(kind,))]

    def commands(self) -> list[Command]:
        """Everything that viewers asked of the worker, oldest first, with its answers."""
        rows = self._checked("SELECT id, verb, arguments, sent, taken, outcome FROM commands ORDER BY id", *_COMMANDS)
        with translate(self.folder.path):
            return [Command(row[0], row[1], decoded(row[2], "commands.arguments", dict), *row[3:]) for row in rows]

    def _probes(self, rows: Sequence[Row]) -> list[Probe]:
        with translate(self.folder.path):
            check_rows(rows, *_PROBES)
            return [
                Probe(step, kind, name, array_of(shape, dtype, data), decoded(info, "probes.info", dict))
                for step, kind, name, shape, dtype, data, info in rows
            ]

    def _checked(self, query: str, *columns: str, values: tuple[Any, ...] = ()) -> Sequence[Row]:
        """The rows of a query, when every value is of the type that its column says."""
        with translate(self.folder.path):
            return check_rows(self._rows(query, *values), *columns)

    def _rows(self, query: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        with translate(self.folder.path):
            try:
                return self._connection.execute(query, named or values).fetchall()
            except UnicodeEncodeError:  # bytes that are no text, in an argument: no row has such a name
                return []

    def _log_left(self) -> bool:
        """Whether the run is at rest and nobody has folded its write-ahead log."""
        ((journal,),) = self._rows("PRAGMA journal_mode")
        if journal != "wal":
            return False
        return has_ended(self.written_status())


def series(rows: Sequence[Row]) -> Series:
    """Rows of step and value as two arrays; NULL is NaN."""
    steps, values = zip(*rows, strict=True) if rows else ((), ())
    return np.array(steps, np.int64), np.array(values, np.float64)  # None becomes NaN


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
