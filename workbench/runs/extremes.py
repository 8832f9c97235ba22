"""The lowest and highest value of every 256 steps, kept next to the scalars so that a long series need not be read to be drawn.

A block is sealed when a series has gone past it; a row that changes in a sealed block unseals it and all later ones.
The table is derived: what it says can always be read from `scalars`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

__all__ = ["BLOCK", "EXTREMES_TABLE", "load_sealed", "seal", "unseal_after"]

BLOCK = 256

EXTREMES_TABLE = """
CREATE TABLE extremes (
  tag_id INTEGER NOT NULL REFERENCES tags (id), block INTEGER NOT NULL,
  low_step INTEGER, low REAL, high_step INTEGER, high REAL, gap_step INTEGER, PRIMARY KEY (tag_id, block)
) WITHOUT ROWID;
"""

# SQLite gives the columns of the row that holds the min or max, as long as a query has only one of them
_SEAL_LOWEST = f"""
INSERT OR REPLACE INTO extremes (tag_id, block, low_step, low)
SELECT tag_id, step / {BLOCK}, step, min(value) FROM scalars
WHERE tag_id = :tag AND step >= :first * {BLOCK} AND step < :stop * {BLOCK} GROUP BY step / {BLOCK}
"""  # noqa: S608 - a constant of this module
_WITHIN = f"tag_id = extremes.tag_id AND step >= extremes.block * {BLOCK} AND step < extremes.block * {BLOCK} + {BLOCK}"
_SEAL_REST = f"""
UPDATE extremes SET
  (high_step, high) = (SELECT step, max(value) FROM scalars WHERE {_WITHIN}),
  gap_step = (SELECT step FROM scalars WHERE {_WITHIN} AND value IS NULL ORDER BY step LIMIT 1)
WHERE tag_id = :tag AND block >= :first AND block < :stop
"""  # noqa: S608 - constants of this module


def load_sealed(connection: sqlite3.Connection) -> dict[int, int]:
    """First block of each series that is not sealed yet, by tag id."""
    return {tag: block + 1 for tag, block in connection.execute("SELECT tag_id, max(block) FROM extremes GROUP BY tag_id")}


def seal(connection: sqlite3.Connection, sealed: dict[int, int], tags: Collection[int], low: int, high: int) -> None:
    """Bring the table up to date after rows were written; part of the transaction that wrote them.

    Args:
        connection: of the writer.
        sealed: as from `load_sealed`; changed.
        tags: ids of the series that were written to.
        low, high: lowest and highest step written.
    """
    for tag in tags:
        first, stop = sealed.get(tag, 0), high // BLOCK
        if low // BLOCK < first:  # older rows were written again
            stop = max(stop, first)
            first = low // BLOCK
            _unseal(connection, tag, first)
            sealed[tag] = first
        if stop > first:
            bounds = {"tag": tag, "first": first, "stop": stop}
            connection.execute(_SEAL_LOWEST, bounds)
            connection.execute(_SEAL_REST, bounds)
            sealed[tag] = stop


def unseal_after(connection: sqlite3.Connection, sealed: dict[int, int], step: int) -> None:
    """Forget the blocks that hold steps past `step`, before those are deleted."""
    block = (step + 1) // BLOCK
    for tag, first_open in list(sealed.items()):
        _unseal(connection, tag, block)
        sealed[tag] = min(first_open, block)


def _unseal(connection: sqlite3.Connection, tag: int, block: int) -> None:
    connection.execute("DELETE FROM extremes WHERE tag_id = ? AND block >= ?", (tag, block))
