"""Rows of scalars and other statements, written into the tables of run.db."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from workbench.runs.extremes import load_sealed, seal, unseal_after
from workbench.runs.pending import STATEMENTS, Item, Row

__all__ = ["RowTables"]

ROWS_A_STATEMENT = 50


class RowTables:
    """Writes items in their order, within the caller's transaction.

    Attributes:
        tags: id of each series.
        sealed: first block of each series whose extremes are open, see `extremes`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.reload()

    def reload(self) -> None:
        """Look anew: what a transaction that was rolled back had noted of tags and sealed blocks does not hold."""
        self.tags: dict[str, int] = dict(self._connection.execute("SELECT name, id FROM tags"))
        self.sealed = load_sealed(self._connection)

    def write(self, items: Sequence[Item]) -> None:
        """Write all of them; rows that follow each other go together."""
        rows: list[Row] = []
        for item in items:
            if isinstance(item, Row):
                rows.append(item)
                continue
            self._insert(rows)
            rows = []
            self._connection.execute(STATEMENTS[item.name], item.values)
        self._insert(rows)

    def take_back(self, step: int, splits_at: Sequence[str] = ()) -> None:
        """Remove scalars, steps and probes past `step`; viewers learn of it by the revision, which grows.

        Args:
            step: the last step that stays.
            splits_at: what was measured at `step` itself and goes too: first words of tags, names of probes.
        """
        execute = self._connection.execute
        unseal_after(self._connection, self.sealed, step - 1 if splits_at else step)
        for tag, number in self.tags.items():
            first = step if tag.partition("/")[0] in splits_at else step + 1
            execute("DELETE FROM scalars WHERE tag_id = ? AND step >= ?", (number, first))
        execute("DELETE FROM steps WHERE step > ?", (step,))
        execute("DELETE FROM probes WHERE step > ?", (step,))
        for name in splits_at:
            execute("DELETE FROM probes WHERE step = ? AND name = ?", (step, name))
        # a series that began after that step is none of the run's
        execute("DELETE FROM tags WHERE NOT EXISTS (SELECT 1 FROM scalars WHERE tag_id = tags.id)")
        execute("UPDATE status SET step = min(step, ?), revision = revision + 1", (step,))

    def _insert(self, rows: list[Row]) -> None:
        if not rows:
            return
        names = set[str]().union(*[row.scalars for row in rows])
        if new := names - self.tags.keys():
            self._connection.executemany("INSERT OR IGNORE INTO tags (name) VALUES (?)", [(tag,) for tag in sorted(new)])
            self.tags = dict(self._connection.execute("SELECT name, id FROM tags"))
        values: list[int | float] = []
        for row in rows:
            for tag, value in row.scalars.items():
                values += (self.tags[tag], row.step, value)
        self._insert_many("scalars", values)
        self._insert_many("steps", [value for row in rows for value in (row.step, row.seconds, row.samples)])
        steps = [row.step for row in rows]
        seal(self._connection, self.sealed, {self.tags[tag] for tag in names}, min(steps), max(steps))
        self._connection.execute("UPDATE status SET step = max(step, ?)", (steps[-1],))

    def _insert_many(self, table: str, values: list[int | float]) -> None:
        """Insert rows of three values each, many with one statement: that takes half the time of a statement a row."""
        whole = len(values) - len(values) % (3 * ROWS_A_STATEMENT)
        insert = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)"  # noqa: S608 - one of our own tables
        many = insert + ", (?, ?, ?)" * (ROWS_A_STATEMENT - 1)
        for start in range(0, whole, 3 * ROWS_A_STATEMENT):
            self._connection.execute(many, values[start : start + 3 * ROWS_A_STATEMENT])
        self._connection.executemany(insert, [values[start : start + 3] for start in range(whole, len(values), 3)])
