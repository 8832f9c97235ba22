"""Thins a long series to what a chart can show, inside SQLite: a million rows never reach Python."""

from __future__ import annotations

import sqlite3

__all__ = ["bucket_rows"]

Row = tuple[int, float | None]

_LOWEST = "SELECT step, min(value), count(*), count(value) FROM scalars WHERE tag_id = ? AND step >= ? AND step < ?"
_HIGHEST = "SELECT step, max(value) FROM scalars WHERE tag_id = ? AND step >= ? AND step < ?"
_GAP = "SELECT step, NULL FROM scalars WHERE tag_id = ? AND step >= ? AND step < ? AND value IS NULL LIMIT 1"


def bucket_rows(connection: sqlite3.Connection, tag: str, count: int, start: int | None, stop: int | None) -> list[Row]:
    """Of each of `count` ranges of steps the rows with the lowest, the highest and the first missing value, in step order.

    Args:
        connection: of a run database.
        tag: the series.
        count: number of ranges.
        start, stop: first and last step; those of the series by default.
    """
    found = connection.execute("SELECT id FROM tags WHERE name = ?", (tag,)).fetchone()
    if found is None:
        return []
    first, last = connection.execute(
        "SELECT (SELECT step FROM scalars WHERE tag_id = :tag ORDER BY step LIMIT 1),"
        " (SELECT step FROM scalars WHERE tag_id = :tag ORDER BY step DESC LIMIT 1)",
        {"tag": found[0]},
    ).fetchone()
    if first is None:
        return []
    start = first if start is None else max(first, start)
    stop = last if stop is None else min(last, stop)
    span = stop - start + 1
    if span <= 2 * count:
        query = "SELECT step, value FROM scalars WHERE tag_id = ? AND step BETWEEN ? AND ? ORDER BY step"
        return connection.execute(query, (found[0], start, stop)).fetchall()
    rows: list[Row] = []
    for index in range(count):
        # SQLite gives `step` of the row that holds the min or max, as long as a query has only one of them
        bounds = (found[0], start + index * span // count, start + (index + 1) * span // count)
        rows.extend(_extremes(connection, bounds))
    return rows


def _extremes(connection: sqlite3.Connection, bounds: tuple[int, int, int]) -> list[Row]:
    low_step, low, num_rows, num_values = connection.execute(_LOWEST, bounds).fetchone()
    if not num_rows:
        return []
    rows: dict[int, float | None] = {}
    if num_values:
        rows[low_step] = low
        high_step, high = connection.execute(_HIGHEST, bounds).fetchone()
        rows[high_step] = high
    if num_values < num_rows:
        gap_step, _ = connection.execute(_GAP, bounds).fetchone()
        rows[gap_step] = None
    return sorted(rows.items(), key=lambda row: row[0])
