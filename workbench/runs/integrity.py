"""Whether a run's database is what a run has written: its tables, its values, its JSON. Whatever is wrong is `Damaged`, in words.

The structure is looked at whenever a database is opened, the values whenever they are read; everything at once (`examine`)
before a run is gone on with or given away, because then what is wrong would be carried on.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.runs.records import STATES
from workbench.saying import said

__all__ = [
    "Damaged",
    "Row",
    "array_of",
    "check_meta",
    "check_rows",
    "check_status",
    "check_structure",
    "decoded",
    "examine",
    "shape_of",
]

Row = tuple[Any, ...]


class Damaged(sqlite3.DatabaseError):
    """Something that no run has written stands in its database."""


_WHOLE, _NUMBER, _TEXT, _BYTES, _NOTHING = (
    frozenset({int}),
    frozenset({int, float}),
    frozenset({str}),
    frozenset({bytes}),
    {type(None)},
)
_KINDS: dict[str, frozenset[type]] = {
    "INTEGER": _WHOLE,
    "REAL": _NUMBER,
    "TEXT": _TEXT,
    "BLOB": _BYTES,
}
_WORDS = {"INTEGER": "a whole number", "REAL": "a number", "TEXT": "a text", "BLOB": "bytes"}
_TIMES = frozenset({"heartbeat", "created", "seconds", "sent", "taken"})
_LATEST = 1e11
"""Unix times and durations in seconds stay below, or no calendar can show them."""
_LARGEST_PID = 2**31
_MOST_AXES = 8


@cache
def _columns(sql: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """Table -> column -> (type, whether it must have a value), as the statements make them."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(sql)
        return _found(connection)
    finally:
        connection.close()


