"""What a worker has to write into run.db and has not yet: kept in memory, and in a file while run.db cannot be written.

A checkpoint must not be ahead of run.db, or a run that goes on from it would lack the rows in between. While another process
holds run.db, `pending.jsonl` keeps them; the next owner of the run writes them down first.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["STATEMENTS", "Item", "Row", "Statement", "load_pending", "save_pending"]

STATEMENTS = {
    "event": "INSERT INTO events (step, seconds, kind, message, data) VALUES (?, ?, ?, ?, ?)",
    "status": "UPDATE status SET state = ?, step = coalesce(?, step), total = coalesce(?, total), heartbeat = ?",
    "meta": "INSERT OR REPLACE INTO meta VALUES (?, ?)",
    "probe": "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)",
    "forget": "DELETE FROM probes WHERE kind = ? AND step = ?",
    "taken": "UPDATE commands SET taken = ? WHERE id = ?",
    "answer": "UPDATE commands SET outcome = ? WHERE id = ?",
    "decline": "UPDATE commands SET taken = coalesce(taken, ?), outcome = ? WHERE outcome IS NULL",
}


@dataclass(frozen=True, slots=True)
class Row:
    """The scalars of one step."""

    step: int
    scalars: dict[str, float]
    seconds: float
    samples: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Anything else: a name of STATEMENTS and its values."""

    name: str
    values: tuple[Any, ...]


Item: TypeAlias = Row | Statement


def save_pending(path: Path, items: Sequence[Item]) -> str:
    """Keep the items in a file, synced; returns the number by which it is known once they are in run.db.

    Raises:
        OSError: it cannot be written.
    """
    number = secrets.token_hex(8)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"number": number}) + "\n")
            file.writelines(json.dumps(_plain(item)) + "\n" for item in items)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return number


def load_pending(path: Path) -> tuple[str, list[Item]]:
    """Number and items of such a file; none when there is no file, or none that can be read."""
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        return str(json.loads(head)["number"]), [_item(json.loads(line)) for line in lines]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return "", []


def _plain(item: Item) -> list[Any]:
    if isinstance(item, Row):
        return ["row", item.step, item.scalars, item.seconds, item.samples]
    values = [{"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value for value in item.values]
    return [item.name, *values]


def _item(values: list[Any]) -> Item:
    name, *rest = values
    if name == "row":
        step, scalars, seconds, samples = rest
        return Row(int(step), {str(tag): float(value) for tag, value in scalars.items()}, float(seconds), int(samples))
    if name not in STATEMENTS:
        raise ValueError(name)
    return Statement(name, tuple(base64.b64decode(value["bytes"]) if isinstance(value, dict) else value for value in rest))
