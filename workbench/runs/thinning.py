"""Thins a long series to what a chart can show, inside SQLite: a million rows never reach Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from workbench.runs.extremes import BLOCK, GAP, HIGHEST, LOWEST

__all__ = ["bucket_rows"]

Row = tuple[int, float | None]

# each a query for the lowest (with the number of rows, and of those without a gap), for the highest, and for the first gap
_ROWS = (LOWEST, HIGHEST, GAP)
_BLOCKS = (
    "SELECT low_step, min(low), count(*), count(*) - count(gap_step) FROM extremes WHERE tag_id = ? AND block >= ? AND block < ?",
    "SELECT high_step, max(high) FROM extremes WHERE tag_id = ? AND block >= ? AND block < ?",
    "SELECT min(gap_step) FROM extremes WHERE tag_id = ? AND block >= ? AND block < ?",
)


def bucket_rows(connection: sqlite3.Connection, tag: str, count: int, start: int | None, stop: int | None) -> list[Row]:
    """Of each of `count` ranges of steps the rows with the lowest, the highest and the first missing value, in step order.

    Args:
        connection: of a run database.
        tag: the series.
        count: number of ranges.
        start, stop: first and last step; those of the series by default.
    """
    tag_row = connection.execute("SELECT id FROM tags WHERE name = ?", (tag,)).fetchone()
    if tag_row is None:
        return []
    first, last, sealed = connection.execute(
        "SELECT (SELECT step FROM scalars WHERE tag_id = :tag ORDER BY step LIMIT 1),"
        " (SELECT step FROM scalars WHERE tag_id = :tag ORDER BY step DESC LIMIT 1),"
        " (SELECT coalesce(max(block) + 1, 0) FROM extremes WHERE tag_id = :tag)",
        {"tag": tag_row[0]},
    ).fetchone()
    if first is None:
        return []
    start = first if start is None else max(first, start)
    stop = last if stop is None else min(last, stop)
    span = stop - start + 1
    if span <= 2 * count:
        query = "SELECT step, value FROM scalars WHERE tag_id = ? AND step BETWEEN ? AND ? ORDER BY step"
        return connection.execute(query, (tag_row[0], start, stop)).fetchall()
    rows: list[Row] = []
    for index in range(count):
        rows.extend(_bucket(connection, tag_row[0], sealed, start + index * span // count, start + (index + 1) * span // count))
    return rows


def _bucket(connection: sqlite3.Connection, tag: int, sealed: int, start: int, stop: int) -> Iterable[Row]:
    """The rows kept of steps start..stop-1: whole sealed blocks are not read row by row."""
    first, last = -(-start // BLOCK), min(stop // BLOCK, sealed)
    if last <= first:
        parts = [(_ROWS, start, stop)]
    else:
        parts = [(_ROWS, start, first * BLOCK), (_BLOCKS, first, last), (_ROWS, last * BLOCK, stop)]
    lows: list[tuple[float, int]] = []
    highs: list[tuple[float, int]] = []
    gaps: list[int] = []
    for (lowest, highest, gap), begin, end in parts:
        bounds = (tag, begin, end)
        low_step, low, total, whole = connection.execute(lowest, bounds).fetchone()
        if low is not None:
            lows.append((low, low_step))
            high_step, high = connection.execute(highest, bounds).fetchone()
            highs.append((-high, high_step))
        if whole < total:
            gaps.append(connection.execute(gap, bounds).fetchone()[0])
    by_step: dict[int, float | None] = {}
    if lows:
        low, step = min(lows)
        by_step[step] = low
        high, step = min(highs)
        by_step[step] = -high
    if gaps:
        by_step[min(gaps)] = None
    return sorted(by_step.items(), key=lambda row: row[0])