def _found(connection: sqlite3.Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    rows = connection.execute(
        'SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_schema AS m, pragma_table_info(m.name) AS c'
        " WHERE m.type = 'table'"
    )
    columns: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, needed in rows:
        columns.setdefault(table, {})[column] = (kind, bool(needed))
    return columns


def check_structure(connection: sqlite3.Connection, sql: str) -> None:
    """Compare the tables with those that `sql` makes; cheap, whatever they hold.

    Raises:
        Damaged: a table or column is missing or of another type, or something acts by itself (a view, a trigger).
    """
    strange = connection.execute("SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'trigger') LIMIT 1").fetchone()
    if strange:
        raise Damaged(f"got a {strange[0]} {said(strange[1])}; expected tables alone")
    tables = _found(connection)
    for table, columns in _columns(sql).items():
        if table not in tables:
            if not table.startswith("sqlite_"):
                raise sqlite3.DatabaseError(f"no such table: {table}")  # as SQLite itself says it
            continue
        there = tables[table]
        for column, declared in columns.items():
            if column not in there:
                raise Damaged(f"table {table} has no column {column}")
            if there[column] != declared:
                raise Damaged(f"column {table}.{column} is {said(there[column][0])}; expected {declared[0]}, as runs write it")
        if len(there) != len(columns):
            raise Damaged(f"table {table} has {len(there)} columns; expected {len(columns)}")


def examine(connection: sqlite3.Connection, sql: str) -> None:
    """Look at everything: pages, indices, and the type of every value. Takes about a second for a million rows.

    Raises:
        Damaged: something is wrong; the first thing found.
    """
    check_structure(connection, sql)
    (told,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if told != "ok":
        raise Damaged(f"its pages do not hold together ({said(told)})")
    for table, columns in _columns(sql).items():
        if not table.startswith("sqlite_"):
            _examine_table(connection, table, columns)
    if lost := connection.execute("PRAGMA foreign_key_check").fetchone():
        raise Damaged(f"table {lost[0]} has rows of a series that is not there")
    rows = connection.execute("SELECT key, value FROM meta").fetchall()
    check_meta({key: decoded(value, f"meta.{key}") for key, value in rows})
    for table, column in (("events", "data"), ("commands", "arguments"), ("probes", "info")):
        for (text,) in connection.execute(f"SELECT {column} FROM {table}"):  # noqa: S608 - our own names
            decoded(text, f"{table}.{column}", dict)


def _examine_table(connection: sqlite3.Connection, table: str, columns: dict[str, tuple[str, bool]]) -> None:
    for column, (kind, needed) in columns.items():
        allowed = {"INTEGER": ["integer"], "REAL": ["real", "integer"], "TEXT": ["text"], "BLOB": ["blob"]}[kind]
        marks = ", ".join(f"'{name}'" for name in (allowed if needed else [*allowed, "null"]))
        query = f"SELECT {column} FROM {table} WHERE typeof({column}) NOT IN ({marks}) LIMIT 1"  # noqa: S608 - our own names
        if row := connection.execute(query).fetchone():
            raise Damaged(f"{table}.{column} holds {said(row[0])}; expected {_WORDS[kind]}")


def check_rows(rows: Sequence[Row], *columns: str) -> Sequence[Row]:
    """The rows, when every value is of its column's type.

    Args:
        rows: as SQLite gave them.
        columns: `name:TYPE`, or `name:TYPE?` where NULL is a value too.
    Raises:
        Damaged: a value is of another type, or a time that no calendar knows.
    """
    if not rows:
        return rows
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        name, _, kind = column.partition(":")
        optional, kind = kind.endswith("?"), kind.removesuffix("?")
        allowed = _KINDS[kind] | (_NOTHING if optional else frozenset())
        if set(map(type, values)) - allowed:
            wrong = next(value for value in values if type(value) not in allowed)
            raise Damaged(f"{name} holds {said(wrong)}; expected {_WORDS[kind]}")
        if name.rpartition(".")[2] in _TIMES and not all(value is None or abs(value) < _LATEST for value in values):
            raise Damaged(f"{name} holds {said(max(values, key=lambda value: abs(value or 0)))}; expected a time in seconds")
    return rows


def decoded(text: Any, where: str, kind: type | None = None) -> Any:
    """The value of a JSON text.

    Args:
        text: as SQLite gave it.
        where: the column, for messages.
        kind: what it must be, None for anything.
    Raises:
        Damaged: it is no JSON, or another kind of value.
    """
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise Damaged(f"{where} holds {said(text)}; expected JSON") from None
    if kind is not None and not isinstance(value, kind):
        raise Damaged(f"{where} holds {said(value)}; expected {_JSON_WORDS[kind]}")
    return value


_JSON_WORDS: dict[type, str] = {dict: "an object", str: "a text", list: "a list", int: "a whole number", float: "a number"}
_META: dict[str, type] = {
    "experiment": dict,
    "title": str,
    "name": str,
    "preset": str,
    "tags": list,
    "note": str,
    "versions": dict,
    "host": str,
    "owner": str,
    "device": str,
    "threads": int,
    "parameters": int,
    "seed": int,
    "baselines": dict,
    "created": float,
    "snapshots": dict,
}
_TABLES = ("model", "data", "optimizer", "training", "inspect")


def check_meta(meta: dict[str, Any]) -> dict[str, Any]:
    """The facts about a run, when they are of the kinds that a run has written.

    Raises:
        Damaged: one is not.
    """
    for key, kind in _META.items():
        if key not in meta:
            continue
        value = meta[key]
        fits = isinstance(value, (int, float) if kind is float else kind) and not (kind is not bool and isinstance(value, bool))
        if not fits:
            raise Damaged(f"meta.{key} holds {said(value)}; expected {_JSON_WORDS[kind]}")
    _check_times_and_texts(meta)
    experiment = meta.get("experiment", {})
    for table in _TABLES:
        values = experiment.get(table, {})
        if not isinstance(values, dict) or not isinstance(values.get("name", ""), str):
            raise Damaged(f"meta.experiment.{table} holds {said(values)}; expected a table of settings")
    claim = experiment.get("claim")
    if not (claim is None or isinstance(claim, dict)) or not isinstance((claim or {}).get("metric", ""), str):
        raise Damaged(f"meta.experiment.claim holds {said(claim)}; expected a table of settings")
    return meta


def _check_times_and_texts(meta: dict[str, Any]) -> None:
    created = meta.get("created", 0.0)
    if not (math.isfinite(created) and abs(created) < _LATEST):
        raise Damaged(f"meta.created holds {said(created)}; expected a time in seconds")
    for key in ("tags", "baselines", "versions"):
        values = meta.get(key, [])
        for value in values.values() if isinstance(values, dict) else values:
            if not isinstance(value, str):
                raise Damaged(f"meta.{key} holds {said(value)}; expected texts")
    for key in ("parent", "git"):
        if not isinstance(meta.get(key), dict | None):
            raise Damaged(f"meta.{key} holds {said(meta[key])}; expected an object")
    parent = meta.get("parent") or {}
    if not isinstance(parent.get("run", ""), str) or not isinstance(parent.get("step", 0), int):
        raise Damaged(f"meta.parent holds {said(parent)}; expected a run and a step")


def check_status(written: dict[str, Any]) -> dict[str, Any]:
    """The status row, when its values are those of a run.

    Raises:
        Damaged: one is not.
    """
    names = ("step", "total", "heartbeat", "pid", "process_start", "revision", "state")
    kinds = ("INTEGER", "INTEGER", "REAL", "INTEGER?", "REAL?", "INTEGER", "TEXT")
    row = tuple(written[name] for name in names)
    check_rows([row], *(f"status.{name}:{kind}" for name, kind in zip(names, kinds, strict=True)))
    if written["state"] not in STATES:
        raise Damaged(f"status.state holds {said(written['state'])}; expected one of {', '.join(STATES)}")
    for name in ("step", "total"):
        if written[name] < 0:
            raise Damaged(f"status.{name} holds {written[name]}; expected none below 0")
    if written["pid"] is not None and not 0 < written["pid"] < _LARGEST_PID:
        raise Damaged(f"status.pid holds {written['pid']}; expected a process's number")
    if not isinstance(written["host"], str):
        raise Damaged(f"meta.host holds {said(written['host'])}; expected a text")
    return written


def shape_of(shape: str | None) -> tuple[int, ...]:
    """The sizes of a probe's array.

    Raises:
        Damaged: it is no list of sizes.
    """
    sizes = decoded(shape, "probes.shape", list)
    if len(sizes) > _MOST_AXES or not all(type(size) is int and size >= 0 for size in sizes):
        raise Damaged(f"probes.shape holds {said(shape)}; expected whole numbers from 0")
    return tuple(sizes)


def array_of(shape: str | None, dtype: str | None, data: bytes | None) -> NDArray[np.generic] | None:
    """The numbers of a probe, None when it has none.

    Raises:
        Damaged: shape, type and bytes do not fit each other.
    """
    if data is None:
        return None
    sizes = shape_of(shape)
    try:
        kind = np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):
        kind = np.dtype(object)
    if dtype is None or kind.kind not in "biuf" or kind.shape:
        raise Damaged(f"probes.dtype holds {said(dtype)}; expected a type of numbers")
    if math.prod(sizes) * kind.itemsize != len(data):
        raise Damaged(f"probes.data has {len(data):,} bytes; expected {math.prod(sizes):,} numbers of {kind.itemsize} bytes")
    return np.frombuffer(data, dtype=kind).reshape(sizes)
