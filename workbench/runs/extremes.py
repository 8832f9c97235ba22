"""The lowest and highest value of every 256 steps, kept next to the scalars so that a long series need not be read to be drawn.

A block is sealed when a series has gone past it; a row that changes in a sealed block unseals it and all later ones.
The table is derived: what it says can always be read from `scalars`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

__all__ = ["BLOCK", "EXTREMES_TABLE", "GAP", "HIGHEST", "LOWEST", "load_sealed", "seal", "unseal_after"]

BLOCK = 256

EXTREMES_TABLE = """
CREATE TABLE extremes (
  tag_id INTEGER NOT NULL REFERENCES tags (id), block INTEGER NOT NULL,
  low_step INTEGER, low REAL, high_step INTEGER, high REAL, gap_step INTEGER, PRIMARY KEY (tag_id, block)
) WITHOUT ROWID;
"""

# SQLite gives the step of the row that holds the min or max, as long as a query has only one of them
LOWEST = "SELECT step, min(value), count(*), count(value) FROM scalars WHERE tag_id = ? AND step >= ? AND step < ?"
HIGHEST = "SELECT step, max(value) FROM scalars WHERE tag_id = ? AND step >= ? AND step < ?"
GAP = "SELECT step FROM scalars WHERE tag_id = ? AND step >= ? AND step < ? AND value IS NULL ORDER BY step LIMIT 1"
_NEXT = "SELECT step FROM scalars WHERE tag_id = ? AND step >= ? ORDER BY step LIMIT 1"


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
            _seal_blocks(connection, tag, first, stop)
            sealed[tag] = stop


def _seal_blocks(connection: sqlite3.Connection, tag: int, first: int, stop: int) -> None:
    """Write the blocks first..stop-1 that hold rows. One by one: that needs no sorting, as a GROUP BY would."""
    block = first
    while block < stop:
        bounds = (tag, block * BLOCK, (block + 1) * BLOCK)
        low_step, low, num_rows, num_values = connection.execute(LOWEST, bounds).fetchone()
        if num_rows == 0:  # a series that is logged rarely: on to its next row
            following = connection.execute(_NEXT, bounds[:2]).fetchone()
            block = stop if following is None else following[0] // BLOCK
            continue
        high_step, high = connection.execute(HIGHEST, bounds).fetchone()
        (gap_step,) = (None,) if num_values == num_rows else connection.execute(GAP, bounds).fetchone()
        values = (tag, block, low_step, low, high_step, high, gap_step)
        connection.execute("INSERT OR REPLACE INTO extremes VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        block += 1


def unseal_after(connection: sqlite3.Connection, sealed: dict[int, int], step: int) -> None:
    """Forget the blocks that hold steps past `step`, before those are deleted."""
    block = (step + 1) // BLOCK
    for tag, first_open in list(sealed.items()):
        _unseal(connection, tag, block)
        sealed[tag] = min(first_open, block)


def _unseal(connection: sqlite3.Connection, tag: int, block: int) -> None:
    connection.execute("DELETE FROM extremes WHERE tag_id = ? AND block >= ?", (tag, block))
